"""The vocabularies that the server holds: those that come with the project, the models' own, and some from the hub.

Unpacking all of them takes some seconds and bringing one from the hub may take a minute, so none of it is done while a
visitor's keystroke waits: what is asked for is fetched one after the other on threads aside, one for those that are
here, one for the hub's. Those are strangers' files: each is opened and asked in a process of its own, and on a server
for strangers only the listed ones are. Threads may share them.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from app.exhibits.tokens.rows import Laid, Row, Ruled
from app.exhibits.tokens.strangers import UNREADABLE, Stranger, StrangerError
from app.running.limits import Limits, limits
from app.running.model import Model
from app.running.panic import is_failure
from export.runtime import exported_models
from model import faults, tokenizers
from model.study import replay
from model.study.ruler import Axis, Rule
from model.tokenizers import Vocabulary, from_hub

N_FROM_HUB = 6
"""How many vocabularies from the hub are held; the one used longest ago makes room."""
N_METHODS = 3
"""Of how many vocabularies the tables of merges are held."""
N_WANTED = 16
"""How many from the hub may be asked for at the same time."""
N_FAILED = 64
"""How many that failed are remembered."""
BARRED_S = 300.0
"""How long one that failed while it was asked is not opened again."""
DOWNLOAD_S = 120.0
OWN = "own"
"""The name of a model's own vocabulary that is none of those held here."""
UNLISTED = "This server lays only listed vocabularies beside the others ({listed}); one of your own can take any name."
MANY_WANTED = "Others are being fetched; ask for {name} again in a moment."
SLOW = "{name} did not arrive within {seconds:g} seconds; ask again in a moment."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """What became of some names."""

    loading: list[str]
    failed: dict[str, str]
    """Why there is none of this name, in one sentence; told once, so that asking again tries again."""


class Shelf:
    """What fetches some of them: those that are wanted, one after the other on a thread that ends when none is."""

    def __init__(self, name: str, fetch: Callable[[str], None]) -> None:
        self.wanted: list[str] = []
        self._name, self._fetch, self._busy = name, fetch, False
        self._lock = threading.Lock()

    def want(self, name: str) -> None:
        """Has one fetched, unless it is on its way."""
        with self._lock:
            if name not in self.wanted:
                self.wanted.append(name)
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._work, daemon=True, name=self._name).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self.wanted:
                    self._busy = False
                    return
                name = self.wanted[0]
            try:
                self._fetch(name)
            finally:
                with self._lock:
                    self.wanted.remove(name)


