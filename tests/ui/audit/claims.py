"""What the audit compares: numbers as they stand on the screen, and the arrays that its pictures are made of.

A number holds if it is what rounding the expected value to the digits that are shown gives. The page computes in
float32: where the expected value lies next to a boundary of rounding, what is off by that much holds as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NUMBER = re.compile(
    r"(?P<less><\s*)?(?P<sign>[−+]?)(?P<digits>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>%|percent\b|[KMG]iB\b|[kMG]B\b|[kMGB]\b)?"
)
UNITS = {"%": 1e-2, "percent": 1e-2, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9}
UNITS |= {"kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LOGITS_OFF, CHANCES_OFF = 2e-5, 6e-5
"""What float32 may be off by: as a part of the largest logit, at least of 1, and as a part of a probability."""


@dataclass(frozen=True)
class Claim:
    """One number or word on the screen."""

    where: str
    shown: str
    expected: float | str
    slack: float | None = None
    """How far the expected value may be off; None: by what float32 is."""

    compared = 1

    def fault(self) -> str | None:
        """What is wrong, or None."""
        if isinstance(self.expected, str):
            holds = " ".join(self.shown.split()) == " ".join(self.expected.split())
        else:
            found = NUMBER.search(self.shown)
            holds = found is not None and self._rounds(found, self.expected)
        return None if holds else f"{self.where}: {self.shown!r} stands for {self.expected!r}"

    def _rounds(self, found: re.Match[str], expected: float) -> bool:
        unit = UNITS.get(found["unit"] or "", 1.0)
        is_chance = unit == 1e-2
        slack = self.slack
        if slack is None:
            slack = CHANCES_OFF * abs(expected) + 1e-9 if is_chance else LOGITS_OFF * max(1.0, abs(expected))
        value = float(found["digits"].replace(",", "")) * unit * (-1 if found["sign"] == "−" else 1)
        if found["less"]:
            return 0 < expected < value + slack
        half = 0.5 * unit * 10.0 ** -len(found["digits"].partition(".")[2])
        return abs(expected - value) <= half * (1 + 1e-9) + slack


@dataclass(frozen=True)
class Picture:
    """An array that travelled to the page; `off` is how far each of its values may be from the expected one."""

    where: str
    values: NDArray[np.float64]
    expected: NDArray[np.float64]
    off: float

    @property
    def compared(self) -> int:
        """How many values."""
        return self.expected.size

    def fault(self) -> str | None:
        """What is wrong, or None."""
        if self.values.size != self.expected.size:
            return f"{self.where}: {self.values.size} values came, {self.expected.size} were expected"
        values, expected = self.values.ravel(), self.expected.ravel()
        finite = np.isfinite(expected)
        apart = np.abs(np.subtract(values, expected, where=finite, out=np.zeros_like(expected)))
        wrong = ~np.where(finite, apart <= self.off * np.maximum(1.0, np.abs(expected)), values == expected)
        if not wrong.any():
            return None
        first = int(np.flatnonzero(wrong)[0])
        return (
            f"{self.where}: {int(wrong.sum())} of {wrong.size} values are off by more than {self.off:.1e}; "
            f"value {first} is {values[first]!r} for {expected[first]!r}"
        )


def sentence(where: str, shown: str, *expected: float, slack: float | None = None) -> Iterator[Claim]:
    """All numbers of a sentence, in order."""
    found = [match.group() for match in NUMBER.finditer(shown)]
    if len(found) != len(expected):
        yield Claim(
            where, shown, f"a sentence of {len(expected)} numbers: {', '.join(f'{one:.6g}' for one in expected)}"
        )
        return
    for number, value in zip(found, expected, strict=True):
        yield Claim(f"{where} in {shown!r}", number, float(value), slack)
