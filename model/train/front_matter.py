"""What the hub reads of a card before a person does: licence, language, datasets and figures, as YAML in front of it.

It is made of what stands in the card, so that the two cannot differ: of its tables of sources and of held-out figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from model.config import PRESETS
from model.train.corpora import ORIGINS
from model.train.text import MAIN, SOURCES

MARK = "---\n"
FILE = "CARD.md"
SETS = {one.what: one.hub for one in ORIGINS.values()} | {one.origin: one.hub for one in SOURCES.values() if one.hub}
"""Where the hub has what a row of a card's table of sources is of."""
TASKS = {"gpt": "text-generation", "bert": "fill-mask", "t5": "translation"}


@dataclass(frozen=True)
class Measured:
    """One figure as the hub names it."""

    task: str
    metric: str
    called: str
    of: str
    """The source that it was measured on a held-out part of, as the card names it."""


STORIES = SOURCES[MAIN].origin
OF_T5 = {
    "translation, chrF": Measured("translation", "chrf", "chrF", ORIGINS["tatoeba"].what),
    "translation, BLEU": Measured("translation", "bleu", "BLEU", ORIGINS["tatoeba"].what),
    "sentiment, accuracy": Measured("text-classification", "accuracy", "accuracy, %", ORIGINS["sst2"].what),
    "grammar, accuracy": Measured("text-classification", "accuracy", "accuracy, %", ORIGINS["blimp"].what),
    "gaps filled exactly": Measured("fill-mask", "exact_match", "gaps filled exactly, %", STORIES),
}
"""By the first column of its table."""
OF_GPT = (
    Measured("text-generation", "nats_per_token", "nats a token", STORIES),
    Measured("text-generation", "nats_per_byte", "nats a byte", STORIES),
)
OF_BERT = (Measured("fill-mask", "accuracy", "masked tokens guessed, %", STORIES),)


def of(name: str, card: str) -> str:
    """The front matter of a card, with its marks.

    Args:
        name: the bundled model.
        card: the card without any.
    """
    family = PRESETS[name].family
    results = [_result(*figure) for figure in figures(family, card)]
    data = ModelCardData(
        model_name=name,
        language=["en", "fr"] if family == "t5" else "en",
        license="apache-2.0",
        pipeline_tag=TASKS[family],
        datasets=list(dict.fromkeys(SETS[row[0]] for row in table(card, "Data") if row[0] in SETS)),
        metrics=list(dict.fromkeys(result.metric_type for result in results)),
        tags=["onnx", "interpretability", "education"],
        eval_results=results,
    )
    return f"{MARK}{data.to_yaml().rstrip()}\n{MARK}\n"


def figures(family: str, card: str) -> Iterator[tuple[Measured, float]]:
    """What the card says of the model itself."""
    rows = table(card, "Held-out figures")
    if family == "t5":
        yield from ((OF_T5[what], _number(ours)) for what, _, ours, *_ in rows)
    else:
        yield from zip(OF_GPT if family == "gpt" else OF_BERT, map(_number, rows[0][1:]), strict=False)


def table(card: str, section: str) -> list[list[str]]:
    """The rows of a section's first table, cell by cell, without its head."""
    text = card.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found = re.search(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"the card has no table under {section!r}")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()[2:]]


def without(card: str) -> str:
    """A card without its front matter."""
    return card.partition(f"\n{MARK}")[2].lstrip("\n") if card.startswith(MARK) else card


def rewrite(folders: Iterable[Path]) -> None:
    """Writes what stands in front of cards anew."""
    for folder in folders:
        card = without((folder / FILE).read_text(encoding="utf-8"))
        (folder / FILE).write_text(of(folder.name, card) + card, encoding="utf-8")


def _result(measured: Measured, value: float) -> EvalResult:
    return EvalResult(
        task_type=measured.task,
        dataset_type=SETS[measured.of],
        dataset_name=f"{measured.of.partition(' (')[0]}, held out",
        metric_type=measured.metric,
        metric_name=measured.called,
        metric_value=value,
    )


def _number(cell: str) -> float:
    return float(cell.removesuffix("%"))
