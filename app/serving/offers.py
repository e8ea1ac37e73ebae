"""The ready models that a server offers besides its own: what each repository of `CUTAWAY_MODELS` tells of itself,
asked of the hub once the page answers, and again as long as it is out of reach.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from export.runtime import ready
from export.runtime.ready import Manifest, Ready, UnfitError
from model import zoo

AGAIN_S = 60.0
"""How long it waits before it asks a hub anew that was out of reach."""

logger = logging.getLogger(__name__)


class Offers:
    """What can be fetched though no torch is here.

    Args:
        listed: the repositories.
        ask: gives the manifest of one; the hub's unless given.
    """

    def __init__(self, listed: Sequence[Ready], ask: Callable[[Ready], Manifest] = ready.manifest) -> None:
        self._left = list(listed)
        self._ask = ask
        self._entries: tuple[zoo.Entry, ...] = ()
        self._ends = threading.Event()

    def entries(self) -> tuple[zoo.Entry, ...]:
        """Those that told what they are, in the picker's form."""
        return self._entries

    def begin(self) -> None:
        """Asks in a thread of its own; without a list there is nothing to ask."""
        if self._left:
            threading.Thread(target=self._look, daemon=True).start()

    def end(self) -> None:
        """Asks no further."""
        self._ends.set()

    def _look(self) -> None:
        while self._left and not self._ends.is_set():
            self.look()
            if self._left:
                self._ends.wait(AGAIN_S)

    def look(self) -> None:
        """Asks those that have not told yet, each once; one that is not fit is asked no more."""
        for one in list(self._left):
            try:
                entry = self._ask(one).entry(one.repository)
            except FileNotFoundError as error:
                logger.warning("%s", error)
                continue
            except UnfitError as error:
                logger.error("%s is not offered: %s", one.repository, error)
                self._left.remove(one)
                continue
            self._left.remove(one)
            self._entries = (*self._entries, entry)
