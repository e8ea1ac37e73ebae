"""How many bytes a pass leaves behind, how long a text may be for it, and freed memory given back to the system.

The allocator of glibc keeps what was freed: a server that once held a large model would hold its memory for good, and
what a picture took while it was made stays beside what is kept.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from model import taps
from model.config import Config

FLOAT = 4
"""Bytes of a number in a pass."""
WHOLE = 256
"""Tokens of a text that a GPT reads in one run; of more,"""
BLOCK = 128
"""so many at a time."""
WORTH_BYTES = 96 * 2**20
"""Giving back takes some milliseconds: it waits until so much has been let go, or the process has grown by so much."""


def pass_bytes(config: Config, n_tokens: int, n_written: int) -> int:
    """The bytes of all taps and logits of a pass.

    Args:
        config: of the model.
        n_tokens: that it reads.
        n_written: tokens that a T5 writes at most.
    """
    spoken = n_tokens if config.reader == config.speaker else n_written
    streams = dict.fromkeys((*config.streams, "pos", "query", "key"), n_tokens) | {config.streams[-1]: spoken}
    sizes = {**taps.sizes(config), "batch": 1, **streams}
    total = spoken * config.d_vocab
    for tap in taps.table(config).values():
        size = math.prod(sizes[axis] for axis in tap.lengths)
        is_causal = config.reader == config.speaker and config.stacks[config.reader].causal
        if "key" in tap.axes and is_causal and n_tokens > WHOLE:
            size = size * (n_tokens + BLOCK) // (2 * n_tokens)  # the keys of a block end with it
        total += size
    return FLOAT * total


@functools.lru_cache(256)
def most_tokens(config: Config, limit_bytes: int, n_written: int) -> int:
    """How many tokens a model may read so that the pass stays within a limit; a few in any case."""
    low, high = min(8, config.n_ctx), config.n_ctx
    while low < high:
        middle = (low + high + 1) // 2
        if pass_bytes(config, middle, n_written) <= limit_bytes:
            low = middle
        else:
            high = middle - 1
    return low


class Heap:
    """What was let go since freed memory was last given back. Threads may share it.

    Args:
        resident: tells the bytes that the process holds.
    """

    def __init__(self, resident: Callable[[], int]) -> None:
        self._resident = resident
        self._freed = self._held = 0
        self._lock = threading.Lock()

    def let_go(self, n_bytes: int) -> None:
        """So many bytes are, or soon will be, in use no longer."""
        with self._lock:
            self._freed += n_bytes

    def settle(self) -> None:
        """Gives freed memory back, if it is worth it. Of what the process has grown by meanwhile, nobody knows how much
        is in use; so that counts as well.
        """
        with self._lock:
            if self._freed + self._resident() - self._held < WORTH_BYTES:
                return
            self._freed = 0
            give_back()
            self._held = self._resident()


def give_back() -> None:
    """Has glibc return what is free; elsewhere the allocator does so by itself."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library, such as musl
            ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int:
    """The memory of this process that is in use or was, without mapped files; 0 where the system does not tell."""
    try:
        told = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    _, resident, shared, *_ = map(int, told)
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


heap = Heap(resident_bytes)
"""That of this process."""
