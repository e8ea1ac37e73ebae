"""Who may attend to whom under a mask that a person lays over a model, from the papers, and how many pairs that leaves.

A mask is named as in the page's address: a kind and its numbers, "longformer:4:1". Axes: query, key.
"""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Allowed = NDArray[np.bool_]


def own(n: int, *, causal: bool) -> Allowed:
    """What the model allows by itself."""
    return np.tri(n, dtype=bool) if causal else np.ones((n, n), dtype=bool)


def allowed(mask: str, n: int, *, causal: bool) -> Allowed:
    """What a mask leaves of it, but for the blocks that BigBird draws. A token that is left nothing reads itself."""
    kind, _, rest = mask.partition(":")
    may = own(n, causal=causal)
    if kind == "painted":
        may &= ~painted(rest, n)
    else:
        may &= PATTERNS[kind](n, *(int(number) for number in rest.split(":")))
    return may | np.diag(~may.any(axis=1))


def window(n: int, w: int) -> Allowed:
    """The last w tokens, the token itself counted, and as many ahead (Jiang et al. 2023, sec. 2)."""
    return np.abs(_back(n)) < w


def strided(n: int, stride: int) -> Allowed:
    """The last tokens of a stride, and every one a stride apart (Child et al. 2019, sec. 4.3)."""
    return (np.abs(_back(n)) < stride) | (_back(n) % stride == 0)


def fixed(n: int, stride: int, summary: int) -> Allowed:
    """The own block, and the last tokens of each (Child et al. 2019, sec. 4.3)."""
    block = np.arange(n) // stride
    return (block[:, None] == block) | (np.arange(n) % stride >= stride - summary)


def longformer(n: int, w: int, n_global: int) -> Allowed:
    """Half a window on each side; the first tokens see all and are seen by all (Beltagy et al. 2020, sec. 3.1)."""
    front = np.arange(n) < n_global
    return (np.abs(_back(n)) <= w // 2) | front[:, None] | front


def bigbird(n: int, block: int, n_global: int, n_random: int, seed: int) -> Allowed:
    """The own block and its neighbours, the first ones as Longformer's tokens (Zaheer et al. 2020, appendix D)."""
    blocks, front = np.arange(n) // block, np.arange(n) // block < n_global
    return (np.abs(blocks[:, None] - blocks) <= 1) | front[:, None] | front


def document(n: int, *starts: int) -> Allowed:
    """Tokens of one document."""
    of = (np.arange(n)[:, None] >= np.array(starts)).sum(axis=1)
    return of[:, None] == of


def painted(size_and_bits: str, n: int) -> Allowed:
    """What is forbidden by hand: a square of the first tokens, row by row, eight cells a byte, in base64url."""
    size, _, bits = size_and_bits.partition(".")
    cells = np.unpackbits(np.frombuffer(base64.urlsafe_b64decode(bits + "=" * (-len(bits) % 4)), np.uint8))
    over, side = np.zeros((n, n), dtype=bool), min(n, int(size))
    over[:side, :side] = cells[: int(size) ** 2].reshape(int(size), int(size))[:side, :side]
    return over


def paint(forbidden: Allowed) -> str:
    """The name of a mask painted so."""
    bits = base64.urlsafe_b64encode(np.packbits(forbidden).tobytes()).decode().rstrip("=")
    return f"painted:{len(forbidden)}.{bits}"


def _back(n: int) -> NDArray[np.int_]:
    at = np.arange(n)
    return at[:, None] - at


PATTERNS: dict[str, Callable[..., Allowed]] = {
    "window": window,
    "strided": strided,
    "fixed": fixed,
    "longformer": longformer,
    "bigbird": bigbird,
    "document": document,
}


def others(mask: str, n: int, *, causal: bool) -> list[list[int]]:
    """For each block of BigBird's the blocks from which some are drawn: those that it does not see anyway."""
    block, n_global, _, _ = (int(number) for number in mask.split(":")[1:])
    n_blocks = math.ceil(n / block)
    return [
        [other for other in range(n_global, at - 1 if causal else n_blocks) if abs(other - at) > 1 and at >= n_global]
        for at in range(n_blocks)
    ]


@functools.cache
def pairs(mask: str, n: int, *, causal: bool) -> int:
    """How many pairs it leaves of so many tokens, counted; BigBird's draws by their expectation."""
    kind, *numbers = mask.split(":")
    count = float(np.count_nonzero(allowed(mask, n, causal=causal)))
    if kind == "bigbird":
        block, n_random = int(numbers[0]), int(numbers[2])
        sizes = [min(block, n - at * block) for at in range(math.ceil(n / block))]
        n_global = int(numbers[1])
        before = np.concatenate([[0], np.cumsum(sizes)])
        for at, size in enumerate(sizes):
            if at < n_global:
                continue
            behind = (max(n_global, at - 1) - n_global, before[max(n_global, at - 1)] - before[n_global])
            ahead = (len(sizes) - at - 2, n - before[min(at + 2, len(sizes))]) if not causal else (0, 0)
            left = behind[0] + max(0, ahead[0])
            if left:
                count += size * min(n_random, left) / left * (behind[1] + ahead[1])
    return round(count)
