"""Neurons of experts that are switched off or turned up: the tapped graph over weights in which their values are
multiplied.

The neurons of an MLP have gates among the graph's inputs (`export.interface.gates`). All experts of a block run in one
fused node, which has none, and whose weights a graph must hold as constants to be fast. A factor of a neuron is a
factor of its value, a column of `w_out`, so the graph is opened once more with that column multiplied: it takes tens of
milliseconds at the first keystroke, nothing at the next, and the model as it is stays as it is. A value is rounded to
the type in which the file has it; times 0, 2 and 4 it comes out exactly.
"""

from __future__ import annotations

import dataclasses

from app.running.model import Model
from app.running.other_weights import OtherWeights
from app.wire.fields import RequestError
from app.wire.interventions import Interventions, Neuron
from model.stored import reading
from model.trace import Array


def with_graph(changes: Interventions, model: Model, sessions: OtherWeights) -> Interventions:
    """Changes that know the graph to run; the same where no neurons of experts are among them.

    Raises:
        RequestError: the model is too large to be opened once more.
    """
    turned = changes.of_experts
    if not turned:
        return changes
    if model.is_large:
        raise RequestError(
            f"Neurons of {model.name}'s experts are not switched here: it is too large to be opened with other weights."
            " Switch an expert off instead."
        )
    return dataclasses.replace(
        changes, over=lambda: sessions.session(model, ("neurons", turned), lambda: weights(model, turned))
    )


def weights(model: Model, turned: tuple[Neuron, ...]) -> dict[str, Array]:
    """The experts' values by the names of their tensors, those of some neurons multiplied.

    *Shape:* (n_experts, d_model, d_expert).
    """
    found: dict[str, Array] = {}
    with reading(model.weights) as read:
        for _, layer, expert, neuron, factor in turned:
            if (name := f"blocks.{layer}.mlp.w_out") not in found:
                found[name] = read(name)
            found[name][expert, :, neuron] *= factor
    return found
