"""A run uses the memory again that the run before it freed."""

from __future__ import annotations

import platform
import resource

import numpy as np
import pytest

from export.runtime.session import Session
from model import zoo

N_TOKENS = 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's allocator can be told so")
def test_a_run_like_the_one_before_asks_the_system_for_next_to_no_page():
    """Where the allocator gives back what is freed, such a run asks for tens of thousands of pages, and clears each."""
    session = Session(zoo.CHECKPOINTS / "gpt")
    patterns = [name for name in session.outputs if name.endswith("hook_pattern")]
    ids = np.random.default_rng(0).integers(5, session.config.d_vocab, N_TOKENS)

    def pages() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        session.run(ids, taps=patterns)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    first, *others = [pages() for _ in range(5)]
    assert first > 5_000, "it is a run that needs memory"
    assert min(others) < 1_000
