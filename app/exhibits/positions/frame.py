"""What the Positions exhibit draws: every scheme on this text, what the model's own does to it, and reading far.

A request for the exhibit "positions" also has

    layer, head   whose queries and keys are looked at; a layer past the last of those that read the text counts as it
    scheme        which scheme is drawn large, one of SCHEMES; "own" is the model's
    factor        by how much longer RoPE is to reach, 1 to 64
    sees          "left" or "both": which way T5's buckets look; "own": as the model itself
    compares      of a long text, which two tokens are compared: see `app.exhibits.positions.vectors`

and its frame has `positions`:

    own, scheme    the model's scheme, and the one drawn large
    sinusoidal     {d_model, frequencies: [radians a position, by pair]}
    learned        {source, n_positions, block (null where its rows are there)}, null where no such checkpoint is
    rope           {source, layer (the block whose RoPE it is, from 0; null where all have the same), d_rotary, d_head
                    (of how many coordinates of a head so many are turned), theta, n_ctx, frequencies (as the model has
                    them), scaling (its kind, or null)}
    stretched      {factor, fast, slow, trained, linear, yarn: [radians a position, by pair], kept: [YaRN, by pair],
                    attention_factor}
    alibi          {source, slopes: [by head]}
    t5             {source, n_buckets, max_distance, sees, reach}, null where no checkpoint with buckets is there
    disentangled   {layer, head, terms: [of "c2p" and "p2c"]}, null where it is not the model's own scheme
    scores         {layer, head, scale, cap (what bounds a score softly, or null), causal} of q and k below; null unless
                   the scheme drawn large works on them in this very model
    lengths        {embedding: [by token], position: [by token]}: of the vectors that are added to each other; null
                   where the model's own scheme is not drawn large, or adds nothing
    compared       {query, key}: the tokens whose vectors are there, null where all are

T is the number of tokens. The arrays:

    learned            float32 [min(T, n_positions), d_model]: the table's rows
    t5_bias            float32 [head, 2 reach - 1]: by key minus query, from -(reach - 1) on
    t5_buckets         uint16 [2 reach - 1]: likewise; what is further away is in the last of either side
    c2p, p2c           float32 [T, T]: what a term adds to the score of a query and a key; only with `disentangled`
    q, k, rot_q, rot_k float32 [T, d_head]: queries and keys before the scheme and after; only with `scores`

and in the place of those that are many, the ones in `app.exhibits.positions.vectors`.

How one of six small models reads texts on which it was not trained is asked for with *reads*:

    {seq, text, model, interventions, reader (one of SIX)}
    -> {name, scheme, there, length, n_stretches, block, trained_at, and if it is there
        curve: [nats by block], alone, behind (nats, or null), tokens, lengths}

where `lengths` is the table that the training left, {length: nats, or null}, or null.

What those that have read made of the stories is asked for large with *far_chart*, {seq, text, model, theme}, and
answered as `app.asked.chart.large` says.
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from app.asked import heads
from app.asked.chart import large
from app.asked.question import Part, Question
from app.engine import Engine
from app.exhibits.positions import charts, distances, long_reads, vectors
from app.exhibits.positions.long_reads import LongReads
from app.wire.fields import RequestError
from app.wire.payload import Packed
from model import taps
from model.config import PRESETS, BertConfig, Config, GPTConfig, PositionConfig, RopeScaling, Scheme
from model.stored import reading
from model.study import position_math
from model.trace import ForwardTrace

N_TOP = 12
SCHEMES = ("own", *get_args(Scheme))
SEES = ("own", "left", "both")
MAX_FACTOR = 64
BEYOND = 33
"""How far behind the distance from which all are in the last of T5's buckets the chart goes."""
SIX = ("gpt-sinusoidal", "gpt-learned", "gpt-rope", "gpt-alibi", "gpt-t5bias", "gpt-nope")
"""Models that differ in nothing but their scheme, in the order of the page."""

Floats = NDArray[np.float32]


