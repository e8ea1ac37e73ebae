"""The race as the README tells it: tables that stand between marks (`tests.bench.marked`), written by no hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.marked import README, filled
from tests.bench.race import field, growth, models
from tests.bench.race.results import in_words
from tests.bench.race.smaller import ENTRIES as SMALLER

Rows = Sequence[dict[str, Any]]


NOT_YET = "Not measured yet: `python -m tests.bench.race --only {section}` does."


def write(told: Mapping[str, Any], path: Path = README) -> None:
    """Fills the marked places; all else stays as it is."""
    text = path.read_text(encoding="utf-8")
    for section, tell in TELLERS.items():
        held = told.get(section)
        words = NOT_YET.format(section=section)
        if held and held["rows"]:
            words = "\n".join([*tell(held["rows"]), "", _measured(held["measured"]), "", _picture(section)])
        text = filled(text, f"race: {section}", words)
    path.write_text(text, encoding="utf-8")


def passes(rows: Rows) -> Iterable[str]:
    """A line a model and length: our milliseconds, and how many times as long each other took."""
    others = field.PASSES[1:]
    yield f"| model | tokens | {field.PASSES[0].label}, ms | {' | '.join(one.label for one in others)} | best peer |"
    yield "| --- |" + " ---: |" * (len(others) + 3)
    for row in _sorted(rows):
        told = row["contestants"]
        peers = [told[one.name]["ratio"] for one in others if one.same and "ratio" in told.get(one.name, {})]
        best = min(peers, default=None)
        cells = [_ratio(told.get(one.name, {})) for one in others]
        last = "" if best is None else f"**{best[0]:.2f}**"
        label = models.MODELS[row["model"]].label
        yield f"| {label} | {row['n_tokens']:,} | {_number(told['ours'])} | {' | '.join(cells)} | {last} |"
    yield from _reasons(rows, {one.name: one.label for one in field.PASSES})


def decoding(rows: Rows) -> Iterable[str]:
    """A line a model and past: milliseconds a token, and what the memory would allow."""
    labels = [one.label for one in field.DECODING]
    yield f"| model | past | {' | '.join(labels)} | bytes over bandwidth | Cutaway over that |"
    yield "| --- |" + " ---: |" * (len(labels) + 3)
    for row in _sorted(rows):
        told = row["contestants"]
        cells = " | ".join(_number(told.get(one.name, {})) for one in field.DECODING)
        over = f"{told['ours']['ms'] / row['bound_ms']:.2f}" if "ms" in told["ours"] else "–"
        yield (
            f"| {models.MODELS[row['model']].label} | {row['n_past']} | {cells} | "
            f"{row['bound_ms']:.3g} ({row['bytes'] / 1e6:,.0f} MB at {row['bandwidth_gb_s']:.3g} GB/s) | {over} |"
        )
    yield from _reasons(rows, {one.name: one.label for one in field.DECODING})


def smaller(rows: Rows) -> Iterable[str]:
    """A line a model and precision: milliseconds a token, the ratio to float32, the error."""
    yield "| model | by | ms a token | to float32 | KL, bits | same likeliest |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for row in _sorted(rows):
        for entry in SMALLER:
            told = row["contestants"].get(entry.name, {})
            if "ms" in told:
                bits = f"{told['kl_bits']:.2g}" if "kl_bits" in told else "–"
                same = f"{told['same']:.1%}" if "same" in told else "–"
                label = models.MODELS[row["model"]].label
                yield f"| {label} | {entry.label} | {_number(told)} | {told['ratio'][0]:.2f} | {bits} | {same} |"
    yield from _reasons(rows, {one.name: one.label for one in SMALLER})


def typing(rows: Rows) -> Iterable[str]:
    """A line a length."""
    yield "| tokens | Cutaway, median | p95 | Gradio and Plotly, median | p95 | ratio |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    for row in _sorted(rows):
        ours, plain = row["contestants"]["ours"], row["contestants"]["plain"]
        cells = [ours["ms"], ours["p95_ms"], plain["ms"], plain["p95_ms"]]
        yield f"| {row['n_tokens']} | {' | '.join(f'{cell:.1f}' for cell in cells)} | {_ratio(plain)} |"


def growing(rows: Rows) -> Iterable[str]:
    """The fitted exponents."""
    yield "| grows | from | to | Cutaway | transformers, eager |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    found = growth.fits(rows)
    for kind in (*growth.SIZES, "visitors"):
        sizes = [row["size"] for row in rows if row["grows"] == kind]
        if sizes:
            fits = [found.get((kind, name)) for name in growth.RACING]
            cells = ["–" if fit is None else f"{fit.exponent:.2f} ± {fit.error:.2f}" for fit in fits]
            yield f"| {kind} | {min(sizes):,} | {max(sizes):,} | {' | '.join(cells)} |"


TELLERS: Mapping[str, Callable[[Rows], Iterable[str]]] = {
    "passes": passes,
    "decoding": decoding,
    "smaller": smaller,
    "typing": typing,
    "growth": growing,
}


def _sorted(rows: Rows) -> Rows:
    order = list(models.MODELS)
    return sorted(rows, key=lambda row: (order.index(row["model"]), row.get("n_tokens", 0), row.get("n_past", 0)))


def _number(told: Mapping[str, Any]) -> str:
    """The median and the quartiles."""
    if "ms" not in told:
        return "–"
    low, high = told["quartiles_ms"]
    return f"{in_words(told['ms'])} ({in_words(low)} to {in_words(high)})"


def _ratio(told: Mapping[str, Any]) -> str:
    if "ratio" not in told:
        return "–"
    middle, low, high = told["ratio"]
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _reasons(rows: Rows, labels: Mapping[str, str]) -> Iterable[str]:
    """Why a place is empty, each reason once."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in _sorted(rows):
        for name, told in row["contestants"].items():
            if "cannot" in told:
                places = found.setdefault((labels[name], told["cannot"]), [])
                if (label := models.MODELS[row["model"]].label) not in places:
                    places.append(label)
    if found:
        yield ""
    for (who, why), places in found.items():
        yield f"- {who}, {', '.join(places)}: {' '.join(why.split())}"


ALTS: Mapping[str, str] = {
    "passes": "How many times as long as Cutaway each peer takes, by tokens, a panel a model",
    "decoding": "The same as dots, with what the memory would allow as a dashed line",
    "smaller": "The same as dots",
    "typing": "The same as dots",
    "growth": "Milliseconds by what grows, both axes logarithmic",
}


def _picture(section: str) -> str:
    """The chart of a section, in both themes."""
    name = f"static/screenshots/race-{section}"
    return (
        f'<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="{name}-blueprint.svg">\n'
        f'  <img src="{name}-paper.svg" alt="{ALTS[section]}">\n</picture>'
    )


def _measured(conditions: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in conditions["versions"].items())
    peers = ", ".join(f"{name} {version}" for name, version in conditions["peers"].items())
    return (
        f"{conditions['day']}, commit {conditions['commit']}, {conditions['machine']}, {conditions['cores']} cores; "
        f"{versions}; peers in an environment of their own: {peers or 'none'}."
    )
