"""How many parameters a published model has, part by part: each count with the product that gives it. No torch here.

A count is a sum of products of the config's numbers, written as it is computed, so that what stands on the page and
what is counted cannot differ. Matrices and vectors are told apart: only the former are multiplied with a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from model.relatives.shape import LatentAttention, Mamba, Shape

PARTS = ("embedding", "positions", "attention", "mixer", "feed-forward", "experts", "norms", "head", "unembedding")
"""What parameters are for, in the order that a token passes them."""


@dataclass(frozen=True)
class Sum:
    """A sum of products, each with how often it occurs."""

    terms: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, *terms: Iterable[int]) -> Sum:
        """Terms without a factor 0; a factor 1 need not be written."""
        kept = [tuple(factor for factor in term if factor != 1) or (1,) for term in map(tuple, terms) if 0 not in term]
        return cls(tuple(kept))

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.terms + other.terms)

    def times(self, *factors: int) -> Sum:
        """Every product that often."""
        return Sum.of(*((*factors, *term) for term in self.terms))

    @property
    def value(self) -> int:
        """What it comes to."""
        total = 0
        for term in self.terms:
            product = 1
            for factor in term:
                product *= factor
            total += product
        return total

    def __str__(self) -> str:
        return " + ".join(" · ".join(f"{factor:,}" for factor in term) for term in self.terms)


@dataclass(frozen=True)
class Part:
    """The parameters of one part of a model."""

    name: str
    """One of PARTS."""
    matrices: Sum
    vectors: Sum
    reached: Sum
    """The entries of its matrices that one token is multiplied with."""

    @property
    def n(self) -> int:
        """How many there are."""
        return self.matrices.value + self.vectors.value

    @property
    def n_active(self) -> int:
        """How many are used for one token: all, except for experts that it is not sent to."""
        return self.n - (self.matrices.value - self.reached.value if self.name == "experts" else 0)

    @property
    def formula(self) -> str:
        """The products that give `n`."""
        return str(self.matrices + self.vectors)


def parts(shape: Shape) -> tuple[Part, ...]:
    """Every part that has parameters, in the order of PARTS."""
    found = {
        "embedding": _embedding(shape),
        "positions": _positions(shape),
        "attention": _attention(shape),
        "mixer": _mixer(shape),
        "feed-forward": _feed_forward(shape),
        "experts": _experts(shape),
        "norms": _norms(shape),
        "head": _head(shape),
        "unembedding": _unembedding(shape),
    }
    return tuple(part for name in PARTS if (part := found[name]).n or part.reached.value)


def total(shape: Shape) -> int:
    """All parameters."""
    return sum(part.n for part in parts(shape))


def active(shape: Shape) -> int:
    """Those that are used for one token."""
    return sum(part.n_active for part in parts(shape))


def dense(name: str, matrices: Sum, vectors: Sum = Sum()) -> Part:
    """A part that every token passes through whole."""
    return Part(name, matrices, vectors, matrices)


def _embedding(shape: Shape) -> Part:
    """A row is looked up, not multiplied."""
    return Part("embedding", Sum.of((shape.d_vocab, shape.d_model)), Sum(), Sum())


def _positions(shape: Shape) -> Part:
    rows, stacks = shape.n_positions, 2 if shape.n_decoder_layers else 1
    if shape.positions == "buckets":
        table = Sum.of((stacks, rows, shape.n_heads))
    elif shape.positions == "disentangled":
        table = Sum.of((rows, shape.d_model))
    else:
        table = Sum.of((stacks, rows, shape.d_model))
    return Part("positions", table, Sum.of((shape.n_segments, shape.d_model)), Sum())


def attention(shape: Shape) -> tuple[Sum, Sum]:
    """The matrices and the vectors of one layer's attention."""
    d, queries, kv = shape.d_model, (shape.n_heads, shape.d_head), (shape.n_kv_heads, shape.d_head)
    if shape.latent:
        return _latent(shape.latent, d, shape.n_heads)
    matrices = Sum.of((2, d, *queries), (2, d, *kv))
    vectors = Sum.of(queries, (2, *kv)) if shape.biases in ("all", "qkv") else Sum()
    if shape.biases == "all":
        vectors += Sum.of((d,))
    if shape.qk_norm:
        vectors += Sum.of((2, shape.d_head))
    return matrices, vectors


def _latent(latent: LatentAttention, d: int, n_heads: int) -> tuple[Sum, Sum]:
    """Queries and keys go through a bottleneck each, with a norm in it; one rotated key serves all heads."""
    key = latent.rope + latent.nope
    matrices = Sum.of(
        (d, latent.q_rank),
        (latent.q_rank, n_heads, key),
        (d, latent.kv_rank + latent.rope),
        (latent.kv_rank, n_heads, latent.nope + latent.d_value),
        (n_heads, latent.d_value, d),
    )
    return matrices, Sum.of((latent.q_rank,), (latent.kv_rank,))


