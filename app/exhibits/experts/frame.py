"""What the Experts exhibit draws of a pass: every router's numbers, the load they lead to, and what a change did.

E is the number of blocks with experts, T the number of tokens. The arrays of a frame for the exhibit "experts":

    router_logits  float32 [E, T, expert]: what the router says, bias included; minus infinity if an expert is off
    router         float32 [E, T, expert]: their softmax, the gate's probabilities
    weights        float32 [E, T, expert]: what each chosen expert's output is multiplied by; 0 where it is not chosen

Beside them stands the field `experts`, null for a model without experts:

    {layers: [{layer (from 0), load: [tokens that chose each expert], balance_loss}]}

and the field `change` of `app.asked.difference`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.asked import difference
from app.asked.question import Part, Question
from app.wire.payload import Packed
from model import taps
from model.study import routing
from model.trace import ForwardTrace

N_TOP = 12


def frame(question: Question) -> Part:
    """The routers, and the fields `experts` and `change`."""
    layers = loads(question.trace)
    if layers is None:
        return Part(fields={"experts": None})
    return Part({"experts": {"layers": layers}, "change": difference.from_untouched(question)}, routers(question.trace))


def routers(trace: ForwardTrace) -> dict[str, Packed]:
    """The arrays above for one pass; none for a model without experts."""
    config = trace.config
    if config.experts is None:
        return {}
    probabilities = [trace.router(layer) for layer in config.expert_layers]
    arrays = {
        "router_logits": [trace.read(taps.ROUTER, layer) for layer in config.expert_layers],
        "router": probabilities,
        "weights": [routing.weights(rows, config.experts) for rows in probabilities],
    }
    stacked = {name: np.stack(values).astype(np.float32) for name, values in arrays.items()}
    return {name: Packed(values, values.shape) for name, values in stacked.items()}


def loads(trace: ForwardTrace) -> list[dict[str, Any]] | None:
    """How each block's tokens are spread over its experts."""
    config = trace.config
    if config.experts is None:
        return None
    top_k = config.experts.top_k
    return [
        {
            "layer": layer,
            "load": routing.load(trace.router(layer), top_k).tolist(),
            "balance_loss": routing.balance_loss(trace.router(layer), top_k),
        }
        for layer in config.expert_layers
    ]
