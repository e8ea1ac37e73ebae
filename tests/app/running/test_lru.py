"""The memory of recent values: bounded in bytes, oldest out first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.running.lru import Recent


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    recent: Recent[str, int] = Recent(limit_bytes=10)
    for key, value in (("a", 1), ("b", 2)):
        recent.put(key, value, size=4)
    assert recent.get("a") == 1
    recent.put("c", 3, size=4)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]


def test_a_key_put_twice_counts_once() -> None:
    recent: Recent[str, int] = Recent(limit_bytes=10)
    recent.put("a", 1, size=6)
    recent.put("a", 2, size=5)
    assert (recent.get("a"), recent.held_bytes, len(recent)) == (2, 5, 1)


def test_the_newest_is_kept_even_if_it_is_too_large() -> None:
    recent: Recent[str, int] = Recent(limit_bytes=10)
    recent.put("a", 1, size=3)
    recent.put("b", 2, size=50)
    assert (recent.get("a"), recent.get("b")) == (None, 2)
    recent.put("c", 3, size=3)
    assert (recent.get("b"), recent.held_bytes) == (None, 3)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 12))))
def test_it_never_holds_more_than_its_limit_and_the_newest(puts: list[tuple[int, int]]) -> None:
    recent: Recent[int, int] = Recent(limit_bytes=20)
    for key, size in puts:
        recent.put(key, size, size)
        assert recent.held_bytes <= 20
        assert recent.get(key) == size
    held = [value for key in range(9) if (value := recent.get(key)) is not None]
    assert sum(held) == recent.held_bytes
