"""The vocabularies that the server holds: those that come with the project, the models' own, and some from the hub.

Unpacking all of them takes some seconds and bringing one from the hub may take a minute, so none of it is done while a
visitor's keystroke waits: what is asked for is fetched one after the other on a thread aside. Threads
may share them.
"""

from __future__ import annotations

import functools
import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from app.running.model import Model
from model import tokenizers
from model.study import replay
from model.study.ruler import Axis, Rule
from model.tokenizers import Vocabulary, from_hub
from model.tokenizers.languages import ARTICLE_1

N_FROM_HUB = 6
"""How many vocabularies from the hub are held; the one used longest ago makes room."""
N_METHODS = 3
"""Of how many vocabularies the tables of merges are held."""
OWN = "own"
"""The name of a model's own vocabulary that is none of those held here."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Card:
    """What is told of a vocabulary once it is there, whatever the text."""

    rule: Rule
    costs: tuple[int, ...]
    """Tokens for each translation in `ARTICLE_1`."""
    lost: tuple[int, ...]
    """Characters of each that it loses."""

    @classmethod
    def of(cls, rule: Rule) -> Card:
        """Measures a vocabulary on the paragraph in every language."""
        axes = [Axis(translation.text) for translation in ARTICLE_1]
        cuts = [rule.cut(axis) for axis in axes]
        lost = tuple(rule.lost(axis, cut) for cut, axis in zip(cuts, axes, strict=True))
        return cls(rule, tuple(len(cut.ids) for cut in cuts), lost)


@dataclass(frozen=True)
class Fetched:
    """What became of some names."""

    loading: list[str]
    failed: dict[str, str]
    """Why there is none of this name, in one sentence; told once, so that asking again tries again."""


class Vocabularies:
    """The vocabularies, by name."""

    def __init__(self) -> None:
        self.known = {vocabulary.name: vocabulary for vocabulary in tokenizers.available()}
        self._cards: OrderedDict[str, Card] = OrderedDict()
        self._models: dict[str, Card] = {}
        self._failed: dict[str, str] = {}
        self._wanted: list[str] = []
        self._busy = False
        self._lock = threading.Lock()
        self.method = functools.lru_cache(N_METHODS)(self._method)

    def card(self, name: str) -> Card | None:
        """What is told of a vocabulary; None as long as it is not there."""
        with self._lock:
            if name in self._cards:
                self._cards.move_to_end(name)
            return self._cards.get(name)

    def own(self, model: Model) -> tuple[str, Card]:
        """The vocabulary of a model, as it reads texts, and the name of that vocabulary here."""
        if model.name not in self._models:
            self._models[model.name] = Card.of(Rule(model.tokenizer))
        names = (one.name for one in self.known.values() if model.name in (one.checkpoint, one.name))
        return next(names, OWN), self._models[model.name]

    def fetch(self, names: Iterable[str]) -> Fetched:
        """Has vocabularies fetched that are not there yet, and says which are still on their way."""
        with self._lock:
            names = [name for name in names if name not in self._cards]
            failed = {name: self._failed.pop(name) for name in names if name in self._failed}
            loading = [name for name in names if name not in failed]
            self._wanted += [name for name in loading if name not in self._wanted]
            if self._wanted and not self._busy:
                self._busy = True
                threading.Thread(target=self._work, daemon=True, name="vocabularies").start()
            return Fetched(loading, failed)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._busy = False
                    return
                name = self._wanted[0]
            card, reason = None, ""
            try:
                card = Card.of(Rule(tokenizers.load(self._read(name))))
            except (OSError, ValueError) as error:  # the hub's and the file system's; each message is a sentence
                reason = f"{error}."
            except Exception:
                logger.exception("no vocabulary %s", name)
                reason = f"The tokenizer.json of {name} could not be read by this version of tokenizers."
            with self._lock:
                self._wanted.remove(name)
                if card is None:
                    self._failed[name] = reason
                else:
                    self._cards[name] = card
                    others = [held for held in self._cards if held not in self.known]
                    for forgotten in itertools.islice(others, max(0, len(others) - N_FROM_HUB)):
                        del self._cards[forgotten]

    def _read(self, name: str) -> str:
        if vocabulary := self.known.get(name):
            return tokenizers.read(vocabulary)
        return from_hub.fetch(name).read_text(encoding="utf-8")

    def _method(self, name: str) -> replay.Method | None:
        """The steps that a vocabulary takes."""
        return replay.method(self._read(name))

    def described(self, name: str) -> Vocabulary:
        """Name, label and kind of any vocabulary."""
        return self.known.get(name) or Vocabulary(name, name.rpartition("/")[2], "")
