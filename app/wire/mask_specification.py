"""The masks that a person may lay over a model's attention: how each is named, and what it allows on a text.

A mask is one short text, in the address as in a request: a kind and its numbers, "window:4", "bigbird:2:1:1:7"; for
packed documents the places where a new one begins, "document:5:9"; or "painted:SIZE.BITS", where BITS are the forbidden
cells of the first SIZE tokens' square, row by row, as base64url. It only takes away: what the model itself forbids
stays forbidden. It holds in every head of every layer; in a T5, of its encoder.

Axes: window, query, key.
"""

from __future__ import annotations

import base64
import binascii
import re
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model import masks
from model.config import Config

Of = TypeVar("Of")
Cells = NDArray[np.bool_]
"""True where attending is allowed, for each window that layers have of their own, in the order of `widths`. *Shape:*
(window, query, key)."""


@dataclass(frozen=True)
class Number:
    """One number that a kind of mask takes."""

    name: str
    low: int
    high: int
    initial: int


KINDS: dict[str, tuple[Number, ...]] = {
    "window": (Number("window", 1, 128, 4),),
    "strided": (Number("stride", 2, 64, 4),),
    "fixed": (Number("stride", 2, 64, 4), Number("summary", 1, 64, 1)),
    "longformer": (Number("window", 2, 128, 4), Number("global", 0, 16, 1)),
    "bigbird": (
        Number("block", 1, 32, 2),
        Number("global", 0, 8, 1),
        Number("random", 0, 4, 1),
        Number("seed", 0, 999, 0),
    ),
    "document": (),
    "painted": (),
}
"""The kinds, with the numbers of each in the order in which they are written."""

START = Number("start", 1, 4095, 1)
"""Where a document after the first begins: `document` takes any number of these."""
CAUSAL_KINDS = ("strided", "fixed")
"""Kinds that are defined for decoders alone: they look back and never ahead."""
MOST_PAINTED = 64
"""How many tokens, from the first, can be painted on."""
MOST_STARTS = 32
"""How many documents can begin after the first."""


