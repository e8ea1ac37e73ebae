"""The table of taps: every inner value that can be looked at, its axes and its meaning.

No torch here. This one table names the hook points of the PyTorch modules, the outputs of the tapped graph with their
dynamic axes, the arrays a `ForwardTrace` accepts, and the glossary in the README. Names are TransformerLens's.

Axes: batch; pos, query (rows of a stream), key (rows attended to); head, kv_head; d_model, d_head, d_embed; expert; of
latent attention d_latent, and d_value, the width of a value, which is d_head elsewhere.
Which stream of a `ForwardTrace` the rows belong to, the tap says: GPT and BERT have one, T5 has two.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from model.config import BertConfig, Config, GPTConfig, Place, T5Config

DYNAMIC_AXES = ("batch", "pos", "query", "key")
"""Axes whose length is set by the input, not by the config."""


@dataclass(frozen=True)
class Tap:
    """One kind of inner value; `template` holds `{layer}` where there is one per block."""

    template: str
    axes: tuple[str, ...]
    meaning: str
    stream: str = "text"
    """Whose tokens the axes pos and query count."""
    key_stream: str = "text"
    """Whose tokens the axis key counts."""

    @functools.cached_property
    def lengths(self) -> tuple[str, ...]:
        """What has the length of each axis: a stream, or the axis itself where all streams have the same."""
        streams = {"pos": self.stream, "query": self.stream, "key": self.key_stream}
        return tuple(streams.get(axis, axis) for axis in self.axes)

    def at(self, place: Place) -> Tap:
        """The same kind of value at another place."""
        if place == "text":
            return self
        if place == "cross":
            rows = "encoder" if self.axes == KV_HEADS else "decoder"
            template = f"decoder.{self.template.replace('.attn.', '.cross_attn.')}"
            return dataclasses.replace(self, template=template, stream=rows, key_stream="encoder")
        return dataclasses.replace(self, template=f"{place}.{self.template}", stream=place, key_stream=place)

    def name(self, layer: int) -> str:
        """The tap's name in block `layer`."""
        return self.template.format(layer=layer)


STREAM = ("batch", "pos", "d_model")
Q_HEADS = ("batch", "query", "head", "d_head")
KV_HEADS = ("batch", "pos", "kv_head", "d_head")
SCORES = ("batch", "head", "query", "key")

EMBED = Tap("hook_embed", STREAM, "each token's row of the embedding table, scaled where the model scales it")
POS_EMBED = Tap("hook_pos_embed", STREAM, "what an additive position scheme adds to the embeddings")
RESID_PRE = Tap("blocks.{layer}.hook_resid_pre", STREAM, "the residual stream entering the block")
LN1 = Tap("blocks.{layer}.ln1.hook_normalized", STREAM, "what attention reads: the stream, normalized")
Q = Tap("blocks.{layer}.attn.hook_q", Q_HEADS, "queries, before any rotation")
K = Tap("blocks.{layer}.attn.hook_k", KV_HEADS, "keys, before any rotation")
V = Tap("blocks.{layer}.attn.hook_v", KV_HEADS, "values")
ROT_Q = Tap("blocks.{layer}.attn.hook_rot_q", Q_HEADS, "queries as the dot product sees them")
ROT_K = Tap("blocks.{layer}.attn.hook_rot_k", KV_HEADS, "keys as the dot product sees them")
LATENT = Tap(
    "blocks.{layer}.attn.latent_norm.hook_normalized",
    ("batch", "pos", "d_latent"),
    "the latent, normalized, that keys and values of all heads come out of",
)
BIAS = Tap("blocks.{layer}.attn.hook_attn_bias", SCORES, "what the position scheme adds to the scores")
PATTERN = Tap("blocks.{layer}.attn.hook_pattern", SCORES, "attention probabilities; each row sums to one")
Z = Tap("blocks.{layer}.attn.hook_z", Q_HEADS, "each head's mix of values, after its gate")
ATTN_OUT = Tap("blocks.{layer}.hook_attn_out", STREAM, "what attention adds to the residual stream")
RESID_MID = Tap("blocks.{layer}.hook_resid_mid", STREAM, "the residual stream between the two halves")
LN2 = Tap("blocks.{layer}.ln2.hook_normalized", STREAM, "what the MLP or the experts read")
LN1_POST = Tap("blocks.{layer}.ln1_post.hook_normalized", STREAM, "what attention gives, normalized: what it adds")
LN2_POST = Tap("blocks.{layer}.ln2_post.hook_normalized", STREAM, "the same of the MLP or the experts")
ROUTER = Tap(
    "blocks.{layer}.mlp.hook_router_logits", ("batch", "pos", "expert"), "router logits, the expert bias included"
)
RANKED = Tap(
    "blocks.{layer}.mlp.hook_ranked", ROUTER.axes, "what the experts are chosen by: scores, with a bias of each"
)
MLP_OUT = Tap("blocks.{layer}.hook_mlp_out", STREAM, "what the MLP or the experts add")
RESID_POST = Tap("blocks.{layer}.hook_resid_post", STREAM, "the residual stream leaving the block")
POST = Tap(
    "blocks.{layer}.mlp.hook_post", ("batch", "pos", "d_mlp"), "the neurons of an MLP: activated, times up where gated"
)
SHARED_POST = Tap("blocks.{layer}.mlp.shared.hook_post", POST.axes, "the same of the expert that every token takes")
FINAL = Tap("ln_final.hook_normalized", STREAM, "the normalized stream that the head turns into logits")


