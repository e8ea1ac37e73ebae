"""What the Experts exhibit draws of a pass: every router's numbers, the load they lead to, and what a change did.

E is the number of blocks with experts, T the number of tokens. The arrays of a frame for the exhibit "experts":

    router_logits  float32 [E, T, expert]: what the router says, bias included; minus infinity if an expert is off
    router         float32 [E, T, expert]: their softmax, the gate's probabilities
    weights        float32 [E, T, expert]: what each chosen expert's output is multiplied by; 0 where it is not chosen

Beside them stands the field `experts`, null for a model without experts:

    {layers: [{layer (from 0), load: [tokens that chose each expert], balance_loss}],
     change: null for a model as it is, else {kl_bits, before: {id, text, raw, special, probability} (the likeliest),
                                              moved: [{id, text, raw, special, before, after}]}}

`kl_bits` is KL(before || after) over the whole vocabulary, before and after the person's changes to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.payload import Packed
from app.question import Part, Question
from model import routing, sampling, taps
from model.trace import ForwardTrace

N_CANDIDATES = 12
"""How many of the likeliest entries, before and after, are looked at for those that moved most."""
N_MOVED = 6
N_TOP = 12


def frame(question: Question) -> Part:
    """The routers, and the field `experts`; a changed model is run once more as it is, to say what changed."""
    layers, change_made = loads(question.trace), None
    if layers is None:
        return Part(fields={"experts": None})
    if question.reading.interventions:
        change_made = change(question.untouched, question.logits, question.describe)
    return Part({"experts": {"layers": layers, "change": change_made}}, routers(question.trace))


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


def change(
    before: NDArray[np.floating], after: NDArray[np.floating], describe: Callable[[int], Mapping[str, Any]]
) -> dict[str, Any]:
    """What the changes to a model did to its prediction.

    Args:
        before: the logits of the last position in the model as it is. *Shape:* (d_vocab,).
        after: the same in the changed model.
        describe: the fields that say what an entry of the vocabulary is, by its id.
    """
    p, q = sampling.softmax(before), sampling.softmax(after)
    candidates = np.union1d(sampling.descending(before)[:N_CANDIDATES], sampling.descending(after)[:N_CANDIDATES])
    moved = candidates[np.argsort(-np.abs(q - p)[candidates], kind="stable")][:N_MOVED].tolist()
    likeliest = int(before.argmax())
    return {
        "kl_bits": sampling.kl_bits(before, after),
        "before": {**describe(likeliest), "probability": float(p[likeliest])},
        "moved": [{**describe(id), "before": float(p[id]), "after": float(q[id])} for id in moved],
    }
