"""The README's tables of the bundled checkpoints, out of their cards, `lengths.json` and the headers of their weights.

`python -m tests.model.checkpoints` rewrites them, after a training.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model import zoo
from model.config import PRESETS

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- python -m tests.model.checkpoints -->\n", "<!-- end of checkpoints -->\n"


@dataclass(frozen=True)
class Figure:
    """How well a checkpoint does at one thing, beside all baselines that its card names for it, as they stand there."""

    what: str
    value: str
    baselines: tuple[tuple[str, str], ...]
    """Name and value of each."""
    lower_is_better: bool = False

    @property
    def beats_all(self) -> bool:
        """Whether no baseline is as good."""
        value, others = _number(self.value), [_number(value) for _, value in self.baselines]
        return value < min(others) if self.lower_is_better else value > max(others)


def _number(cell: str) -> float:
    return float(cell.removesuffix("%"))


def held_out(card: str) -> list[list[str]]:
    """The rows of the first table of a card's held-out figures, cell by cell, without its head."""
    section = card.partition("\n## Held-out figures\n")[2].partition("\n## ")[0]
    lines = section[section.index("| ") :].partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def figures(family: str, card: str) -> Iterator[Figure]:
    """What a card says of a model of the family."""
    rows = held_out(card)
    if family == "gpt":
        (_, _, ours, _), *others = rows
        baselines = tuple((who, per_byte) for who, _, per_byte, _ in others)
        yield Figure("nats a byte of TinyStories", ours, baselines, lower_is_better=True)
    elif family == "bert":
        (_, ours, _), *others = rows
        yield Figure("masked tokens guessed", ours, tuple((who, right) for who, right, _ in others))
    else:
        yield from (Figure(what, ours, ((which, theirs),)) for what, _, ours, theirs, which in rows)


def table(checkpoints: Path) -> str:
    """The models of the three families, a row a figure."""
    lines = ["| checkpoint | parameters | held out | figure | baselines |", "| --- | ---: | --- | ---: | --- |"]
    for name in ("gpt", "bert", "t5"):
        for figure in figures(name, (checkpoints / name / "CARD.md").read_text(encoding="utf-8")):
            baselines = "; ".join(f"{who}: {value}" for who, value in figure.baselines)
            beaten = "" if figure.beats_all else " (not beaten yet)"
            lines.append(
                f"| {_link(name)} | {_millions(checkpoints / name):.2f} M | {figure.what} | {figure.value} |"
                f" {baselines}{beaten} |"
            )
    return "\n".join(lines)


def lengths(checkpoints: Path) -> str:
    """The models that differ in how they know positions, a row a model; what they have in common stands in front."""
    names = [name for name in PRESETS if (checkpoints / name / "lengths.json").is_file()]
    found = [json.loads((checkpoints / name / "lengths.json").read_text(encoding="utf-8")) for name in names]
    (trained_at,) = {one["trained_at"] for one in found}
    columns = list(found[0]["nats"])
    millions = max(_millions(checkpoints / name) for name in names)
    said = (
        f"Tiny GPTs of {millions:.1f} M parameters differ only in how they know positions. Trained on rows of"
        f" {trained_at} tokens, they are read past them: nats a token on the same held-out tokens, with more and more"
        " text in front."
    )
    lines = [
        textwrap.fill(said, 120),
        "",
        f"| scheme | {' | '.join(f'{int(length):,}' for length in columns)} |",
        f"| --- |{' ---: |' * len(columns)}",
    ]
    for name, one in zip(names, found, strict=True):
        scheme = name.removeprefix("gpt-")
        nats = ("ends" if one["nats"][length] is None else f"{one['nats'][length]:.2f}" for length in columns)
        lines.append(f"| {_link(name, scheme)} | {' | '.join(nats)} |")
    return "\n".join(lines)


def _link(name: str, text: str = "") -> str:
    return f"[{text or name}](model/checkpoints/{name}/CARD.md)"


def _millions(folder: Path) -> float:
    return zoo.n_parameters(folder / "model.safetensors") / 1e6


def section(checkpoints: Path = zoo.CHECKPOINTS) -> str:
    """What stands between the two marks."""
    return f"{table(checkpoints)}\n\n{lengths(checkpoints)}\n"


def main() -> None:
    """Rewrites the section."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{README} lacks {BEGIN.strip()} or {END.strip()}")
    README.write_text(f"{before}{BEGIN}{section()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
