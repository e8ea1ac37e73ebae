"""The numbers of training: each target's loss, and the gradient of the logits of the one that is looked at."""

from __future__ import annotations

from typing import Any

from app.asked.question import Question
from app.asked.table import Table
from app.exhibits.training import example as examples
from app.exhibits.training.example import NEXT, Example
from app.exhibits.training.frame import MOST, MOST_SMOOTHING, logits_of
from app.exhibits.training.scored import scored
from model.study import objective


def tables(question: Question) -> list[Table]:
    """The losses in nats without smoothing, and p - y over the number of targets; nothing where there is no target."""
    if question.model.config.head not in ("next", "masked"):
        return []
    example = examples.made(question)
    n = len(example.targets)
    if not n:
        return []
    tokenizer, logits = question.model.tokenizer, logits_of(question, example)
    found = scored(logits, example)
    wanted = question.fields.optional_integer("predicted", 0, MOST)
    at = int(found.nats.argmax()) if wanted is None else min(wanted, n - 1)
    share = (question.fields.optional_integer("smoothing", 0, MOST_SMOOTHING) or 0) / 100
    row, target = int(example.rows[at]), int(example.targets[at])
    names = [f"{place}:{tokenizer.text_of(id)}" for place, id in enumerate(example.targets.tolist())]
    entries = [f"{id}:{tokenizer.text_of(id)}" for id in range(logits.shape[-1])]
    slopes = objective.gradient(logits[row], target, share, n)
    read = _lines(question, example)
    nats = [
        *read,
        f"rows, targets = np.array({example.rows.tolist()}), np.array({example.targets.tolist()})",
        "values = objective.losses(logits[rows], targets).nats",
    ]
    gradient = [*read, f"values = objective.gradient(logits[{row}], {target}, {share!r}, {n})"]
    return [
        Table("nats", {"target": names}, found.nats, "\n".join(nats), ("loss",)),
        Table("gradient", {"entry": entries}, slopes, "\n".join(gradient), ("pulled", "short")),
    ]


def _lines(question: Question, example: Example) -> list[str]:
    """What computes the logits: those of the trace; of a BERT and a T5, of the example that the text is made into."""
    head = ["from model.study import objective", ""]
    model = question.model
    if example.kind == NEXT:
        return [*head, "logits = trace.logits[0]"]
    asked: dict[str, Any] = {"text": question.fields.text("text"), "model": model.name, "cut": examples.seed(question)}
    if question.reading.interventions:
        asked["interventions"] = question.fields.value("interventions")
    return [
        *head[:-1],
        "from app.asked.question import Question",
        "from app.exhibits.training import example",
        "from app.wire.fields import Fields",
        "",
        f"made = example.made(Question(Fields({asked!r}), engine))",
        f"logits = made.run(engine.model({model.name!r}).session).logits[0]",
    ]
