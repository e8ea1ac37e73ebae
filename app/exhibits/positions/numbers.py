"""The numbers of the positions: what a model's own scheme adds, turns or takes off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.asked import heads
from app.asked.question import Question
from app.asked.table import Table, counted, labels
from app.exhibits.positions.distances import terms
from app.exhibits.positions.frame import layer_of, weight
from model import taps
from model.study import position_math


def tables(question: Question) -> list[Table]:
    """The vectors that are added, the angles of each pair, or the bias of each distance; nothing without a scheme."""
    trace, config = question.trace, question.model.config
    rule, n = config.positions, len(trace.tokens)
    tokens = labels(trace.tokens)
    if rule.adds_to_embeddings and not rule.terms:
        place = config.reader
        values = trace.read(taps.POS_EMBED, place=place)
        axes: dict[str, Sequence[Any]] = {"token": tokens, "dimension": list(range(values.shape[-1]))}
        return [
            Table(
                "position_vectors",
                axes,
                values,
                f"from model import taps\n\nvalues = trace.read(taps.POS_EMBED, place={place!r})",
            )
        ]
    imports = "from model.study import position_math\n\n"
    if rule.scheme == "rope":
        width = config.d_rotary  # type: ignore[union-attr]
        layer = layer_of(question)
        rule = config.positions_at(layer)  # type: ignore[union-attr]
        angles = np.arange(n)[:, None] * position_math.rope_frequencies(width, rule.theta, rule.scaling)
        rule_of = f"rule = trace.config.positions_at({layer})\n"
        computed = (
            f"{imports}{rule_of}width = trace.config.d_rotary\n"
            "frequencies = position_math.rope_frequencies(width, rule.theta, rule.scaling)\n"
            "values = np.arange(len(trace.tokens))[:, None] * frequencies"
        )
        axes = {"token": tokens, "pair": list(range(angles.shape[-1]))}
        return [Table("rope_angles", axes, angles, computed)]
    if rule.terms:
        layer, head = heads.looked_at(question, config.reader)
        added = terms(trace, question.model.weights, layer, head)
        computed = (
            "from app.exhibits.positions.distances import terms\n\n"
            f"added = terms(trace, engine.model({question.model.name!r}).weights, {layer}, {head})\n"
            "values = np.stack(list(added.values()))"
        )
        axes = {"term": list(added), "query": tokens, "key": tokens}
        return [Table("distance_terms", axes, np.stack(list(added.values())), computed)]
    distances = np.arange(n)
    if rule.scheme == "alibi":
        biases = -np.array(position_math.alibi_slopes(config.n_heads))[:, None] * distances
        computed = (
            f"{imports}slopes = np.array(position_math.alibi_slopes(trace.config.n_heads))\n"
            "values = -slopes[:, None] * np.arange(len(trace.tokens))"
        )
        return [
            Table("alibi_bias", {"head": counted(config.n_heads), "distance": distances.tolist()}, biases, computed)
        ]
    if rule.scheme == "t5":
        relative, stack = np.arange(1 - n, n), config.stacks[config.reader]
        tensor = f"{stack.prefix}positions.weight"
        args = f"{rule.n_buckets}, {rule.max_distance}, {not stack.causal}"
        buckets = position_math.t5_bucket(relative, rule.n_buckets, rule.max_distance, not stack.causal)
        computed = (
            f"from app.exhibits.positions.frame import layer_of, weight\n{imports}relative = np.arange({1 - n}, {n})\n"
            f"buckets = position_math.t5_bucket(relative, {args})\n"
            f"values = weight(engine, {question.model.name!r}, {tensor!r})[buckets].T"
        )
        biases = weight(question.engine, question.model.name, tensor)[buckets].T
        return [
            Table("t5_bias", {"head": counted(config.n_heads), "key_minus_query": relative.tolist()}, biases, computed)
        ]
    return []
