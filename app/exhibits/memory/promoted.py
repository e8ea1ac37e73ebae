"""What a neuron says to the vocabulary by itself: what it adds to each entry's logit.

Where the stream is a sum (GPT, a T5's decoder), that is its direct path (Geva et al. 2022, "Transformer Feed-Forward
Layers Build Predictions by Promoting Concepts in the Vocabulary Space"): its value through the final norm, whose
divisor is held at what it is for the whole stream, and the unembedding. A BERT normalizes the stream right behind the
part, as does a BART's decoder, so that nothing is a sum: there it is what its own head would say of this depth with the
neuron, minus what it would say without. What a T5's encoder adds is read by the decoder alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.asked.question import Question
from model import taps
from model.config import Place
from model.study.lens import Lens
from model.study.lens_bert import BertLens
from model.trace import Array


def promoted(
    question: Question, added: Array, off: NDArray[np.bool_], place: Place, layer: int, position: int
) -> Array | None:
    """What each neuron adds to the logits; None for an encoder that does not speak, and for a model without a head.

    Args:
        added: what each adds to the stream, or would if it were not off. *Shape:* (neuron, d_model).
        off: which are off, and so are not in the stream. *Shape:* (neuron,).

    Returns:
        *Shape:* (neuron, d_vocab).
    """
    config = question.model.config
    if place != config.speaker or not config.predicts:
        return None
    lens = question.model.lens
    if isinstance(lens, Lens) and lens.config.logit_sums:
        return _direct(question, lens, added, place, position)
    return _missing(question, lens, added, off, (place, layer, position))


def _direct(question: Question, lens: Lens, added: Array, place: Place, position: int) -> Array:
    final = question.trace.row(taps.RESID_POST, position, lens.config.stacks[place].layers - 1, place)
    read = added - added.mean(axis=-1, keepdims=True) if lens.config.norm == "layer" else added
    assert lens.norm_weight is not None, "a norm stands behind the sum"
    logits: Array = (read * lens.norm_weight / lens.scale(final)) @ lens.unembed.T
    return logits


def _missing(
    question: Question, lens: BertLens | Lens, added: Array, off: NDArray[np.bool_], at: tuple[Place, int, int]
) -> Array:
    """The head at this depth, less that where one neuron is silent; where it is off, with it, less as it is."""
    place, layer, position = at
    whole = question.trace.row(taps.RESID_POST, position, layer, place)
    own = off[:, None]
    spoken = whole + np.where(own, added, 0) if off.any() else whole[None]
    silent = whole - np.where(own, 0, added)
    if not lens.config.post_norm:
        difference: Array = lens.logits(spoken) - lens.logits(silent)
        return difference
    weight, bias = question.model.feed_forward.norm(place, layer, "ln2")
    assert bias is not None, "a LayerNorm in the stream shifts"
    eps = np.float32(lens.config.norm_eps)

    def normalized(streams: Array) -> Array:
        centred = streams - streams.mean(axis=-1, keepdims=True)
        scaled: Array = centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + eps) * weight + bias
        return scaled

    logits: Array = lens.logits(normalized(spoken)) - lens.logits(normalized(silent))
    return logits
