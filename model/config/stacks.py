"""Which stacks of attention a model has, how deep each is, and who may read whom in it.

No torch here. Every config says it of its family in `stacks`, by *place*: the only stack of a GPT or a BERT is "text";
a T5 has its "encoder", its "decoder", and between them "cross". A *stream* is a row of tokens; each stream runs through
the blocks of the place that has its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from model.config.parts import LatentConfig, PositionConfig

Place = Literal["text", "encoder", "decoder", "cross"]
"""Where attention happens: in the only stack of a GPT or a BERT, in one of T5's two, between these two."""


@dataclass(frozen=True)
class Stack:
    """The attention at one place, block by block."""

    asks: Place
    """The stream whose tokens ask: the queries are theirs."""
    reads: Place
    """The stream whose tokens are read: the keys and values are theirs."""
    causal: bool
    """Whether a token may read no later one."""
    windows: tuple[int | None, ...]
    """Of each block, how many tokens, itself counted, a token may look back at, and where it is not causal as many
    ahead; None: all.
    """

    @property
    def layers(self) -> int:
        """How many blocks have it."""
        return len(self.windows)

    @property
    def prefix(self) -> str:
        """What the names of its weights and of its taps begin with."""
        return "" if self.asks == "text" else f"{self.asks}."


class Stacked:
    """What the config of every family says of its stacks."""

    streams: ClassVar[tuple[Place, ...]]
    """Its rows of tokens: first what the model reads, last what its logits are of."""

    @property
    def head_width(self) -> int:
        """Width of one head."""
        raise NotImplementedError

    @property
    def value_width(self) -> int:
        """Width of one head's values, and of their mix."""
        return self.head_width

    @property
    def stacks(self) -> Mapping[Place, Stack]:
        """Its attention by place, in the order in which a pass reaches it."""
        raise NotImplementedError

    @property
    def first_raw(self) -> bool:
        """Whether the first attention reads the stream as it is, whatever the other blocks do."""
        return False

    @property
    def convolves(self) -> bool:
        """Whether a convolution of the embeddings is added to the stream."""
        return False

    @property
    def scaled_scores(self) -> bool:
        """Whether q · k is divided by a square root."""
        raise NotImplementedError

    @property
    def logit_sums(self) -> bool:
        """Whether a logit is a sum of what the parts of the speaking blocks add: behind their sum stands one norm
        alone, and the table that turns vectors into logits.
        """
        raise NotImplementedError

    @property
    def reader(self) -> Place:
        """The place whose blocks read the text."""
        return self.streams[0]

    @property
    def speaker(self) -> Place:
        """The place whose blocks end in the logits."""
        return self.streams[-1]

    @property
    def score_divisor(self) -> float:
        """By the square root of it q · k is divided, where the family divides (`scaled_scores`)."""
        return self.head_width

    @property
    def score_scale(self) -> float:
        """What q · k is multiplied by."""
        return self.score_divisor**-0.5 if self.scaled_scores else 1.0

    @property
    def score_softcap(self) -> float | None:
        """What bounds a score on both sides, softly, before any mask; None: nothing does."""
        return None

    @property
    def logit_softcap(self) -> float | None:
        """The same of a logit."""
        return None

    @property
    def latent(self) -> LatentConfig | None:
        """The vector that keys and values of all heads come out of; None where each has a projection of its own."""
        return None

    @property
    def qk_norm_joint(self) -> bool:
        """Whether q and k are normalized over all heads together, not each head by itself."""
        return False

    @property
    def normalizes_read(self) -> bool:
        """Whether what a part of a block reads is normalized, on its branch or in the stream."""
        return True

    @property
    def normalizes_added(self) -> bool:
        """Whether what a part of a block adds is normalized, behind it, before it is added."""
        return False


class Windowed(Stacked):
    """What the config of a family of one stack says of windows that hold in some of its blocks."""

    n_layers: int
    positions: PositionConfig
    window: int | None
    window_layers: tuple[int, ...] | None

    @property
    def windowed_layers(self) -> tuple[int, ...]:
        """The blocks whose attention has a window."""
        if self.window is None:
            return ()
        return tuple(range(self.n_layers)) if self.window_layers is None else self.window_layers

    @property
    def windows(self) -> tuple[int | None, ...]:
        """The window of each block; None where a token reads all that it may."""
        return tuple(self.window if layer in self.windowed_layers else None for layer in range(self.n_layers))

    def positions_at(self, layer: int) -> PositionConfig:
        """How a block knows positions."""
        rule = self.positions
        if rule.window_theta is None or layer not in self.windowed_layers:
            return rule
        return replace(rule, theta=rule.window_theta, scaling=None)
