"""What the Residual exhibit draws of a pass: the logit lens at one token, and a logit as a sum of parts.

A request for the exhibit "residual" also has

    query     position of the token after which a GPT is to speak, null for the last; for the others see
              `app.asked.question`
    target    id of the entry whose logit is taken apart, null for the one that is likeliest to the model as it is
    against   id of the entry to compare it with, null for the likeliest but the target, to the model as it is
    of        "logit", or "difference": of the target's logit and that of `against`

and its frame has `residual`:

    query, target, against   as they came out: a position (in a T5, in what it wrote), an entry, an entry or null
    depths    one for each place where the stream is read:
              {layer (from 0; null: before the first block),
               after ("embedding" | "attention" | "cross-attention" | "mlp" | "experts"),
               top: the likeliest entries, each with its probability over the whole vocabulary,
               probability, rank (1: the likeliest): of the target}
    parts     what each part adds to the logit, or to the difference: {embedding, heads [layer][head],
              cross_heads [layer][head] (a T5's), attention_bias [layer], cross_bias [layer] (likewise),
              feed_forward [layer], norm_bias (with what is added to the logit itself)};
              null for a model whose logits are no sums
    sum       of all parts, or null
    cap       what bounds the logits softly, or null: `parts` and `sum` are those of the logits before that
    capped    what comes of the sum when they are bounded, or null: the model's own `logit`, or difference
    behind    whether norms behind attention normalize what it adds: their divisors are held in `parts` as well
    logit     the same out of the model itself
    untouched the same out of the model as it is, null where a person changed nothing in it
    scale     what the final norm divides by, held fixed in `parts`, or null

A click asks what each part is worth: `app.exhibits.residual.off_once`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Part, Question
from app.exhibits.residual.off_once import off_once
from app.exhibits.residual.subject import worth
from model import taps
from model.config import Config
from model.softmax import softcapped, softmax
from model.study import lens, lens_bert, sampling
from model.study.lens import Lens
from model.study.lens_bert import BertLens
from model.trace import ForwardTrace

OF = ("logit", "difference")
N_LIKELIEST = 5
"""How many entries the lens lists at each depth."""


N_TOP = 12
CALLS = (off_once,)


def frame(question: Question) -> Part:
    """The field `residual`."""
    config, fields = question.model.config, question.fields
    if not config.predicts:
        return Part(absent=f"{question.model.name} predicts no token, so there is nothing to read from its stream.")
    last = len(question.trace.streams[config.streams[-1]].tokens) - 1
    query = question.position
    if config.stacks[config.reader].causal:
        chosen = fields.optional_integer("query", 0, config.n_ctx - 1)
        query = last if chosen is None else min(chosen, last)
    residual = drawing(
        question.trace,
        question.model.lens,
        question.describe,
        query=query,
        target=fields.optional_integer("target", 0, config.d_vocab - 1),
        against=fields.optional_integer("against", 0, config.d_vocab - 1),
        of=fields.choice("of", OF),
        untouched=question.untouched_logits[query] if question.reading.interventions else None,
    )
    return Part({"residual": residual})


def drawing(
    trace: ForwardTrace,
    reader: Lens | BertLens,
    describe: Callable[[int], Mapping[str, Any]],
    *,
    query: int,
    target: int | None,
    against: int | None,
    of: str,
    untouched: NDArray[np.floating] | None,
) -> dict[str, Any]:
    """The field `residual` above.

    Args:
        reader: the weights of the model that left the trace.
        describe: the fields that say what an entry of the vocabulary is, by its id.
        untouched: the logits of the model as it is, where the trace is that of a changed one. What is taken apart
            follows these: a head that is switched off must not change the subject. *Shape:* (d_vocab,).
    """
    final = trace.logits_at(query)
    leading = final if untouched is None else untouched
    if target is None:
        target = int(leading.argmax())
    if of == "logit":
        against = None
    elif against is None:
        against = next(int(id) for id in sampling.likeliest(leading, 2) if id != target)
    streams = (lens_bert if isinstance(reader, BertLens) else lens).streams(trace, query)
    said = predictions(reader.logits(streams), target, describe)
    return {
        "query": query,
        "target": describe(target),
        "against": None if against is None else describe(against),
        "depths": [{**place, **prediction} for place, prediction in zip(places(reader.config), said, strict=True)],
        "logit": worth(final, target, against),
        "untouched": None if untouched is None else worth(untouched, target, against),
        **_taken_apart(trace, reader, query, target, against),
    }


def _taken_apart(
    trace: ForwardTrace, reader: Lens | BertLens, query: int, target: int, against: int | None
) -> dict[str, Any]:
    """The fields `parts`, `sum`, `cap`, `capped`, `behind` and `scale`."""
    if isinstance(reader, BertLens) or not reader.config.logit_sums:
        return {"parts": None, "sum": None, "cap": None, "capped": None, "behind": False, "scale": None}
    parts = reader.attribute(trace, query, target, against)
    cap = reader.config.logit_softcap
    capped = None if cap is None else _capped(reader.attribute(trace, query, target).total, cap)
    if capped is not None and cap is not None and against is not None:
        capped -= _capped(reader.attribute(trace, query, against).total, cap)
    place = reader.config.speaker
    final = trace.row(taps.RESID_POST, query, reader.config.stacks[place].layers - 1, place)
    return {
        "parts": {
            "embedding": parts.embedding,
            "heads": parts.heads.tolist(),
            "cross_heads": parts.cross_heads.tolist(),
            "attention_bias": parts.attention_bias.tolist(),
            "cross_bias": parts.cross_bias.tolist(),
            "feed_forward": parts.feed_forward.tolist(),
            "norm_bias": parts.norm_bias,
        },
        "sum": parts.total,
        "cap": cap,
        "capped": capped,
        "behind": reader.config.normalizes_added,
        "scale": float(reader.scale(final)),
    }


def _capped(logit: float, cap: float) -> float:
    return float(softcapped(np.array(logit), cap))


def places(config: Config) -> list[dict[str, Any]]:
    """Where the stream is read, in the order of `streams` of the model's lens."""
    found: list[dict[str, Any]] = [{"layer": None, "after": "embedding"}]
    crossed = ["cross-attention"] if "cross" in config.stacks else []
    for layer in range(config.stacks[config.speaker].layers):
        last = "experts" if layer in config.expert_layers else "mlp"
        found += [{"layer": layer, "after": after} for after in ("attention", *crossed, last)]
    return found


def predictions(logits: lens.Array, target: int, describe: Callable[[int], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The likeliest entries at each depth, and how the target stands there.

    Args:
        logits: *Shape:* (depth, d_vocab).
    """
    return [_prediction(said, target, describe) for said in logits]


def _prediction(logits: lens.Array, target: int, describe: Callable[[int], Mapping[str, Any]]) -> dict[str, Any]:
    """The same at one depth, (d_vocab,): over a large vocabulary, all depths at once would take a hundred megabytes."""
    probabilities = softmax(logits, dtype=np.float64)
    likeliest = np.argpartition(logits, -N_LIKELIEST)[-N_LIKELIEST:]
    likeliest = likeliest[np.argsort(-logits[likeliest], kind="stable")]
    shares = zip(likeliest.tolist(), probabilities[likeliest].tolist(), strict=True)
    return {
        "top": [{**describe(id), "probability": chance} for id, chance in shares],
        "probability": float(probabilities[target]),
        "rank": 1 + int((logits > logits[target]).sum()),
    }
