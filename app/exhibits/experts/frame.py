"""What the Experts exhibit draws of a pass: every router's numbers, the load they lead to, and what a change did.

E is the number of blocks with experts, T the number of tokens. The arrays of a frame for the exhibit "experts":

    router_logits  float32 [E, T, expert]: what the router says, bias included; minus infinity if an expert is off
    router         float32 [E, T, expert]: their softmax, the gate's probabilities
    weights        float32 [E, T, expert]: what each chosen expert's output is multiplied by; 0 where it is not chosen
    ranked         float32 [E, T, expert]: what they are chosen by, where that is not their probability alone: with a
                   bias of each (DeepSeek-V3), minus infinity outside of the groups that the token may choose from

Beside them stands the field `experts`, null for a model without experts:

    {layers: [{layer (from 0), load: [tokens that chose each expert], balance_loss}], score ("softmax" | "sigmoid"),
     normalize, scale (see model.config.ExpertsConfig), biased (whether a bias takes part in the choice), n_groups,
     top_groups (null without groups), d_shared (null without an expert that every token takes)}

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
    layers, experts = loads(question.trace), question.trace.config.experts
    if layers is None or experts is None:
        return Part(fields={"experts": None})
    rule = {
        name: getattr(experts, name) for name in ("score", "normalize", "scale", "n_groups", "top_groups", "d_shared")
    }
    told = {"layers": layers, "biased": experts.choice_bias, **rule}
    return Part({"experts": told, "change": difference.from_untouched(question)}, routers(question.trace))


def routers(trace: ForwardTrace) -> dict[str, Packed]:
    """The arrays above for one pass; none for a model without experts."""
    config = trace.config
    if config.experts is None:
        return {}
    arrays = {
        "router_logits": [trace.read(taps.ROUTER, layer) for layer in config.expert_layers],
        "router": [trace.router(layer) for layer in config.expert_layers],
        "weights": [routing.sent(trace, layer) for layer in config.expert_layers],
    }
    ranked = [rows for layer in config.expert_layers if (rows := routing.ranking(trace, layer)) is not None]
    if ranked:
        arrays["ranked"] = ranked
    stacked = {name: np.stack(values).astype(np.float32) for name, values in arrays.items()}
    return {name: Packed(values, values.shape) for name, values in stacked.items()}


def loads(trace: ForwardTrace) -> list[dict[str, Any]] | None:
    """How each block's tokens are spread over its experts."""
    config = trace.config
    if config.experts is None:
        return None
    found = []
    for layer in config.expert_layers:
        taken = routing.chosen(trace.ranked(layer), config.experts)
        found.append(
            {
                "layer": layer,
                "load": routing.load(routing.sent(trace, layer)).tolist(),
                "balance_loss": routing.balance_loss(trace.router(layer), taken),
            }
        )
    return found
