"""What the Cache exhibit draws: the keys and values that one KV head has kept, what the step they are kept for reads,
and what the whole cache weighs.

A request for the exhibit "cache" also has

    layer, head   a layer and one of its query heads, from 0; what lies past the model's last counts as its last
    window        tokens that the rolling window keeps, 1 to 1,024; 16 unless given
    context, batch, precision (a name in model.study.cache_size.BYTES)   what published models are asked to hold; 8,192
                  tokens of one text in fp16 unless given

and its frame has `cache`:

    n_tokens     how many tokens are kept: the text's; a T5's, what it wrote up to where its prediction is read
    layer, head, kv_head, n_kv_heads, shared (the query heads that read this KV head)
    n_bytes      what the real tensors of all layers take up; `n_cross_bytes`: of a T5's cross-attention, else null
    n_layers, d_head, d_value, itemsize     what the formula is made of
    latent       of latent attention, [width of the latent, of the shared key], which are all that it needs to keep,
                 while the tensors here are the keys and values made of them; else null
    n_windowed   how many layers have a window of the model's own; `own_window`: how wide it is, or null
    variants     [{name ("latent" | "MHA" | "GQA" | "MQA" | "window"), own, n_kv_heads, latent, per_token, rolling (the
                 part of it that is kept of the last `window` tokens alone), window, n_bytes}]: this model with other
                 heads or a rolling window, by the formula; n_bytes is null where its heads cannot be grouped
    published    [{name, source, n_ctx, window, latent, factors, per_token, kept, n_bytes, mha_bytes, all_bytes}];
                 `factors` are the numbers that the formula multiplies; `mha_bytes` are for as many tokens and a key and
                 a value for every head, `all_bytes` for the model's own heads and all tokens

and arrays, all float32: `cache_q` [d_head], of the newest token; `cache_keys` [token, d_head] and `cache_values`
[token, d_value], of the last tokens, as many as `RIBBON_BYTES` hold; `cache_weights` [token], what the newest token
attends with, of all tokens; `cache_z` [d_value], the mix of values; of a T5 also `cross_q`, `cross_keys`, ..., whose
tokens are those that it read.

A *clock* times one step with the cache and without, now, on this server:

    {seq, text, model, interventions, written} -> {n_tokens, runs, cached_ms, uncached_ms (medians), difference (the
     largest between the two ways' logits), n_bytes, n_cross_bytes, server}

Charts that open large are asked for with

    *clock_chart*    {seq, text, model, theme, points: [{n_tokens, cached_ms, uncached_ms}]}: what the clock gave so far
    *memory_chart*   {seq, text, model, theme, interventions, written, window, longest (where the axis ends, in tokens)}

and answered as `app.asked.chart.large` says.
"""

from __future__ import annotations

import functools
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from app.asked import heads
from app.asked.chart import large
from app.asked.question import Part, Question
from app.exhibits.cache import charts
from app.exhibits.cache import clock as steps
from app.running import budget
from app.wire.fields import RequestError
from app.wire.payload import Packed
from model import taps
from model.config import Place
from model.relatives import cache as of_published
from model.relatives import table
from model.relatives.table import Relative
from model.study import cache_size
from model.study.cache_size import BYTES, CacheShape
from model.trace import ForwardTrace

N_TOP = 12
NO_CACHE = (
    "BERT has no cache: it reads the whole text at once and both ways, so a new token changes what every other one is,"
    " and no key or value could be kept. Choose a GPT or a T5."
)
NO_STEP = "{model} says nothing of what comes next, so it makes no step that could be timed."
LARGEST_WINDOW, LONGEST_CONTEXT, LARGEST_BATCH = 1_024, 2**20, 256
MOST_POINTS = 4_096
RIBBON_BYTES = 160_000
"""The most of the keys and values of one ribbon that are sent: of a head of 64 numbers, those of 312 tokens."""
PUBLISHED = ("gpt-2-xl", "llama-3-8b", "llama-3-70b", "llama-3-405b", "mistral-7b", "mixtral-8x7b", "deepseek-v3")
"""Models of `model.relatives.table` that the calculator lists, by id."""
RUNS, FEWEST_RUNS, ENOUGH_S = 5, 3, 0.4
"""How often each way is timed; fewer times, but not fewer than the second, once so many seconds are over."""


