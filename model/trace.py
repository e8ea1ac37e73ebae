"""What one forward pass left behind: tokens, inner values and logits as NumPy arrays.

No torch here. `ForwardTrace` is the one value that flows from a model to the screen; it is immutable, its arrays
included, and its constructor holds every array against the table in `model.taps`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model import taps as tap
from model.config import Config, Place
from model.softmax import softmax

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Token:
    """One token and where it came from."""

    id: int
    text: str
    """What it decodes to on its own; U+FFFD stands for bytes that are no whole character."""
    start: int
    end: int
    """The span of characters (code points) of the input that it covers, half open; empty where it covers none."""
    raw: bytes = b""
    """The bytes of the input that it stands for; empty where there are none, as for a token in front of the text."""
    special: bool = False


@dataclass(frozen=True)
class Stream:
    """A row of tokens: GPT and BERT have one, T5 has two."""

    text: str
    tokens: tuple[Token, ...]
    clipped: int = 0
    """How many tokens of the input were left out in front because the context was full."""

    @functools.cached_property
    def ids(self) -> tuple[int, ...]:
        """Which entries of the vocabulary the tokens are."""
        return tuple(token.id for token in self.tokens)


def read_only(array: Array) -> Array:
    """A view of the array through which it cannot be changed."""
    view = array.view()
    view.flags.writeable = False
    return view


Made = TypeVar("Made")


class Stretch:
    """What a tap has of some tokens that follow each other, or what is said after each of them.

    Args:
        start: the first of them.
        values: what it has, or how to make it. *Shape:* (pos, ...), a row for each token; of a tap with scores' axes
            (head, query, key), the keys up to the last one that any of these queries reads.
        kept: what was made of these values, for whoever needs it again: other passes may have the same stretch.
        shape: of the values, where it is known before they are made.
    """

    def __init__(
        self,
        start: int,
        values: Array | Callable[[], Array],
        kept: dict[Hashable, Any] | None = None,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        self.start = start
        self._values = values
        self.kept = {} if kept is None else kept
        self._shape = shape

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values, which need not be made for it if it is known."""
        return self.values.shape if self._shape is None else self._shape

    @property
    def values(self) -> Array:
        """The values, made anew each time if they have to be made."""
        return self._values() if callable(self._values) else self._values

    def made(self, name: Hashable, of: Callable[..., Made], *given: Any) -> Made:
        """What `of(self, *given)` makes of it, once for all passes that have it; `given` must be what the tokens up to
        its end say.
        """
        if name not in self.kept:
            self.kept[name] = of(self, *given)
        known: Made = self.kept[name]
        return known


class LateTaps(Mapping[str, Array]):
    """Taps that are put together when they are read; what they will be like is known before."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each."""
        raise NotImplementedError

    @property
    def nbytes(self) -> int:
        """What they take now, with the logits that come with them."""
        raise NotImplementedError

    def row(self, name: str, position: int) -> Array:
        """What the tap `name`, which has a row for each token, has of the first sequence's token at `position`."""
        raise NotImplementedError

    def stretches(self, name: str) -> Iterator[Stretch]:
        """What the tap `name` is put together of; of the first sequence."""
        raise NotImplementedError


