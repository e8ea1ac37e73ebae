"""The memory of cache values: bounded in bytes, oldest out first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.running.lru import LruCache


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    cache: LruCache[str, int] = LruCache(limit_bytes=10)
    for key, value in (("a", 1), ("b", 2)):
        cache.put(key, value, size=4)
    assert cache.get("a") == 1
    cache.put("c", 3, size=4)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_a_key_put_twice_counts_once() -> None:
    cache: LruCache[str, int] = LruCache(limit_bytes=10)
    cache.put("a", 1, size=6)
    cache.put("a", 2, size=5)
    assert (cache.get("a"), cache.held_bytes, len(cache)) == (2, 5, 1)


def test_the_newest_is_kept_even_if_it_is_too_large() -> None:
    cache: LruCache[str, int] = LruCache(limit_bytes=10)
    cache.put("a", 1, size=3)
    cache.put("b", 2, size=50)
    assert (cache.get("a"), cache.get("b")) == (None, 2)
    cache.put("c", 3, size=3)
    assert (cache.get("b"), cache.held_bytes) == (None, 3)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 12))))
def test_it_never_holds_more_than_its_limit_and_the_newest(puts: list[tuple[int, int]]) -> None:
    cache: LruCache[int, int] = LruCache(limit_bytes=20)
    for key, size in puts:
        cache.put(key, size, size)
        assert cache.held_bytes <= 20
        assert cache.get(key) == size
    held = [value for key in range(9) if (value := cache.get(key)) is not None]
    assert sum(held) == cache.held_bytes