LN_EMBED = Tap("ln_embed.hook_normalized", STREAM, "the embeddings, normalized")
Q_NORM = Tap("blocks.{layer}.attn.q_norm.hook_normalized", Q_HEADS, "queries, normalized, before any rotation")
K_NORM = Tap("blocks.{layer}.attn.k_norm.hook_normalized", KV_HEADS, "keys, normalized, before any rotation")
SEGMENT_EMBED = Tap("hook_segment_embed", STREAM, "what a token's segment adds to its embedding")
POST_LN1 = Tap("blocks.{layer}.ln1.hook_normalized", STREAM, "the normalized stream that the next part reads")
POST_LN2 = Tap("blocks.{layer}.ln2.hook_normalized", STREAM, "the normalized stream that leaves the block")
CONV_OUT = Tap("conv.hook_out", STREAM, "what a convolution of the embeddings adds behind the first block")
CONV_LN = Tap("conv.ln.hook_normalized", STREAM, "the sum with it, normalized: what enters the second block")
MASKED = Tap(
    "masked.ln.hook_normalized", ("batch", "pos", "d_embed"), "what is compared with every embedding to give the logits"
)
LN_CROSS = Tap("blocks.{layer}.ln_cross.hook_normalized", STREAM, "what cross-attention reads: the stream, normalized")
CROSS_OUT = Tap("blocks.{layer}.hook_cross_attn_out", STREAM, "what cross-attention adds to the residual stream")
POST_LN_CROSS = Tap("blocks.{layer}.ln_cross.hook_normalized", STREAM, "the normalized stream after cross-attention")
RESID_MID_CROSS = Tap("blocks.{layer}.hook_resid_mid_cross", STREAM, "the residual stream after cross-attention")

LOOKED_AT = (PATTERN, Z)
ATTENTION = (Q, K, V, ROT_Q, ROT_K)


@functools.cache
def table(config: Config) -> Mapping[str, Tap]:
    """Every tap of a model, by name, in the order in which a forward pass reaches them."""
    match config:
        case GPTConfig():
            return MappingProxyType(_gpt(config))
        case BertConfig():
            return MappingProxyType(_bert(config))
        case T5Config():
            return MappingProxyType(_t5(config))


def _named(n_layers: int, before: tuple[Tap, ...], block: tuple[Tap, ...], after: tuple[Tap, ...]) -> dict[str, Tap]:
    """The taps of a stack whose blocks are all alike."""
    taps = {tap.template: tap for tap in before}
    taps |= {tap.name(layer): tap for layer in range(n_layers) for tap in block}
    return taps | {tap.template: tap for tap in after}


def _gpt(config: GPTConfig) -> dict[str, Tap]:
    added = (POS_EMBED,) if config.positions.adds_to_embeddings else ()
    normalized = (LN_EMBED,) if config.embed_norm else ()
    taps = {tap.template: tap for tap in (EMBED, *added, *normalized)}
    bias = (BIAS,) if config.positions.adds_to_scores else ()
    qk_norm = (Q_NORM, K_NORM) if config.qk_norm else ()
    middle = () if config.parallel else (RESID_MID,)
    before = (LN1, LN2) if config.normalizes_read else ()
    behind = (LN1_POST, LN2_POST) if config.normalizes_added else ()
    values, mixes = V, Z
    if config.latent is not None:
        values, mixes = (dataclasses.replace(tap, axes=(*tap.axes[:-1], "d_value")) for tap in (V, Z))
    projected = (*((LATENT,) if config.latent is not None else ()), Q, K, values, *qk_norm)
    ranked = (RANKED,) if config.experts is not None and config.experts.choice_bias else ()
    for layer in range(config.n_layers):
        router = (ROUTER, *ranked) if layer in config.expert_layers else ()
        attention = (*projected, ROT_Q, ROT_K, *bias, PATTERN, mixes, *behind[:1], ATTN_OUT)
        feed = (*router, *behind[1:], MLP_OUT, RESID_POST)
        for tap in (RESID_PRE, *before[:1], *attention, *middle, *before[1:], *feed):
            taps[tap.name(layer)] = tap
    return taps | {FINAL.template: FINAL}


