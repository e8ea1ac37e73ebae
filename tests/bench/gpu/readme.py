"""What the cards gave as the README tells it, between marks, written by no hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.gpu.models import MODELS
from tests.bench.gpu.runners import ENTRIES
from tests.bench.marked import README, filled
from tests.bench.race.results import in_words

NOT_YET = "No card has run it yet."


def write(cards: Sequence[Mapping[str, Any]], path: Path = README) -> None:
    """Fills the marked place; all else stays as it is."""
    words = "\n\n".join("\n".join(of_card(card)) for card in cards) or NOT_YET
    path.write_text(filled(path.read_text(encoding="utf-8"), "gpu", words), encoding="utf-8")


def of_card(told: Mapping[str, Any]) -> Iterator[str]:
    """Its name and ceilings, where nodes ran, how far outputs are from PyTorch's, and a line a model and length."""
    measured, ceiling = told["ceilings"]["measured"], told["ceilings"]["rows"][0]
    versions = ", ".join(f"{name} {version}" for name, version in measured["versions"].items())
    yield (
        f"**{measured['card']}**, driver {measured.get('driver', '–')}, CUDA {measured.get('cuda', '–')}; "
        f"{measured['day']}, commit {measured['commit']}; {versions}. "
        f"A copy moves {ceiling['bandwidth_gb_s']:,.0f} GB/s, "
        f"a product of float16 matrices makes {ceiling['peak_tflop_s']:,.4g} TFLOP/s."
    )
    yield ""
    yield "| model | graph | fused nodes on the card | on the CPU, counting lengths | copies | furthest from float64 |"
    yield "| --- | --- | --- | ---: | ---: | ---: |"
    for row in told["placement"]["rows"]:
        fused = ", ".join(f"{count} {op}" for op, count in row["fused"].items())
        yield (
            f"| {MODELS[row['model']].label} | {row['graph']} | {fused} | {len(row['lengths'])} | {row['copies']} | "
            f"{_furthest(told, row)} |"
        )
    yield ""
    yield f"| model | tokens | {' | '.join(entry.label for entry in ENTRIES)} | bound, ms |"
    yield "| --- |" + " ---: |" * (len(ENTRIES) + 2)
    for row in told["speed"]["rows"]:
        cells = " | ".join(_cell(row["contestants"].get(entry.name, {})) for entry in ENTRIES)
        yield f"| {MODELS[row['model']].label} | {row['n_tokens']:,} | {cells} | {row['bound_ms']:.3g} |"


def _furthest(told: Mapping[str, Any], placed: Mapping[str, Any]) -> str:
    """Of all shapes that a graph was compared on."""
    graph, _, precision = placed["graph"].removesuffix(".onnx").partition(".")
    place, kind = (placed["model"], graph, precision or "float32"), "norm" if precision else "largest"
    rows = [row for row in told["parity"]["rows"] if (row["model"], row["graph"], row["precision"]) == place]
    return f"{max(row[kind] for row in rows):.1e}" if rows else "–"


def _cell(told: Mapping[str, Any]) -> str:
    """Milliseconds and their quartiles, the ratio to ours and its own, the share of the ceiling."""
    if "ms" not in told:
        return "–"
    low, high = told["quartiles_ms"]
    words = f"{in_words(told['ms'])} ({in_words(low)} to {in_words(high)}), {told['share']:.0%}"
    if "ratio" in told and told["ratio"] != [1.0, 1.0, 1.0]:
        middle, low, high = told["ratio"]
        words += f"; ×{middle:.2f} ({low:.2f} to {high:.2f})"
    return words
