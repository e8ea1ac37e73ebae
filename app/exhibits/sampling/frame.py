"""What the Sampling exhibit draws of a pass: the whole vocabulary in falling order of probability, a thousand draws,
and, on demand, greedy decoding against beam search.

The arrays of a frame for the exhibit "sampling": `curve_ranks` (uint32, rising from 1, see `ranks`), the untouched
probability of each in `curve` (float32), what it will be drawn with in `curve_chance` (float32), and `draws_u` (uint16,
the uniform numbers of the draws times 65,536). Beside them stands

    draws: {n, counts (how often each entry of `next.top` was drawn), rest (all others together), distance (the total
            variation between the drawn shares and the chances), expected_distance (what fair draws give on average)}

The browser asks for a *beam* after a pause:

    {seq, text, model, interventions, width (2 to 5), depth (1 to 12)}
    -> {nodes: [{parent (an index, or null), id, text, raw, special, log_probability, score, depth}],
        finished (indices, the best first), greedy (indices along its path), width, depth}

Logarithms are natural, probabilities the model's own over the whole vocabulary: no sampling setting changes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Part, Question
from app.exhibits.sampling.continuations import Decoder
from app.running.model import end_of
from app.wire.fields import RequestError
from app.wire.payload import Packed
from model.study import beam as beams
from model.study import draws, sampling
from model.study.sampling import Distribution

N_TOP = 40
N_DRAWS = 1_000
EACH, N_SPREAD = 384, 1_152
"""How many ranks from the first are all drawn, and how many stand for those after them."""
NO_BEAM = (
    "BERT fills a place of a text that is already there; it writes nothing on, so there is no path to search. Choose a"
    " GPT or a T5."
)


def frame(question: Question) -> Part:
    """The curve over the whole vocabulary, and the draws."""
    if not question.predicts:
        return Part(absent=question.unsaid)
    uniform = draws.numbers(question.seed, N_DRAWS)
    arrays = curve(question.logits, question.distribution)
    arrays["draws_u"] = Packed((uniform * 2**16).astype(np.uint16), uniform.shape)
    return Part({"draws": thousand(question, uniform)}, arrays)


def curve(logits: NDArray[np.floating], distribution: Distribution) -> dict[str, Packed]:
    """The vocabulary in falling order: ranks, probabilities, chances."""
    chosen = ranks(len(logits), int(distribution.keep.sum()))
    ids = sampling.descending(logits)[chosen - 1]
    arrays: dict[str, NDArray[Any]] = {
        "curve_ranks": chosen.astype(np.uint32),
        "curve": distribution.probabilities[ids].astype(np.float32),
        "curve_chance": distribution.chances[ids].astype(np.float32),
    }
    return {name: Packed(values, values.shape) for name, values in arrays.items()}


def ranks(n: int, n_kept: int) -> NDArray[np.int64]:
    """Those of 1 to n that a line over logarithmic ranks is drawn through: all of the first, of the others so many that
    two lie less than a pixel apart, and the last that the settings keep.
    """
    spread: Any = np.rint(np.geomspace(EACH, n, N_SPREAD)) if n > EACH else []
    chosen = np.unique([*range(1, min(n, EACH) + 1), *spread, n_kept, n]).astype(np.int64)
    return chosen


def thousand(question: Question, uniform: sampling.Vector) -> dict[str, Any]:
    """The field `draws`: every number of `uniform` picks one entry, at the same place each time."""
    chances = question.distribution.chances
    counts = draws.counts(chances, uniform)
    listed = counts[sampling.likeliest(question.logits, N_TOP)]
    return {
        "n": len(uniform),
        "counts": listed.tolist(),
        "rest": len(uniform) - int(listed.sum()),
        "distance": draws.distance(counts, chances),
        "expected_distance": draws.expected_distance(chances, len(uniform)),
    }


def beam(question: Question) -> dict[str, Any]:
    """The tree of a beam search after the text, the greedy path in it."""
    config = question.model.config
    if not config.stacks[config.speaker].causal:
        raise RequestError(NO_BEAM)
    if not config.predicts:
        raise RequestError(question.unsaid or "")
    width = question.fields.integer("width", 2, beams.MAX_WIDTH)
    depth = question.fields.integer("depth", 1, beams.MAX_DEPTH)
    decoder = Decoder(question.reading, depth)
    tree = beams.search(
        decoder.first, decoder, Decoder(question.reading, depth), width=width, depth=depth, ends=_ends(question)
    )
    nodes = [
        {
            **question.describe(node.id),
            "parent": node.parent,
            "log_probability": node.log_probability,
            "score": node.score,
            "depth": node.depth,
        }
        for node in tree.nodes
    ]
    return {"nodes": nodes, "finished": tree.finished, "greedy": tree.greedy, "width": width, "depth": depth}


def _ends(question: Question) -> frozenset[int]:
    """The entries that end what is written: of a T5 one."""
    model = question.model
    if model.config.reader == model.config.speaker:
        return model.tokenizer.special_ids
    end = end_of(model, [token.id for token in question.trace.tokens])
    return frozenset() if end is None else frozenset([end])


CALLS = (beam,)