class Vocabularies:
    """The vocabularies, by name.

    Args:
        bounds: what a stranger's may take, and whether only listed ones are served; this process's unless given.
    """

    def __init__(self, bounds: Limits | None = None) -> None:
        self.limits = bounds or limits()
        self.known = {vocabulary.name: vocabulary for vocabulary in tokenizers.available()}
        self._cards: OrderedDict[str, Laid] = OrderedDict()
        self._models: weakref.WeakKeyDictionary[Model, Ruled] = weakref.WeakKeyDictionary()
        """Of those that are loaded: a model that is let go takes its vocabulary with it."""
        self._failed: OrderedDict[str, str] = OrderedDict()
        self._barred: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._here = Shelf("vocabularies", self._bring)
        self._hub = Shelf("vocabularies of the hub", self._bring)
        self._lock = threading.Lock()
        self._method = functools.lru_cache(N_METHODS)(self._replayed)

    def card(self, name: str) -> Laid | None:
        """A vocabulary; None as long as it is not there."""
        with self._lock:
            if name in self._cards:
                self._cards.move_to_end(name)
            return self._cards.get(name)

    def own(self, model: Model) -> tuple[str, Laid]:
        """The vocabulary of a model, as it reads texts, and the name of that vocabulary here."""
        with self._lock:
            card = self._models.get(model)
        if card is None:
            written = model.tokenizer.inner.to_str
            card = Ruled(Rule(model.tokenizer), functools.cache(lambda: replay.method(written())))
            with self._lock:
                self._models[model] = card
        names = (one.name for one in self.known.values() if model.name in (one.checkpoint, one.name))
        return next(names, OWN), card

    def row(self, name: str, card: Laid, axis: Axis, first: int) -> Row | None:
        """A vocabulary along a text; None, and it is here no more, where it failed."""
        try:
            return card.row(axis, first)
        except StrangerError as error:
            self._drop(name, str(error))
            return None

    def fetch(self, names: Iterable[str]) -> Fetched:
        """Has vocabularies fetched that are not there yet, and says which are still on their way."""
        loading, failed = [], {}
        for name in names:
            with self._lock:
                if name in self._cards:
                    continue
                why = self._failed.pop(name, None) or self._refused(name)
            if why is None:
                loading.append(name)
                (self._here if name in self.known else self._hub).want(name)
            else:
                failed[name] = why
        return Fetched(loading, failed)

    def _refused(self, name: str) -> str | None:
        """Why a name is not fetched, if it is not."""
        if name in self.known:
            return None
        if self.limits.hosted and name not in from_hub.SUGGESTED:
            return UNLISTED.format(listed=", ".join(from_hub.SUGGESTED))
        until, why = self._barred.get(name, (0.0, ""))
        if time.monotonic() < until:
            return why
        if name not in self._hub.wanted and len(self._hub.wanted) >= N_WANTED:
            return MANY_WANTED.format(name=name)
        return None

    def _bring(self, name: str) -> None:
        """Opens a vocabulary, or remembers why there is none."""
        try:
            card = self._open(name)
        except StrangerError as error:
            self._drop(name, str(error))
        except (OSError, ValueError) as error:  # the hub's and the file system's; each message is a sentence
            self._fail(name, f"{faults.said(error)}.")
        except BaseException as error:
            if not is_failure(error):
                raise
            logger.exception("no vocabulary %s", name)
            self._fail(name, UNREADABLE.format(name=name))
        else:
            with self._lock:
                self._cards[name] = card
                dropped = self._excess()
            for stranger in dropped:
                stranger.close()

    def _open(self, name: str) -> Laid:
        if name in self.known:
            rule = Rule(tokenizers.load(tokenizers.read(self.known[name])))
            return Ruled(rule, functools.partial(self._method, name))
        fetch = functools.partial(from_hub.fetch, name, folder(), self.limits.vocabulary_file_bytes)
        path = within(DOWNLOAD_S, fetch, SLOW.format(name=name, seconds=DOWNLOAD_S))
        from_hub.evict(folder(), self.limits.vocabularies_disk_bytes, path)
        return Stranger(name, path, self.limits)

    def _excess(self) -> list[Stranger]:
        """Those from the hub that must make room, taken out: of too many, or of too many bytes."""
        strangers: list[tuple[str, Stranger]] = []
        for name, card in self._cards.items():
            if isinstance(card, Stranger):
                strangers.append((name, card))
        held, dropped = sum(stranger.n_bytes for _, stranger in strangers), list[Stranger]()
        while len(strangers) > 1 and (len(strangers) > N_FROM_HUB or held > self.limits.vocabularies_memory_bytes):
            name, stranger = strangers.pop(0)
            held -= stranger.n_bytes
            dropped.append(stranger)
            del self._cards[name]
        return dropped

    def _fail(self, name: str, why: str) -> None:
        with self._lock:
            self._failed[name] = why
            while len(self._failed) > N_FAILED:
                self._failed.popitem(last=False)

    def _drop(self, name: str, why: str) -> None:
        """Forgets one that failed, and does not open it again for a while."""
        with self._lock:
            self._cards.pop(name, None)
            self._barred[name] = (time.monotonic() + BARRED_S, why)
            while len(self._barred) > N_FAILED:
                self._barred.popitem(last=False)

    def _replayed(self, name: str) -> replay.Method | None:
        """The steps that a vocabulary takes which comes with the project."""
        return replay.method(tokenizers.read(self.known[name]))

    def described(self, name: str) -> Vocabulary:
        """Name, label and kind of any vocabulary."""
        return self.known.get(name) or Vocabulary(name, name.rpartition("/")[2], "")


def folder() -> Path:
    """Where the hub's are kept on disk."""
    return exported_models.directory() / "vocabularies"


def within(seconds: float, work: Callable[[], Path], late: str) -> Path:
    """What some work gives; TimeoutError if it gives nothing in time, while its thread goes on aside."""
    done: list[Path] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not done:
        raise TimeoutError(late.removesuffix("."))
    return done[0]
