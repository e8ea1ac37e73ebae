"""What the Smaller exhibit draws: a model with something taken away beside the same model as it is, on the text.

A request for the exhibit "smaller" also has

    bits      bits of a weight, one of `model.study.shrinking.BITS`; others are brought to the nearest
    grain     "row" | "group": what shares a scale
    zeroed    per cent of each matrix's weights that are set to zero, one of `ZEROED`; others likewise
    matrix    the name of the matrix that is looked at, as the model's file has it; the first of attention for any other

and its interventions say which heads and layers are removed. "Before" is the model as it is, after the same tokens.
Its frame has `smaller`; or, where the model is too large or predicts no tokens, `absent`:

    bits, grain, zeroed  as they came out
    bytes      {before, after} of the weights; the formula is that of `model.study.shrinking.n_bytes`
    gone       {heads, of_heads, layers, of_layers}: how many are removed whole, of how many; the heads of a layer that
               is removed whole count with it
    kl_bits    KL(before || after) over the vocabulary at the place of the prediction
    text       {bits: its mean over all places, most: its largest, token: the token at that place, like those of a
               frame, same: at how many places the likeliest entry is the same, places: of how many}
    likeliest  {before, after}: the N_LISTED likeliest entries of each, {..., before, after: its probabilities}
    matrix     {name, shape: [rows, columns] of the whole, expert: whether it is the first of several, rows, columns: of
               what is drawn, levels: on each side of zero, 0 where nothing is rounded, zero: how many of the whole are
               zero after}
    matrices   the names of all that there are
    curves, race  the two files of `export.runtime.shrinking`, null where nobody measured

and the arrays, float32: `original` and `changed` [row, column], the corner of the matrix; `scales` [row, group], from
one level to the next, a single group where a row shares one; `divergence` [place], that of the text.

The frame's `next` is what the smaller model says. A click asks what each head and each layer costs:
`app.exhibits.smaller.costs`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Part, Question
from app.exhibits.smaller import setting as settings
from app.exhibits.smaller.costs import part_costs
from app.exhibits.smaller.divergence import divergence
from app.exhibits.smaller.matrix import View, Views, names
from app.running.lru import LruCache
from app.running.model import Model
from app.wire import payload
from app.wire.fields import RequestError
from app.wire.payload import Packed
from export.runtime import shrinking as kept
from model.study import sampling
from model.study.shrinking import Removed, heads_of, layer_of, layers_of

N_TOP = 12
N_LISTED = 6
KEPT_BYTES = 2**20
FILE_BYTES = 8_192
"""About what one of the measured files takes."""
SILENT = "{model} predicts no token, so nobody could see what a smaller one loses."


class Keeps:
    """What the exhibit keeps between requests. Threads may share it."""

    def __init__(self) -> None:
        self.views = Views()
        self._measured: LruCache[tuple[str, str], tuple[dict[str, Any] | None]] = LruCache(KEPT_BYTES)

    def measured(self, model: Model, file: str) -> dict[str, Any] | None:
        """What was measured of a model, read once."""
        key = (str(model.folder), file)
        found = self._measured.get(key)
        if found is None:
            found = (kept.load(model.folder, file),)
            self._measured.put(key, found, FILE_BYTES)
        return found[0]


def frame(question: Question, keeps: Keeps) -> Part:
    """The field `smaller`."""
    model = question.model
    if refused := settings.limit(model):
        return Part(absent=refused)
    if not question.predicts:
        return Part(absent=SILENT.format(model=model.name))
    setting = settings.asked(question)
    try:
        after = settings.after(question, setting)
    except RequestError:
        raise  # of the request, not of the weights: it has had its time, or makes way
    except ValueError as error:
        return Part(absent=f"{error}.")
    gone = settings.removed(question.reading.interventions)
    before, whole = settings.before(question), settings.bytes_of(model, setting, gone)
    bits = divergence(before, after)
    view = keeps.views.of(model, question.fields.optional_text("matrix"), setting)
    smaller = {
        "bits": setting.bits,
        "grain": setting.grain,
        "zeroed": setting.zeroed,
        "bytes": {"before": whole[0], "after": whole[1]},
        "gone": counted(model, gone),
        "kl_bits": float(bits[question.position]),
        "text": over_text(question, before, after, bits),
        "likeliest": likeliest(question, before[question.position], after[question.position]),
        "matrix": told(view),
        "matrices": names(model),
        "curves": keeps.measured(model, kept.FILE),
        "race": keeps.measured(model, kept.RACE),
    }
    arrays = {"original": view.before, "changed": view.after, "scales": view.scales}
    arrays["divergence"] = bits.astype(np.float32)
    said = after[question.position]
    shaped = sampling.shape(said, question.settings)
    next_ = payload.next_token(said, shaped, question.describe, N_TOP)
    packed = {name: Packed(values, values.shape) for name, values in arrays.items()}
    return Part({"smaller": smaller, "next": next_}, packed)


def counted(model: Model, gone: Removed) -> dict[str, int]:
    """The field `gone`."""
    layers = settings.layers_gone(model.config, gone)
    within = {head for at in layers for head in layer_of(model.config, *at).heads}
    return {
        "heads": len(set(gone.heads) - within),
        "of_heads": len(heads_of(model.config)),
        "layers": len(layers),
        "of_layers": len(layers_of(model.config)),
    }


def over_text(
    question: Question,
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    bits: NDArray[np.float64],
) -> dict[str, Any]:
    """The field `text`."""
    most = int(bits.argmax())
    stream = question.trace.streams[question.model.config.speaker]
    return {
        "bits": float(bits.mean()),
        "most": float(bits[most]),
        "token": payload.tokens(stream)[most],
        "same": int((before.argmax(axis=-1) == after.argmax(axis=-1)).sum()),
        "places": len(bits),
    }


def likeliest(
    question: Question, before: NDArray[np.floating], after: NDArray[np.floating]
) -> dict[str, list[dict[str, Any]]]:
    """The field `likeliest`."""
    p, q = sampling.probabilities_of(before), sampling.probabilities_of(after)

    def listed(logits: NDArray[np.floating]) -> list[dict[str, Any]]:
        return [
            {**question.describe(id), "before": float(p[id]), "after": float(q[id])}
            for id in sampling.likeliest(logits, N_LISTED).tolist()
        ]

    return {"before": listed(before), "after": listed(after)}


def told(view: View) -> dict[str, Any]:
    """The field `matrix`."""
    rows, columns = view.before.shape
    return {
        "name": view.name,
        "shape": view.shape,
        "expert": view.expert,
        "rows": rows,
        "columns": columns,
        "levels": view.levels,
        "zero": view.n_zero,
    }


CALLS = (part_costs,)
KEEPS = Keeps