def _attention(shape: Shape) -> Part:
    """A decoder's block that reads an encoder has two."""
    matrices, vectors = attention(shape)
    times = shape.n_attention + 2 * shape.n_decoder_layers
    return dense("attention", matrices.times(times), vectors.times(times))


def mamba(mamba: Mamba, d: int) -> tuple[Sum, Sum]:
    """One layer: the way in, the convolution, what makes the step, B and C, the step, the way out; and A, D, biases."""
    inner, state, rank = mamba.d_inner, mamba.d_state, mamba.dt_rank
    matrices = Sum.of((2, d, inner), (inner, mamba.d_conv), (inner, rank + 2 * state), (rank, inner), (inner, d))
    vectors = Sum.of((inner, state), (3, inner))
    if mamba.normed:
        vectors += Sum.of((rank + 2 * state,))
    return matrices, vectors


def _mixer(shape: Shape) -> Part:
    """What stands in attention's place: a state space layer, or RWKV's time mixing (Peng et al. 2023, appendix)."""
    if shape.rwkv:
        times, d = shape.n_layers, shape.d_model
        return dense("mixer", Sum.of((times, 4, d, d)), Sum.of((times, 5, d)))
    if shape.mamba is None:
        return dense("mixer", Sum())
    matrices, vectors = mamba(shape.mamba, shape.d_model)
    return dense("mixer", matrices.times(shape.n_mamba), vectors.times(shape.n_mamba))


def _feed_forward(shape: Shape) -> Part:
    d, f = shape.d_model, shape.d_ff
    times = shape.n_blocks - (shape.experts.n_layers if shape.experts else 0)
    if shape.rwkv:
        return dense("feed-forward", Sum.of((times, 2, d, f), (times, d, d)), Sum.of((times, 2, d)))
    wide = 2 if shape.gated else 1
    biases = Sum.of((times, wide, f), (times, d)) if shape.biases in ("all", "outside") and f else Sum()
    return dense("feed-forward", Sum.of((times, wide + 1, d, f)), biases)


def _experts(shape: Shape) -> Part:
    experts, d = shape.experts, shape.d_model
    if experts is None:
        return dense("experts", Sum())
    one = (3 if shape.gated else 2, d, experts.d_ff)
    router = Sum.of((experts.n_layers, d, experts.n))
    there = Sum.of((experts.n_layers, experts.n + experts.shared, *one))
    reached = Sum.of((experts.n_layers, experts.chosen + experts.shared, *one))
    return Part("experts", there + router, Sum(), reached + router)


def _norms(shape: Shape) -> Part:
    """Of the embedding, the blocks, the ends of the stacks, and of DeBERTa's table of positions."""
    wide = 2 * shape.d_model if shape.norm == "layer" else shape.d_model
    in_block = {"post": 2, "pre": 2, "both": 4, "parallel": 2, "parallel one": 1}[shape.place]
    if shape.mamba and not shape.d_ff:
        in_block = 1
    n = in_block * shape.n_layers + (in_block + 1) * shape.n_decoder_layers
    stacks = 2 if shape.n_decoder_layers else 1
    n += stacks * (int(shape.embedding_norm) + int(shape.place != "post")) + int(shape.positions == "disentangled")
    return dense("norms", Sum(), Sum.of((n, wide)))


def _head(shape: Shape) -> Part:
    """BERT's pooler; ELECTRA's discriminator, which asks of each token whether it was replaced."""
    d = shape.d_model
    if shape.head == "pooler":
        return dense("head", Sum.of((d, d)), Sum.of((d,)))
    if shape.head == "discriminator":
        return dense("head", Sum.of((d, d), (d,)), Sum.of((d,), (1,)))
    return dense("head", Sum())


def _unembedding(shape: Shape) -> Part:
    """A tied one has no parameters of its own; an encoder has none."""
    matrix = Sum() if shape.stacks == "encoder" else Sum.of((shape.d_vocab, shape.d_model))
    bias = Sum.of((shape.d_vocab,)) if shape.unembedding_bias else Sum()
    return Part("unembedding", Sum() if shape.tied else matrix, bias, matrix)


def of_text(text: str) -> int:
    """What a published count says, in numbers: "70B", "1,542M", "46.7B" or "20,554,567,680"."""
    digits, unit = _read(text)
    return round(float(digits) * unit)


def rounding_of(text: str) -> float:
    """Half of one unit of the last digit that a published count states other than 0."""
    digits, unit = _read(text)
    whole, _, behind = digits.partition(".")
    last = -len(behind) if behind else len(whole) - len(whole.rstrip("0"))
    return 0.5 * unit * 10.0**last


def _read(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"([\d,]+(?:\.\d+)?)([MB]?)", text)
    if found is None:
        raise ValueError(f"{text!r} is no count; write it as 1,234, 355M or 46.7B")
    return found[1].replace(",", ""), {"": 1, "M": 10**6, "B": 10**9}[found[2]]