class LateLogits:
    """Logits that are put together when they are read."""

    shape: tuple[int, ...]
    """(1, pos, d_vocab)."""

    def row(self, position: int) -> Array:
        """Those of one token alone."""
        raise NotImplementedError

    def stretches(self) -> Iterator[Stretch]:
        """What they are put together of; of the first sequence."""
        raise NotImplementedError

    def whole(self) -> Array:
        """All of them."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class ForwardTrace:
    """One forward pass over a whole text, without a past.

    Args:
        config: what the model is made of.
        streams: rows of tokens by the names in `config.streams`: "text", or T5's "encoder" and "decoder".
        taps: inner values by name; any subset of `model.taps.table(config)`.
        logits: of the last stream's tokens, or `LateLogits`, which become this array when it is read. *Shape:* (batch,
            pos, d_vocab); of a model that predicts no token, (batch, pos, 0).

    Raises:
        ValueError: the streams are not those of the family, or an array has a name that the table lacks, or a shape
            that the table, the config or the streams contradict.
    """

    config: Config
    streams: Mapping[Place, Stream]
    taps: Mapping[str, Array]
    logits: Array
    sizes: Mapping[str, int] = field(init=False)
    """The length in this pass of every stream by its name, and of every axis that is the same in all taps."""

    def __post_init__(self) -> None:
        family, names = self.config.family, self.config.streams
        if set(self.streams) != set(names):
            raise ValueError(f"streams are {sorted(self.streams)}; those of the family {family!r} are {list(names)}")
        lengths = {name: len(stream.tokens) for name, stream in self.streams.items()}
        d_vocab = self.config.d_vocab if self.config.predicts else 0
        expected = (*self.logits.shape[:1], lengths[names[-1]], d_vocab)
        if self.logits.shape != expected:
            raise ValueError(f"logits have shape {self.logits.shape}; batch, pos, d_vocab should be {expected}")
        sizes = tap.sizes(self.config) | {"batch": self.logits.shape[0]} | lengths
        if len(names) == 1:
            sizes |= dict.fromkeys(("pos", "query", "key"), lengths[names[0]])
        table = tap.table(self.config)
        for name, shape in self._shapes().items():
            if name not in table:
                raise ValueError(f"{self.config.name} has no tap {name!r}; its taps are in model.taps.table(config)")
            expected = tuple(map(sizes.__getitem__, table[name].lengths))
            if shape != expected:
                raise ValueError(f"{name} has shape {shape}; {', '.join(table[name].axes)} should be {expected}")
        object.__setattr__(self, "sizes", MappingProxyType(sizes))
        object.__setattr__(self, "streams", MappingProxyType(dict(self.streams)))
        if not isinstance(self.taps, LateTaps):
            taps = {name: read_only(array) for name, array in self.taps.items()}
            object.__setattr__(self, "taps", MappingProxyType(taps))
        given: Any = self.logits
        if isinstance(given, LateLogits):
            object.__setattr__(self, "_late", given)
            object.__delattr__(self, "logits")  # from now on `__getattr__` puts them together
        else:
            object.__setattr__(self, "logits", read_only(self.logits))

    def __getattr__(self, name: str) -> Array:
        """The logits where they come late, once somebody reads them all."""
        late = self.__dict__.get("_late")
        if name != "logits" or late is None:
            raise AttributeError(name)
        whole: Array = late.whole()
        object.__setattr__(self, "logits", whole)
        return whole

    def logits_at(self, position: int) -> Array:
        """What is said at one place of the last stream; nothing is put together for it. *Shape:* (d_vocab,)."""
        late: LateLogits | None = self.__dict__.get("_late")
        last: Array = self.logits[0, position] if late is None else late.row(position % late.shape[1])
        return last

    def logit_stretches(self) -> Iterator[Stretch]:
        """All logits of the first sequence, in the stretches in which they were computed."""
        late: LateLogits | None = self.__dict__.get("_late")
        return iter((Stretch(0, self.logits[0]),)) if late is None else late.stretches()

    def _shapes(self) -> Mapping[str, tuple[int, ...]]:
        if isinstance(self.taps, LateTaps):
            return self.taps.shapes
        return {name: array.shape for name, array in self.taps.items()}

    @property
    def nbytes(self) -> int:
        """How many bytes its arrays take."""
        if isinstance(self.taps, LateTaps):
            return self.taps.nbytes
        return self.logits.nbytes + sum(array.nbytes for array in self.taps.values())

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of the text that the model read."""
        return self.streams[self.config.streams[0]].tokens

    def read(self, kind: tap.Tap, layer: int = 0, place: Place = "text") -> Array:
        """The first sequence's values of one kind of tap in one block, the batch axis dropped.

        In a T5, `place` says which of its two stacks is meant, or its cross-attention.
        """
        values: Array = self.taps[kind.at(place).name(layer)][0]
        return values

    def row(self, kind: tap.Tap, position: int, layer: int = 0, place: Place = "text") -> Array:
        """The same of one token, for a tap that has a row for each: nothing is put together for it."""
        name = kind.at(place).name(layer)
        values: Array = (
            self.taps.row(name, position) if isinstance(self.taps, LateTaps) else self.taps[name][0, position]
        )
        return values

    def stretches(self, kind: tap.Tap, layer: int = 0, place: Place = "text") -> Iterator[Stretch]:
        """The same in the stretches in which it was computed, of a tap that has a row for each token, or scores."""
        if isinstance(self.taps, LateTaps):
            return self.taps.stretches(kind.at(place).name(layer))
        return iter((Stretch(0, self.read(kind, layer, place)),))

    def pattern(self, layer: int, place: Place = "text") -> Array:
        """Attention probabilities. *Shape:* (head, query, key)."""
        return self.read(tap.PATTERN, layer, place)

    def qkv(self, layer: int, head: int, place: Place = "text") -> tuple[Array, Array, Array]:
        """What head `head` multiplies: q and k as the dot product sees them, and v. *Shape:* (pos, d_head) each, v's
        width that of a value.
        """
        kv_head = head // (self.config.n_heads // self.config.kv_heads)
        q_tap, k_tap = (tap.Q, tap.K) if place == "cross" else (tap.ROT_Q, tap.ROT_K)
        q = self.read(q_tap, layer, place)[:, head]
        k = self.read(k_tap, layer, place)[:, kv_head]
        v = self.read(tap.V, layer, place)[:, kv_head]
        return q, k, v

    def router(self, layer: int) -> Array:
        """Each token's probability for each expert, before the top k are chosen. *Shape:* (pos, expert)."""
        logits = self.read(tap.ROUTER, layer)
        if self.config.experts is not None and self.config.experts.score == "sigmoid":
            logits = -np.logaddexp(0, -logits)  # log of the sigmoid, whose softmax is each score's share
        return softmax(logits)

    def ranked(self, layer: int) -> Array:
        """What each token's experts are chosen by. *Shape:* (pos, expert)."""
        biased = self.config.experts is not None and self.config.experts.choice_bias
        return self.read(tap.RANKED, layer) if biased else self.router(layer)

    def cache(self, layer: int, place: Place = "text") -> tuple[Array, Array]:
        """The keys and values a KV cache would hold. *Shape:* (pos, kv_head, width of a key or value) each."""
        return self.read(tap.K if place == "cross" else tap.ROT_K, layer, place), self.read(tap.V, layer, place)
