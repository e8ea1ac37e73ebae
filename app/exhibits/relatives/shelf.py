"""The vocabularies that cut the text as a published model would, of those that come with the project.

Opening one takes up to half a second, so that no keystroke waits for it: a frame is given one that is here, and the
browser asks for another once typing rests. Threads may share them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from model import tokenizers
from model.relatives.table import Relative
from model.tokenizer import Tokenizer

N_HELD = 3
"""How many are held; the one used longest ago makes room."""
KNOWN = {vocabulary.name: vocabulary for vocabulary in tokenizers.FIELD}


class Shelf:
    """Vocabularies by name, opened once."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Tokenizer] = OrderedDict()
        self._lock, self._opening = threading.Lock(), threading.Lock()

    def held(self, model: Relative) -> Tokenizer | None:
        """A model's vocabulary, if it is open."""
        with self._lock:
            found = self._held.get(model.vocabulary or "")
            if found is not None:
                self._held.move_to_end(model.vocabulary or "")
            return found

    def opened(self, model: Relative) -> Tokenizer | None:
        """A model's vocabulary, opened if need be; None where there is none here."""
        if model.vocabulary is None:
            return None
        with self._opening:
            found = self.held(model)
            if found is None:
                found = tokenizers.load(tokenizers.read(KNOWN[model.vocabulary]))
                with self._lock:
                    self._held[model.vocabulary] = found
                    while len(self._held) > N_HELD:
                        self._held.popitem(last=False)
            return found
