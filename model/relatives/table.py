"""The table of published models, read from `models.json`: each with what it changed and where its numbers are from.

No torch here. A number's source is the entry's under the number's name, else the one under "all".
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from model.relatives.shape import Shape, from_fields

PATH = Path(__file__).with_name("models.json")


@dataclass(frozen=True)
class Relative:
    """A model, as its makers describe it.

    Raises:
        ValueError: neither a shape with its source nor a sentence that there is none.
    """

    id: str
    """A name without spaces, for links."""
    name: str
    family: str
    year: int
    by: str
    changed: str
    """What it changed, in one line."""
    shape: Shape | None = None
    """None where it is not published."""
    undisclosed: str | None = None
    """Then: what is known, in one sentence with its source."""
    published: str | None = None
    """How many parameters it has by what its makers write, as they write it."""
    active: str | None = None
    """How many of them serve one token, where that is another number."""
    published_in: str | None = None
    differs: str | None = None
    """Why the count here is another than rounding explains."""
    counted: str | None = None
    """What a count of operations or parameters leaves open."""
    sources: Mapping[str, str] = field(default_factory=dict)
    vocabulary: str | None = None
    """The one in `model.tokenizers` that cuts a text as it does."""
    vocabulary_in: str | None = None
    """Who says so, where the vocabulary is another model's."""
    around: int = 0
    """Tokens that it puts around a text, beside those that the vocabulary does."""

    def __post_init__(self) -> None:
        if (self.shape is None) is (self.undisclosed is None):
            raise ValueError(f"{self.name} needs either a shape or a sentence that none is published")
        if self.shape is not None and not ("all" in self.sources and self.published and self.published_in):
            raise ValueError(f"{self.name} has a shape; name its source, its published count and where that stands")

    def source(self, number: str) -> str:
        """Where a number of its shape is stated."""
        return self.sources.get(number.partition(".")[0], self.sources["all"])

    def sources_of(self, *numbers: str) -> str:
        """Where some of its numbers are stated, each place once."""
        return "; ".join(dict.fromkeys(self.source(number) for number in numbers))


@dataclass(frozen=True)
class Table:
    """All of them, in the order of the page."""

    families: Mapping[str, str]
    """What the members of a family have in common, by its name."""
    models: tuple[Relative, ...]

    @functools.cached_property
    def by_id(self) -> Mapping[str, Relative]:
        """Each by its id."""
        return {model.id: model for model in self.models}

    def of_family(self, family: str) -> tuple[Relative, ...]:
        """The members of a family."""
        return tuple(model for model in self.models if model.family == family)


@functools.cache
def load() -> Table:
    """The table; it is read once."""
    told = json.loads(PATH.read_text(encoding="utf-8"))
    models = []
    for entry in told["models"]:
        shape = from_fields(entry["shape"]) if "shape" in entry else None
        models.append(Relative(**{**entry, "shape": shape}))
    return Table(told["families"], tuple(models))