def frame(question: Question, _: LongReads) -> Part:
    """All schemes on this text."""
    config, engine, trace = question.model.config, question.engine, question.trace
    fields = question.fields
    own = config.positions.scheme
    scheme = fields.choice("scheme", SCHEMES)
    scheme = own if scheme == "own" else scheme
    n_tokens = len(trace.tokens)
    two = vectors.compared(fields.optional_text("compares"), n_tokens)
    learned, table = learned_table(trace, engine, two)
    natural = "left" if config.stacks[config.reader].causal else "both"
    sees = fields.choice("sees", SEES)
    sees = natural if sees == "own" else sees
    t5, buckets = t5_buckets(config, engine, sees)
    factor = fields.number("factor")
    if not 1 <= factor <= MAX_FACTOR:
        raise RequestError(f"factor is {factor}; send a number from 1 to {MAX_FACTOR}.")
    told: dict[str, Any] = {
        "own": own,
        "scheme": scheme,
        "sinusoidal": sinusoidal(config),
        "learned": learned,
        **rope(config, engine, factor, layer_of(question)),
        "alibi": alibi(config, engine),
        "t5": t5,
        "disentangled": None,
        "scores": None,
        "lengths": None,
    }
    arrays, is_whole = table | buckets, learned is None or learned["block"] is None
    if scheme == own:
        told["lengths"] = added_lengths(trace)
    if config.positions.terms:
        layer, head = heads.looked_at(question, config.reader)
        block, terms = vectors.between(distances.terms(trace, question.model.weights, layer, head), two[0])
        told["disentangled"] = {"layer": layer, "head": head, "terms": list(config.positions.terms), "block": block}
        arrays |= terms
        is_whole = is_whole and block is None
    if scheme == own and (scheme in ("rope", "alibi", "disentangled") or (scheme == "t5" and sees == natural)):
        deepest = max(stack.layers for stack in config.stacks.values())
        layer = min(fields.integer("layer", 0, deepest - 1), config.stacks[config.reader].layers - 1)
        head = fields.integer("head", 0, config.n_heads - 1)
        told["scores"] = {"layer": layer, "head": head, **score_rule(config)}
        all_of_them, of_head = vectors.scored(trace, layer, head, *two)
        arrays |= of_head
        is_whole = is_whole and all_of_them
    told["compared"] = None if is_whole else dict(zip(("query", "key"), two, strict=True))
    packed = {name: Packed(values, values.shape) for name, values in arrays.items()}
    return Part({"positions": told}, packed)


def sinusoidal(config: Config) -> dict[str, Any]:
    """The wavelengths of vectors as wide as the model's embeddings."""
    d_model = config.d_model - config.d_model % 2
    return {"d_model": d_model, "frequencies": position_math.sinusoid_frequencies(d_model).tolist()}


def learned_table(
    trace: ForwardTrace, engine: Engine, two: tuple[int, int]
) -> tuple[dict[str, Any] | None, dict[str, Floats]]:
    """The trained vectors that the model adds; of a model with none, those of a bundled one."""
    config = trace.config
    if config.positions.scheme == "learned":
        block, arrays = vectors.added(trace.read(taps.POS_EMBED, place=config.reader), *two)
        return {"source": config.name, "n_positions": config.n_ctx, "block": block}, arrays
    for name in ("gpt-learned", "bert"):
        if name in engine.names:
            rows = weight(engine, name, "positions.weight")
            told = {"source": name, "n_positions": len(rows), "block": None}
            return told, {"learned": rows[: len(trace.tokens)]}
    return None, {}


def weight(engine: Engine, name: str, tensor: str) -> Floats:
    """One tensor of a checkpoint."""
    with reading(engine.model(name).weights) as read:
        return read(tensor)


def layer_of(question: Question) -> int:
    """The block that is looked at, of those that read the text."""
    config = question.model.config
    asked = question.fields.optional_integer("layer", 0, 10**6) or 0
    return min(asked, config.stacks[config.reader].layers - 1)


def rope(config: Config, engine: Engine, factor: float, layer: int) -> dict[str, Any]:
    """The frequencies of a block's RoPE, else of gpt-rope's; and how they are lowered for longer texts."""
    if config.positions.scheme != "rope":
        config = engine.config("gpt-rope") if "gpt-rope" in engine.names else PRESETS["gpt-rope"]
    assert isinstance(config, GPTConfig | BertConfig), "T5's buckets do not rotate"
    differs = config.positions.window_theta is not None
    rule = config.positions_at(layer) if differs else config.positions
    d_rotary, theta, scaling = config.d_rotary, rule.theta, rule.scaling
    trained_length = config.n_ctx if scaling is None or scaling.n_ctx is None else scaling.n_ctx
    linear, yarn = RopeScaling("linear", factor), RopeScaling("yarn", factor, trained_length)
    frequencies = {
        name: position_math.rope_frequencies(d_rotary, theta, how).tolist()
        for name, how in (("trained", None), ("linear", linear), ("yarn", yarn))
    }
    return {
        "rope": {
            "source": config.name,
            "layer": layer if differs else None,
            "d_rotary": d_rotary,
            "d_head": config.head_width,
            "theta": theta,
            "n_ctx": trained_length,
            "frequencies": position_math.rope_frequencies(d_rotary, theta, scaling).tolist(),
            "scaling": scaling and scaling.kind,
        },
        "stretched": {
            "factor": factor,
            "fast": yarn.fast,
            "slow": yarn.slow,
            **frequencies,
            "kept": position_math.yarn_kept(d_rotary, theta, yarn).tolist(),
            "attention_factor": position_math.attention_factor(yarn),
        },
    }


