"""A step of what is shown one after the other: what is said, what stands in light, and the state that it is said of.

An exhibit's steps, and its part of the walk that follows one word, are written in its `steps` and travel in the catalog
(`app.wire.payload`); `static/js/state/steps.js` runs them on the text that stands in the box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from model.config import FAMILIES

SLOTS = ("token", "likeliest")
"""What a sentence may leave open, in braces, for the script to fill: the lit token, and the likeliest prediction."""


@dataclass(frozen=True)
class Step:
    """One step, for those models that it holds for."""

    says: str
    """One sentence in plain words. It states no number: none could be true of every text."""
    focus: str
    """A selector of what it is about, in the exhibit or beside it; each of a list of them is one patch of light."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """What it sets; keys as in `static/js/state/state.js`, and "find" as in `static/js/state/settings.js`."""
    families: tuple[str, ...] = tuple(FAMILIES)
    feed: Literal["experts", "mlp"] | None = None
    """What the model must have in its blocks beside attention; None where either will do."""
    trait: str | None = None
    """One of `app.page.traits` that the model must have; None where it may lack any."""

    def sent(self, exhibit: str, speaks: bool = False) -> dict[str, Any]:
        """Its form in the catalog.

        Args:
            exhibit: where it is.
            speaks: whether the exhibit is about what a model predicts, so that its steps hold for no other model; a
                step that names the likeliest token never does.
        """
        return {
            "exhibit": exhibit,
            "says": self.says,
            "focus": self.focus,
            "state": dict(self.state),
            "families": self.families,
            "feed": self.feed,
            "trait": self.trait,
            "speaks": speaks or "{likeliest}" in self.says,
        }
