"""A cache of the values used last, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """A mapping that forgets what was used longest ago, once all it holds is larger than a limit. Threads may share it.

    Args:
        limit_bytes: how much it may hold. The newest value is kept even if it is larger than this alone.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.held_bytes = 0
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """The value of a key, which now counts as used; None if it is not, or no longer, here."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def values(self, is_wanted: Callable[[Key], bool]) -> list[Value]:
        """The values of some keys, the one used last in front; none counts as used for it."""
        with self._lock:
            return [value for key, (value, _) in reversed(self._entries.items()) if is_wanted(key)]

    def put(self, key: Key, value: Value, size: int) -> int:
        """Keeps a value of `size` bytes, and forgets the oldest ones until everything fits; gives their bytes."""
        freed = 0
        with self._lock:
            if key in self._entries:
                freed += self._entries.pop(key)[1]
            self._entries[key] = (value, size)
            self.held_bytes += size - freed
            while self.held_bytes > self.limit_bytes and len(self._entries) > 1:
                _, (_, forgotten) = self._entries.popitem(last=False)
                self.held_bytes -= forgotten
                freed += forgotten
        return freed

    def forget(self, is_gone: Callable[[Key], bool]) -> None:
        """Forgets the values of some keys."""
        with self._lock:
            for key in [key for key in self._entries if is_gone(key)]:
                self.held_bytes -= self._entries.pop(key)[1]