def alibi(config: Config, engine: Engine) -> dict[str, Any]:
    """The slopes for as many heads as the model has, or gpt-alibi if that is not its scheme."""
    own = config.positions.scheme == "alibi"
    source = config.name if own or "gpt-alibi" not in engine.names else "gpt-alibi"
    n_heads = config.n_heads if source == config.name else engine.config(source).n_heads
    return {"source": source, "slopes": position_math.alibi_slopes(n_heads)}


def t5_buckets(config: Config, engine: Engine, sees: str) -> tuple[dict[str, Any] | None, dict[str, NDArray[Any]]]:
    """The buckets and their trained biases: the model's own, else those of a bundled one that looks the same way."""
    found = t5_source(config, engine, sees)
    if found is None:
        return None, {}
    source, tensor = found
    rule: PositionConfig = engine.config(source).positions
    reach = rule.max_distance + BEYOND
    relative = np.arange(1 - reach, reach)
    buckets = position_math.t5_bucket(relative, rule.n_buckets, rule.max_distance, sees == "both")
    told: dict[str, Any] = {"source": source, "n_buckets": rule.n_buckets, "max_distance": rule.max_distance}
    told |= {"sees": sees, "reach": reach}
    return told, {"t5_bias": weight(engine, source, tensor)[buckets].T, "t5_buckets": buckets.astype(np.uint16)}


def t5_source(config: Config, engine: Engine, sees: str) -> tuple[str, str] | None:
    """A model with biases for buckets that look one way or both, and the name of their tensor."""
    own = [name for name in engine.names if config.positions.scheme == "t5" and engine.config(name) == config]
    for name in (*own, *(name for name in ("gpt-t5bias", "t5") if name in engine.names)):
        other = engine.config(name)
        for stack in map(other.stacks.__getitem__, other.streams):
            if stack.causal == (sees == "left"):
                return name, f"{stack.prefix}positions.weight"
    return None


def score_rule(config: Config) -> dict[str, Any]:
    """What a dot product of q and k is multiplied by, what bounds it then, and whether a token may look ahead."""
    return {"scale": config.score_scale, "cap": config.score_softcap, "causal": config.stacks[config.reader].causal}


def added_lengths(trace: ForwardTrace) -> dict[str, Any] | None:
    """How long each token's embedding is, and the vector that is added to it."""
    if not trace.config.positions.adds_to_embeddings:
        return None
    place = trace.config.reader
    kinds = (taps.EMBED, taps.POS_EMBED)
    embedding, position = (np.linalg.norm(trace.read(kind, place=place), axis=-1) for kind in kinds)
    return {"embedding": embedding.tolist(), "position": position.tolist()}


def reads(question: Question, stories: LongReads) -> dict[str, Any]:
    """How one of the six reads the stories, and the text alone and behind them."""
    engine, name = question.engine, question.fields.choice("reader", SIX)
    about = {"length": long_reads.LENGTH, "n_stretches": long_reads.N_STRETCHES, "block": long_reads.BLOCK}
    told = {"name": name, "scheme": PRESETS[name].positions.scheme, "there": name in engine.names, **about}
    told["trained_at"] = PRESETS[name].n_ctx
    if not told["there"]:
        return told
    model = engine.model(name)
    stretches = stories.stretches(model)
    if stretches is None:
        raise RequestError("Stories are being read for another visitor; ask again in a moment.")
    text = long_reads.read_text(model, question.fields.text("text"), stretches.past)
    lengths = (long_reads.lengths(model) or {}).get("nats")
    return {**told, "curve": stretches.curve, **text, "lengths": lengths}


def far_chart(question: Question, stories: LongReads) -> dict[str, Any]:
    """The losses of those of the six that have read the stories, large."""
    curves = {PRESETS[name].positions.scheme: known.curve for name in SIX if (known := stories.known(name))}
    if not curves:
        raise RequestError("None of the six has read the stories yet; ask again in a moment.")
    trained_at = PRESETS[SIX[0]].n_ctx
    chart = charts.far(curves, long_reads.BLOCK, long_reads.LENGTH, trained_at, long_reads.N_STRETCHES)
    return large(question, chart)


KEEPS = LongReads
CALLS = (reads, far_chart)