def _bert(config: BertConfig) -> dict[str, Tap]:
    segments = (SEGMENT_EMBED,) if config.n_segments else ()
    added = (POS_EMBED,) if config.positions.adds_to_embeddings else ()
    before = (EMBED, *added, *segments, *((LN_EMBED,) if config.embed_norm else ()))
    if config.d_embed is not None:
        narrow = before[:-1] if config.project_first else before
        before = (
            tuple(dataclasses.replace(tap, axes=("batch", "pos", "d_embed")) for tap in narrow) + before[len(narrow) :]
        )
    masked = (MASKED,) if config.head == "masked" else ()
    bias = (BIAS,) if config.positions.adds_to_scores else ()
    attention = (*ATTENTION, *bias, *LOOKED_AT, ATTN_OUT)
    if config.post_norm:
        conv = () if config.conv_kernel is None else (CONV_OUT, CONV_LN)
        block = (RESID_PRE, *attention, RESID_MID, POST_LN1, MLP_OUT, RESID_POST, POST_LN2)
        return _named(config.n_layers, before, block, (*conv, *masked))
    block = (RESID_PRE, LN1, *attention, RESID_MID, LN2, MLP_OUT, RESID_POST)
    taps = _named(config.n_layers, before, block, (FINAL, *masked))
    if config.first_raw:
        del taps[LN1.name(0)]  # the first attention reads what the norm of the embeddings gives
    return taps


def _t5(config: T5Config) -> dict[str, Tap]:
    post = config.post_norm
    added = (POS_EMBED,) if config.positions.adds_to_embeddings else ()
    before = (EMBED, *added, *((LN_EMBED,) if config.embed_norm else ()))
    bias = (BIAS,) if config.positions.adds_to_scores else ()

    def part(norm: Tap, inner: tuple[Tap, ...], behind: Tap) -> tuple[Tap, ...]:
        """A part of a block, its norm before it or, in the stream, behind its sum."""
        return (*inner, behind) if post else (norm, *inner)

    attention = part(LN1, (*ATTENTION, *bias, *LOOKED_AT, ATTN_OUT, RESID_MID), POST_LN1)
    fed = part(LN2, (MLP_OUT, RESID_POST), POST_LN2)
    looked = part(LN_CROSS, (CROSS_OUT, RESID_MID_CROSS), POST_LN_CROSS)
    read = (Q, K, V, *LOOKED_AT)
    first = 0 if post else 1  # what stands before the taps of the looking across itself
    decoder = (
        *(tap.at("decoder") for tap in (RESID_PRE, *attention, *looked[:first])),
        *(tap.at("cross") for tap in read),
        *(tap.at("decoder") for tap in (*looked[first:], *fed)),
    )
    encoder = tuple(tap.at("encoder") for tap in (RESID_PRE, *attention, *fed))

    def stack(place: Place, layers: int, block: tuple[Tap, ...]) -> dict[str, Tap]:
        after = () if post else (FINAL.at(place),)
        return _named(layers, tuple(tap.at(place) for tap in before), block, after)

    return stack("encoder", config.n_layers, encoder) | stack("decoder", config.decoder_layers, decoder)


def within(config: Config) -> Mapping[str, Tap]:
    """What no graph gives out: hook points to look at, and to reach into, in PyTorch."""
    found = {}
    for place, stack in config.stacks.items():
        for layer in range(stack.layers if place != "cross" else 0):
            if layer not in config.expert_layers:
                found[POST.at(place).name(layer)] = POST.at(place)
            elif config.experts is not None and config.experts.d_shared is not None:
                found[SHARED_POST.at(place).name(layer)] = SHARED_POST.at(place)
    return found


def sizes(config: Config) -> dict[str, int]:
    """The length of every axis that the config fixes."""
    fixed = {
        "head": config.n_heads,
        "kv_head": config.kv_heads,
        "d_model": config.d_model,
        "d_head": config.head_width,
    }
    if config.latent is not None:
        fixed |= {"d_latent": config.latent.rank, "d_value": config.latent.d_value}
    if config.experts is not None:
        fixed["expert"] = config.experts.n_experts
    if isinstance(config, BertConfig):
        fixed["d_embed"] = config.embed_width
    return fixed


def glossary(config: Config) -> str:
    """The table of taps as Markdown, one row per kind."""
    rows = ["| tap | axes | meaning |", "| --- | --- | --- |"]
    for tap in dict.fromkeys(table(config).values()):
        rows.append(f"| `{tap.template}` | {', '.join(tap.axes)} | {tap.meaning} |")
    return "\n".join(rows)