@dataclass(frozen=True)
class Mask:
    """One mask. Make it with `read`."""

    kind: str
    numbers: tuple[int, ...] = ()
    """As the table of kinds names them; of documents, where those after the first begin, rising."""
    size: int = 0
    """How many tokens a painted mask is as wide as; what lies beyond stays allowed."""
    forbidden: bytes = b""
    """The forbidden cells of a painted mask, eight a byte, the first in the highest bit."""

    @classmethod
    def read(cls, text: str, config: Config) -> Mask:
        """The mask that a text names.

        Raises:
            ValueError: it names none that the model can have; the message says what is wrong and what would not be.
        """
        kind, _, rest = text.partition(":")
        if kind not in KINDS:
            raise ValueError(f"mask is {reprlib.repr(text)}; send one of {', '.join(KINDS)}, with its numbers.")
        if kind in CAUSAL_KINDS and not config.stacks[config.reader].causal:
            raise ValueError(f"mask is {kind}, which never looks ahead; {config.name} reads both ways: choose another.")
        if kind == "painted":
            return cls(kind, (), *_painted(rest))
        written = rest.split(":") if rest else []
        expected = KINDS[kind] or (START,) * len(written)
        form = ":".join([kind, *(number.name for number in KINDS[kind] or (START, START))])
        if len(written) != len(expected) or not all(re.fullmatch(r"\d{1,6}", one, re.ASCII) for one in written):
            raise ValueError(f"mask is {reprlib.repr(text)}; send {form}.")
        numbers = tuple(map(int, written))
        for value, number in zip(numbers, expected, strict=True):
            if not number.low <= value <= number.high:
                limits = f"from {number.low} to {number.high}"
                raise ValueError(f"{number.name} of the mask {kind} is {value}; send a whole number {limits}.")
        if kind != "document":
            return cls(kind, numbers)
        if len(numbers) > MOST_STARTS:
            raise ValueError(f"mask names {len(numbers)} documents; send at most {MOST_STARTS}.")
        return cls(kind, tuple(sorted(set(numbers))))

    def allowed(self, n_tokens: int, config: Config) -> Cells:
        """What it allows, on so many tokens, of what the model allows."""
        allowed: Cells = self._pattern(np.arange(n_tokens)[None], config) & base(n_tokens, config)
        return allowed

    def _pattern(self, at: NDArray[np.int64], config: Config) -> Cells:
        """What it allows, whatever the model does. *Shape:* (1, query, key)."""
        if self.kind == "painted":
            return ~self._painted_over(at.size)[None]
        if self.kind == "document":
            numbers = np.searchsorted(np.array(self.numbers), at, side="right")
            return np.asarray(masks.document(numbers, numbers))
        if self.kind == "longformer":
            return np.asarray(masks.longformer(at, at, self.numbers[0], np.arange(self.numbers[1])))
        if self.kind == "bigbird":
            block, n_global, n_random, seed = self.numbers
            causal = config.stacks[config.reader].causal
            drawn = masks.draw_random_blocks(-(-at.size // block), n_global, n_random, seed, causal)
            return np.asarray(masks.bigbird(at, at, block, n_global, drawn))
        if self.kind == "window":
            window = masks.sliding_window(at, at, *self.numbers)
            return np.asarray(window & window.swapaxes(1, 2))
        if self.kind == "strided":
            return np.asarray(masks.strided(at, at, *self.numbers))
        return np.asarray(masks.fixed(at, at, *self.numbers))

    def _painted_over(self, n_tokens: int) -> Cells:
        """The forbidden cells of the first tokens of a text, in a square for all of them. *Shape:* (query, key)."""
        bits = np.unpackbits(np.frombuffer(self.forbidden, np.uint8), count=self.size**2)
        square = bits.reshape(self.size, self.size).astype(np.bool_)
        over, shown = np.zeros((n_tokens, n_tokens), np.bool_), min(self.size, n_tokens)
        over[:shown, :shown] = square[:shown, :shown]
        return over


def widths(config: Config) -> tuple[int | None, ...]:
    """The windows that layers of the model have of their own, each once; None: they see all."""
    return tuple(dict.fromkeys(config.stacks[config.reader].windows))


def base(n_tokens: int, config: Config) -> Cells:
    """What the model as it is allows: in some layers of a GPT the last tokens only, of a BERT the nearest."""
    at, stack = np.arange(n_tokens)[None], config.stacks[config.reader]
    everywhere = masks.causal(at, at) if stack.causal else masks.bidirectional(at, at)
    each = [
        everywhere if one is None else everywhere & masks.within(at, at, one, stack.causal) for one in widths(config)
    ]
    return np.concatenate(each)


def by_layer(each: Iterable[Of], config: Config) -> list[Of]:
    """What there is of each of `widths`, for each layer; layers with the same window have one and the same."""
    of = dict(zip(widths(config), each, strict=True))
    return [of[window] for window in config.stacks[config.reader].windows]


def alone(allowed: Cells) -> NDArray[np.bool_]:
    """The tokens to which a layer leaves nothing. *Shape:* (query,)."""
    return np.asarray((~np.asarray(allowed.any(axis=-1))).any(axis=0))


def with_self(allowed: Cells) -> Cells:
    """The same, but a token that is left nothing attends to itself: a softmax needs something to share out.

    It does so in every layer, as one mask is given to all of them.
    """
    mended: Cells = allowed | np.diag(alone(allowed))
    return mended


def _painted(text: str) -> tuple[int, bytes]:
    """The size and the cells in "SIZE.BITS"."""
    match = re.fullmatch(r"(\d{1,3})\.([\w-]*)", text, flags=re.ASCII)
    size = int(match[1]) if match else 0
    if not match or not 1 <= size <= MOST_PAINTED:
        raise ValueError(
            f"painted mask is {reprlib.repr(text)}; send SIZE.BITS with a size from 1 to {MOST_PAINTED} tokens."
        )
    try:
        forbidden = base64.urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4))
    except binascii.Error:
        forbidden = b""
    if len(forbidden) != -(-(size**2) // 8):
        raise ValueError(f"painted mask of {size} tokens has {len(forbidden)} bytes; send {-(-(size**2) // 8)}.")
    return size, forbidden