def frame(question: Question) -> Part:
    """The ribbon of one KV head, and every size."""
    trace, fields = question.trace, question.fields
    config = trace.config
    if not config.stacks[config.speaker].causal:
        return Part(absent=NO_CACHE)
    window = fields.optional_integer("window", 1, LARGEST_WINDOW) or 16
    context = fields.optional_integer("context", 1, LONGEST_CONTEXT) or 8_192
    batch = fields.optional_integer("batch", 1, LARGEST_BATCH) or 1
    precision = fields.choice("precision", BYTES) if fields.optional_text("precision") else "fp16"
    place = config.speaker
    shape = cache_size.of(config)
    layer = min(fields.optional_integer("layer", 0, 10**6) or 0, shape.n_layers - 1)
    head = min(fields.optional_integer("head", 0, 10**6) or 0, config.n_heads - 1)
    group = config.n_heads // config.kv_heads
    kv_head = head // group
    arrays = ribbon(trace, place, layer, head, question.position)
    if "cross" in config.stacks:
        crossed = ribbon(trace, "cross", layer, head, question.position)
        arrays |= {name.replace("cache", "cross"): array for name, array in crossed.items()}
    n_tokens = question.position + 1
    told = {
        "n_tokens": n_tokens,
        "layer": layer,
        "head": head,
        "kv_head": kv_head,
        "n_kv_heads": config.kv_heads,
        "shared": list(range(kv_head * group, (kv_head + 1) * group)),
        "n_bytes": n_bytes(trace, place, n_tokens),
        "n_cross_bytes": n_bytes(trace, "cross", len(trace.tokens)) if "cross" in config.stacks else None,
        "n_layers": shape.n_layers,
        "d_head": shape.d_head,
        "d_value": config.value_width,
        "latent": shape.latent and [shape.latent.rank, shape.latent.rope],
        "n_windowed": sum(window is not None for window in config.stacks[place].windows),
        "own_window": shape.window,
        "itemsize": trace.cache(0, place)[0].itemsize,
        "variants": beside(shape, n_tokens, window),
        "published": [calculated(table.load().by_id[id], context, batch, precision) for id in PUBLISHED],
    }
    return Part({"cache": told}, arrays)


def ribbon(trace: ForwardTrace, place: Place, layer: int, head: int, newest: int) -> dict[str, Packed]:
    """What one head's newest query finds in the cache, by the names above."""
    stack = trace.config.stacks[place]
    n_kept = newest + 1 if stack.causal else trace.sizes[stack.reads]
    q, keys, values = trace.qkv(layer, head, place)
    most = RIBBON_BYTES // (2 * 4 * q.shape[-1])
    keys, values = (kept[max(0, n_kept - most) : n_kept].astype(np.float32) for kept in (keys, values))
    arrays = {
        "q": q[newest],
        "keys": keys,
        "values": values,
        "weights": heads.all_rows(trace, layer, place, newest)[head, 0, :n_kept],
        "z": trace.row(taps.Z, newest, layer, place)[head],
    }
    return {f"cache_{name}": Packed(value.astype(np.float32), value.shape) for name, value in arrays.items()}


def n_bytes(trace: ForwardTrace, place: Place, n_tokens: int) -> int:
    """What the keys and values of all layers take up, counted from the tensors that the pass left behind of one."""
    return cache_size.of(trace.config).n_layers * sum(tensor[:n_tokens].nbytes for tensor in trace.cache(0, place))


def beside(shape: CacheShape, n_tokens: int, window: int) -> list[dict[str, Any]]:
    """The model's cache with other heads or a window, at a length, in float32 as the page runs it."""
    return [
        {
            "name": name,
            "own": other == shape,
            "n_kv_heads": other and other.n_kv_heads,
            "latent": bool(other and other.latent),
            "window": other and other.window,
            "per_token": other and other.n_bytes(1, "fp32"),
            "rolling": other and int(other.numbers_rolling * BYTES["fp32"]),
            "n_bytes": other and other.n_bytes(n_tokens, "fp32"),
        }
        for name, other in cache_size.variants(shape, window).items()
    ]


