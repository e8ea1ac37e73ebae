"""The whole of the audit: every exhibit of a model on a text, what stands there and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.ui.audit import (
    attention,
    cache,
    experts,
    machine,
    masks,
    memory,
    next_tokens,
    positions,
    relatives,
    residual,
    sampling,
    smaller,
    tokens,
    training,
    trio,
)
from tests.ui.audit.claims import Claim, Picture
from tests.ui.audit.sight import Passes, Sight, look_at

EXHIBITS: Mapping[str, Callable[[Sight], Iterable[Claim | Picture]]] = {
    "machine": machine.claims,
    "tokens": tokens.claims,
    "positions": positions.claims,
    "attention": attention.claims,
    "masks": masks.claims,
    "memory": memory.claims,
    "experts": experts.claims,
    "residual": residual.claims,
    "sampling": sampling.claims,
    "cache": cache.claims,
    "trio": trio.claims,
    "relatives": relatives.claims,
    "training": training.claims,
    "smaller": smaller.claims,
}
FIRST = {"layer": 1, "head": 1}
ASKED: Mapping[str, dict[str, Any]] = {"masks": {"mask": masks.MASK}}
"""What an exhibit is opened with besides."""


@dataclass
class Finding:
    """What came of an exhibit."""

    compared: int = 0
    faults: list[str] = field(default_factory=list)

    def take(self, claims: Iterable[Claim | Picture]) -> None:
        """Holds each claim."""
        for claim in claims:
            self.compared += claim.compared
            if fault := claim.fault():
                self.faults.append(fault)


def audit(page: Page, passes: Passes, model: str, text: str) -> Iterator[tuple[str, Finding]]:
    """Each exhibit by name, with what was found there."""
    for exhibit, claims in EXHIBITS.items():
        finding = Finding()
        try:
            seen = look_at(page, passes, exhibit, model=model, text=text, **FIRST, **ASKED.get(exhibit, {}))
            if exhibit not in ASKED and next_tokens.are_shown(seen):
                finding.take(next_tokens.claims(seen))
            finding.take(claims(seen))
        except Exception as error:  # what cannot be read is a fault like another: the audit goes on
            finding.faults.append(f"could not be read: {type(error).__name__}: {error}")
        yield exhibit, finding
