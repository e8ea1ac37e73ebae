"""The Positions exhibit's measured series as a chart: the losses of six small models past their trained length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.charts.series import Axis, Chart, Series, Span
from model.config import Scheme

NAMES: Mapping[Scheme, str] = {
    "sinusoidal": "sinusoids",
    "learned": "learned",
    "rope": "RoPE",
    "alibi": "ALiBi",
    "t5": "T5's buckets",
    "none": "nothing",
}


def far(curves: Mapping[Scheme, Sequence[float]], block: int, length: int, trained_at: int, n_stretches: int) -> Chart:
    """Loss by position.

    Args:
        curves: nats a token of each block of positions, by scheme; fewer where the positions end.
        block: tokens in a block.
        length: tokens that are read.
        trained_at: tokens in a row of the training.
        n_stretches: of which the mean is drawn.
    """
    lines = [
        Series(
            NAMES[scheme],
            f"expert-{list(NAMES).index(scheme) + 1}",
            [(at + 0.5) * block for at in range(len(curve))],
            curve,
            label=NAMES[scheme] if len(curve) * block >= length else None,
        )
        for scheme, curve in curves.items()
    ]
    return Chart(
        Axis("position", low=0, high=length, digits=0),
        Axis("nats a token", unit=" nats", digits=3),
        tuple(lines),
        title="Past the length they were trained on",
        caption=f"Mean loss of every {block} tokens over {n_stretches} stretches of {length} tokens of held-out"
        f" stories. Six models that differ only in their positions, all trained on rows of {trained_at}.",
        spans=(Span("trained", 0, trained_at),),
    )
