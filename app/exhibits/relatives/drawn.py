"""What the drawing of a model is made of: its stacks, and in one block of each the parts that the text passes.

A part is {kind ("attention" | "cross" | "mixer" | "feed-forward" | "experts"), name, size, changed}; `place` says where
the norms stand, as in `model.relatives.shape`.
"""

from __future__ import annotations

from typing import Any

from app.exhibits.relatives import compared
from app.exhibits.relatives.compared import Had
from model.relatives.shape import Shape


def model(shape: Shape, then: Shape) -> dict[str, Any]:
    """A model, each part with whether the one of `then` was of another kind."""

    def changed(part: str) -> bool:
        of = compared.PARTS[part]
        return of(shape).kind != of(then).kind

    def part(kind: str, had: Had, of: str) -> dict[str, Any]:
        return {"kind": kind, "name": had.kind, "size": had.size, "changed": changed(of)}

    mixing = part("attention" if shape.n_attention else "mixer", compared.mixing(shape), "tokens see each other by")
    feed = part("experts" if shape.experts else "feed-forward", compared.feed_forward(shape), "each token alone")
    alone = [feed] if shape.d_ff or shape.experts else []
    first = "encoder" if shape.stacks != "decoder" else "decoder"
    told = [{"name": first, "n": shape.n_layers, "parts": [mixing, *alone]}]
    if shape.n_decoder_layers:
        crossed = {"kind": "cross", "name": "reads the encoder", "size": compared.heads(shape).size, "changed": False}
        told.append({"name": "decoder", "n": shape.n_decoder_layers, "parts": [mixing, crossed, *alone]})
    norm = {"layer": "LayerNorm", "rms": "RMSNorm", "gain": "LayerNorm"}[shape.norm]
    return {
        "stacks": told,
        "place": shape.place,
        "norm": norm,
        "norm_changed": changed("norms"),
        "embedding": [shape.d_vocab, shape.d_model],
        "order": compared.positions(shape).kind,
        "order_added": shape.positions in ("sinusoids", "learned"),
        "order_in_attention": shape.positions in ("buckets", "disentangled", "rope", "alibi"),
        "order_changed": changed("order"),
        "tied": shape.tied,
        "tied_changed": changed("vocabulary"),
        "writes": shape.stacks != "encoder",
    }
