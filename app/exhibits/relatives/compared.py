"""Two models held against each other part by part: what each has, whether that is another kind of part, and why.

A part is of a *kind*, which either differs or does not, and has a *size*, which only grows. A reason comes with its
source; where the field has none that is settled, that is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.relatives.shape import Shape


@dataclass(frozen=True)
class Had:
    """What a model has for a part."""

    kind: str
    size: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.kind, self.size)))


@dataclass(frozen=True)
class Row:
    """One part of two models."""

    part: str
    then: Had
    now: Had
    why: str
    """A sentence where the kinds differ; "" where they do not."""

    @property
    def changed(self) -> bool:
        """Whether it is of another kind."""
        return self.then.kind != self.now.kind


def stacks(shape: Shape) -> Had:
    """Which stacks there are, and how deep."""
    blocks = f"{shape.n_layers} blocks"
    if shape.n_decoder_layers:
        return Had("encoder and decoder", f"{shape.n_layers} and {shape.n_decoder_layers} blocks")
    return Had(f"{shape.stacks} alone", blocks)


def norm(shape: Shape) -> Had:
    """Which norm, and where it stands."""
    name = {"layer": "LayerNorm", "rms": "RMSNorm", "gain": "LayerNorm without shift"}[shape.norm]
    return Had(f"{name} {PLACES[shape.place]}")


PLACES = {
    "post": "behind each sum",
    "pre": "in front of each part",
    "both": "on both sides of each part",
    "parallel": "in front of two parts side by side",
    "parallel one": "once, in front of two parts side by side",
}


def positions(shape: Shape) -> Had:
    """How it knows the order."""
    kinds = {
        "sinusoids": "fixed sinusoids, added",
        "learned": "learned, added",
        "buckets": "a bias for each distance’s bucket",
        "disentangled": "scored apart from the content",
        "rope": "queries and keys turned: RoPE",
        "alibi": "a penalty by distance: ALiBi",
        "none": "none: a recurrence goes in order",
    }
    rows = shape.n_positions and shape.positions in ("learned", "buckets", "disentangled")
    return Had(kinds[shape.positions], f"{shape.n_positions:,} of them" if rows else "")


def mixing(shape: Shape) -> Had:
    """What lets tokens see each other."""
    if shape.rwkv:
        return Had("time mixing, a fading average")
    if not shape.n_attention:
        return Had("a state space: Mamba", f"{shape.mamba.d_state} numbers a channel" if shape.mamba else "")
    had = heads(shape)
    if shape.mamba:
        return Had("Mamba, now and then attention", f"{shape.n_attention} of {shape.n_layers} layers, {had.size}")
    return had


def heads(shape: Shape) -> Had:
    """Heads, and who shares keys and values."""
    size = f"{shape.n_heads} heads of {shape.d_head}"
    if shape.latent:
        width = shape.latent.kv_rank + shape.latent.rope
        return Had("one latent vector for all heads: MLA", f"{shape.n_heads} heads, {width} numbers kept")
    if shape.n_kv_heads == shape.n_heads:
        return Had("each head its keys and values: MHA", size)
    return Had("heads share keys and values: GQA", f"{size}, {shape.n_kv_heads} of keys and values")


def reach(shape: Shape) -> Had:
    """How far attention looks, and whether queries and keys are normed."""
    if not shape.n_attention:
        return Had("no attention")
    kinds = []
    if shape.banded:
        kinds.append("whole context, in bands in every second layer")
    elif shape.window:
        layers = (
            "every layer" if shape.n_windowed == shape.n_layers else f"{shape.n_windowed} of {shape.n_layers} layers"
        )
        kinds.append(f"a window of {shape.window:,} in {layers}")
    else:
        kinds.append("whole context")
    if shape.qk_norm:
        kinds.append("queries and keys normed")
    return Had("; ".join(kinds))


def feed_forward(shape: Shape) -> Had:
    """The part for each token alone."""
    if shape.experts:
        experts = shape.experts
        shared = f" and {experts.shared} for all" if experts.shared else ""
        size = f"{experts.chosen} of {experts.n}{shared}, {experts.d_ff:,} wide, in {experts.n_layers} layers"
        return Had(f"experts, {activation(shape)}", size)
    if not shape.d_ff:
        return Had("none")
    return Had(activation(shape), f"{shape.d_ff:,} wide, {shape.d_ff / shape.d_model:.2g} times the stream")


def activation(shape: Shape) -> str:
    """What a feed-forward part is called by its activation."""
    if not shape.gated:
        return shape.activation
    return {"SiLU": "SwiGLU, gated", "GELU": "GeGLU, gated"}[shape.activation]


def biases(shape: Shape) -> Had:
    """Where biases are added."""
    kinds = {"all": "in every matrix", "qkv": "for queries, keys, values", "none": "none"}
    return Had({**kinds, "outside": "outside attention"}[shape.biases])


def vocabulary(shape: Shape) -> Had:
    """Its entries, and whether the matrix is used twice."""
    if shape.stacks == "encoder":
        return Had("read only", f"{shape.d_vocab:,} entries")
    matrices = "read and written by one matrix" if shape.tied else "a matrix to read, one to write"
    return Had(matrices, f"{shape.d_vocab:,} entries")


def context(shape: Shape) -> Had:
    """The longest text."""
    return Had("", f"{shape.n_ctx:,} tokens" if shape.n_ctx else "no limit stated")


PARTS: dict[str, Callable[[Shape], Had]] = {
    "stacks": stacks,
    "tokens see each other by": mixing,
    "attention reaches": reach,
    "order": positions,
    "each token alone": feed_forward,
    "norms": norm,
    "biases": biases,
    "vocabulary": vocabulary,
    "context": context,
}
"""What is compared, by the name of the row."""


WHY: dict[str, dict[str, str]] = {
    "stacks": {
        "decoder alone": "One stack learns from any text, without pairs. That it won is a fact; why is not settled:"
        " ahead without examples, behind once trained on many tasks (Wang et al. 2022).",
        "encoder alone": "Who does not write may read both ways, which serves questions about a whole text"
        " (Devlin et al. 2019).",
    },
    "tokens see each other by": {
        "heads share keys and values: GQA": "Each step loads all kept keys and values; fewer of them load faster, at"
        " almost the quality (Ainslie et al. 2023).",
        "one latent vector for all heads: MLA": "Less is kept than by shared heads, and quality is not lost"
        " (DeepSeek-AI 2024, section 2.1).",
        "a state space: Mamba": "Work and memory a token do not grow with the text (Gu & Dao 2023).",
        "time mixing, a fading average": "Trained side by side like attention, run like a recurrence"
        " (Peng et al. 2023).",
        "Mamba, now and then attention": "A few layers that look anything up, among many that keep little"
        " (Lieber et al. 2024).",
    },
    "attention reaches": {
        "window": "What is further away arrives through the layers below; the cache stops growing"
        " (Beltagy et al. 2020; Jiang et al. 2023).",
        "no attention": "What came before is carried along instead, in a state of fixed size.",
        "in bands": "A band costs less, and what it leaves out arrives through other layers (Child et al. 2019).",
        "normed": "Scores cannot grow out of hand in training (Henry et al. 2020).",
    },
    "order": {
        "learned, added": "As good as sinusoids in the paper that had both (Vaswani et al. 2017, table 3); bound to the"
        " trained length.",
        "a bias for each distance’s bucket": "Only distances count, and far ones share a number"
        " (Raffel et al. 2020, section 2.1).",
        "scored apart from the content": "What a word is and how far it stands are weighed by themselves"
        " (He et al. 2021).",
        "queries and keys turned: RoPE": "A score then depends on the distance, with nothing added to the stream"
        " (Su et al. 2021).",
        "a penalty by distance: ALiBi": "Reads longer texts than it was trained on (Press et al. 2022).",
        "none: a recurrence goes in order": "What is read one after the other knows its order.",
    },
    "each token alone": {
        "GELU": "Smooth where ReLU bends (Hendrycks & Gimpel 2016).",
        "gated": "Better at equal size; its author offers no explanation but “divine benevolence” (Shazeer 2020).",
        "experts": "More parameters at the same work for each token (Shazeer et al. 2017; Fedus et al. 2022).",
        "none": "The mixing layers are widened instead (Gu & Dao 2023, section 3.4).",
        "ReLU²": "Found by search over many forms (So et al. 2021).",
    },
    "norms": {
        "LayerNorm in": "The stream runs through unbroken; gradients stay even, and training needs no careful warm-up"
        " (Xiong et al. 2020).",
        "RMSNorm": "Mean and shift turned out not to be needed (Zhang & Sennrich 2019); in front of the parts the"
        " stream runs through unbroken (Xiong et al. 2020).",
        "both sides": "A norm behind each part too, before it is added (Gemma Team 2024b, section 2).",
        "side by side": "Both parts are computed at once, at almost the quality (Wang & Komatsuzaki 2021;"
        " Black et al. 2022, section 2).",
        "without shift": "Nothing was lost without shifts (Xu et al. 2019).",
    },
    "biases": {
        "none": "Training of large models was steadier without (Chowdhery et al. 2022, section 2).",
        "for queries, keys, values": "Left there for texts longer than in training (Bai et al. 2023, section 2.3).",
        "in every matrix": "As PyTorch’s linear layers have unless told otherwise.",
    },
    "vocabulary": {
        "a matrix to read, one to write": "A choice of size: Qwen3’s small models use one, its large ones two"
        " (Qwen Team 2025, table 1).",
        "read only": "It writes nothing: what it predicts in training stands on it.",
    },
}
"""Why a kind of part is there, by words in its name: all that are found there."""


def why(part: str, kind: str) -> str:
    """The reason for a kind of part."""
    return " ".join(said for word, said in WHY.get(part, {}).items() if word in kind)


def rows(then: Shape, now: Shape) -> list[Row]:
    """Every part of both."""
    told = []
    for part, of in PARTS.items():
        before, after = of(then), of(now)
        told.append(Row(part, before, after, why(part, after.kind) if before.kind != after.kind else ""))
    return told