def calculated(model: Relative, context: int, batch: int, precision: str) -> dict[str, Any]:
    """What a published model's cache would hold; each of its layers keeps as much as any other."""
    assert model.shape is not None
    shape = of_published.shape_of(model.shape)
    assert shape is not None
    latent = shape.latent
    kept = shape.kept(context)
    return {
        "name": model.name,
        "source": model.sources_of("n_layers", "n_heads", "n_kv_heads", "d_head", "window", "latent", "n_ctx"),
        "n_ctx": model.shape.n_ctx,
        "window": shape.window,
        "latent": latent and [latent.rank, latent.rope],
        "factors": [shape.n_layers] if latent else [2, shape.n_layers, shape.n_kv_heads, shape.d_head],
        "per_token": shape.numbers_per_token * BYTES[precision],
        "kept": kept,
        "n_bytes": shape.n_bytes(context, precision, batch),
        "mha_bytes": int(batch * kept * shape.numbers_per_token_uncompressed * BYTES[precision]),
        "all_bytes": int(batch * context * shape.numbers_per_token * BYTES[precision]),
    }


def clock(question: Question) -> dict[str, Any]:
    """Times the newest token's step with the cache and without it, one after the other, again and again."""
    config = question.model.config
    if not config.stacks[config.speaker].causal:
        raise RequestError(NO_CACHE)
    if not config.predicts:
        raise RequestError(NO_STEP.format(model=question.model.name))
    step = steps.newest(question.reading, question.position)
    step.cached(), step.uncached()  # the first run of a graph at a new length makes room, which no later one does
    times: list[tuple[float, float]] = []
    begun = time.perf_counter()
    while len(times) < RUNS and (len(times) < FEWEST_RUNS or time.perf_counter() < begun + ENOUGH_S):
        budget.check()
        start = time.perf_counter()
        kept = step.cached()
        middle = time.perf_counter()
        anew = step.uncached()
        times.append((1e3 * (middle - start), 1e3 * (time.perf_counter() - middle)))
    cached, uncached = zip(*times, strict=True)
    assert kept.cache is not None
    return {
        "n_tokens": question.position + 1,
        "runs": len(times),
        "cached_ms": statistics.median(cached),
        "uncached_ms": statistics.median(uncached),
        "difference": float(np.abs(kept.logits[0, -1] - anew.logits[0, -1]).max()),
        "n_bytes": sum(tensor.nbytes for pair in kept.cache for tensor in pair),
        "n_cross_bytes": step.cross and sum(tensor.nbytes for pair in step.cross for tensor in pair),
        "server": server(),
    }


def clock_chart(question: Question) -> dict[str, Any]:
    """What the clock gave at every length that was timed on this page, large."""
    fields = question.fields
    points = [
        (point.integer("n_tokens", 1, LONGEST_CONTEXT), point.number("cached_ms"), point.number("uncached_ms"))
        for point in fields.objects("points", MOST_POINTS)
    ]
    if not points:
        raise RequestError("points is empty; nothing has been timed yet.")
    return large(question, charts.clock(points, question.model.name, server()))


def memory_chart(question: Question) -> dict[str, Any]:
    """How the cache grows, large."""
    told = frame(question)
    if told.absent:
        raise RequestError(told.absent)
    cache = told.fields["cache"]
    longest = max(question.fields.integer("longest", 1, LONGEST_CONTEXT), cache["n_tokens"])
    held = (cache["n_tokens"], cache["n_bytes"])
    return large(question, charts.memory(cache["variants"], *held, longest, question.model.name))


CALLS = (clock, clock_chart, memory_chart)


@functools.cache
def server() -> str:
    """The machine that the clock stands on: its processor, and how many of its cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {cores} cores"
