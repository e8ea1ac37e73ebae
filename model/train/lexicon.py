"""The baseline for translation: word by word, each word as the one that occurs most in step with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

WORD = re.compile(r"\w+(?:['’-]\w+)*['’]?|[^\w\s]")


def words(text: str) -> list[str]:
    """Words and punctuation marks, in lower case."""
    return WORD.findall(text.lower())


class Lexicon:
    """A dictionary by co-occurrence.

    The translation of a word is the one with the largest Dice coefficient 2 c(e, f) / (c(e) + c(f)), counted in
    sentence pairs (Melamed 2000, section 3). Words that were never seen stay as they are.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        together: Counter[tuple[str, str]] = Counter()
        english_in: Counter[str] = Counter()
        french_in: Counter[str] = Counter()
        for english, french in pairs:
            of_english, of_french = set(words(english)), set(words(french))
            english_in.update(of_english)
            french_in.update(of_french)
            together.update((e, f) for e in of_english for f in of_french)
        best: dict[str, tuple[float, str]] = {}
        for (e, f), count in together.items():
            best[e] = max(best.get(e, (0.0, "")), (2 * count / (english_in[e] + french_in[f]), f))
        self.entries = {e: f for e, (_, f) in best.items()}

    def translate(self, text: str) -> str:
        """Word by word, in the order of the English, with a capital at the beginning."""
        french = " ".join(self.entries.get(word, word) for word in words(text))
        french = re.sub(r"\s+([.,])", r"\1", re.sub(r"(['’])\s+", r"\1", french))
        return french[:1].upper() + french[1:]
