"""The Cache exhibit's measured series as charts: what the clock took at each length, and how the memory grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.charts.series import Axis, Chart, Series

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
NAMES = {"latent": "latent", "MHA": "MHA", "GQA": "GQA", "MQA": "MQA", "window": "rolling window"}
N_PLACES = 64
"""Places on a line that the pointer can ask for."""


def clock(points: Sequence[tuple[int, float, float]], model: str, server: str) -> Chart:
    """What one step took, by the number of tokens: (tokens, ms with the cache, ms without)."""
    lengths, cached, uncached = zip(*sorted(points), strict=True)
    return Chart(
        Axis("tokens", low=0, high=1.1 * lengths[-1], digits=0),
        Axis("milliseconds for the newest token", low=0, unit=" ms"),
        (
            Series("whole text again", "residual", lengths, uncached, "rings", "whole text again"),
            Series("with the cache", "gold", lengths, cached, "dots", "with the cache"),
        ),
        title="One step with the cache and without",
        caption=f"{model}. Each dot is the median of a few runs in turn, the graph alone, on {server}.",
    )


def memory(variants: Sequence[Mapping[str, Any]], n_tokens: int, n_bytes: int, longest: int, model: str) -> Chart:
    """How the cache grows with the text under each kind of head, and what the tensors hold now.

    Args:
        variants: as the frame of the exhibit has them.
        n_tokens: that are kept now.
        n_bytes: what their keys and values take up, counted.
        longest: where the axis ends, in tokens.
        model: its name.
    """
    there = [variant for variant in variants if variant["per_token"] is not None]
    most = max(_after(variant, longest) for variant in there)
    power = min((most.bit_length() - 1) // 10, len(UNITS) - 1)
    lines = []
    for variant in sorted(there, key=lambda variant: bool(variant["own"])):
        bend = min(variant["window"] or longest, longest)
        places = sorted({0, n_tokens, bend, longest, *range(0, longest, max(1, longest // N_PLACES))})
        name, rolling = NAMES[variant["name"]], variant["name"] == "window"
        lines.append(
            Series(
                f"{name} of {variant['window']}" if rolling else name,
                "ink" if variant["own"] else "residual",
                places,
                [_after(variant, n) / 1024**power for n in places],
                "dashes" if rolling else "line",
                label=f"{name}, this model" if variant["own"] else name,
                width=2.5 if variant["own"] else 1.5,
            )
        )
    now = Series("counted now", "gold", [n_tokens], [n_bytes / 1024**power], "dots")
    return Chart(
        Axis("tokens", low=0, high=longest, digits=0),
        Axis(f"{UNITS[power]} of keys and values", low=0, unit=f" {UNITS[power]}"),
        (*lines, now),
        title="What the cache holds as the text grows",
        caption=f"{model} in float32. Lines: the formula. Dot: counted in the tensors, {n_bytes:,} bytes.",
    )


def _after(variant: Mapping[str, Any], n_tokens: int) -> int:
    """The bytes of a variant after so many tokens."""
    forgotten = 0 if variant["window"] is None else max(0, n_tokens - variant["window"])
    return int(variant["per_token"]) * n_tokens - int(variant["rolling"]) * forgotten
