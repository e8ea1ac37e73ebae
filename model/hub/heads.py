"""Heads that a published body was given for a task of its own, told from their tensors and put in words.

Such a head sorts texts or tokens, or finds an answer in a text. No layer of ours is one: it is left aside, the body
loads without it, and what was left aside is said wherever the model is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from model.hub.architecture import Settings

TASKS = {
    "SequenceClassification": "sorts whole texts",
    "TokenClassification": "sorts each token of a text",
    "QuestionAnswering": "finds the answer to a question in a text",
    "MultipleChoice": "chooses between texts",
}
"""What each does, by how the classes of `transformers` are called that have it."""
TENSORS = re.compile(r"(pre_classifier|classifier|score|qa_outputs|classification_head|sequence_summary)\.[\w.]+")
"""Their tensors, without an architecture's prefix."""
PREDICTING = re.compile(
    r"cls\.(predictions|seq_relationship)\..+|lm_head\..+|embed_out\..+|vocab_(transform|layer_norm|projector)\..+"
    r"|final_logits_bias|generator_(predictions|lm_head)\..+|discriminator_predictions\..+|head\.(dense|norm)\..+"
    r"|decoder\.(weight|bias)"
)
"""The tensors of heads that say something of each token: another head, trained after them, has taken their place."""
WRITING = frozenset({"lm_head.weight", "final_logits_bias"})
"""Tensors of the head of an encoder-decoder that writes."""
MOST_LABELS = 4
"""Names of labels that are listed; more are counted."""


def of(names: Iterable[str], also: re.Pattern[str]) -> frozenset[str]:
    """The tensors of such heads.

    Args:
        names: of all tensors, without the architecture's prefix.
        also: what an architecture has in them besides; a head of ours unless one of the others is there.
    """
    names = frozenset(names)
    found = frozenset(filter(TENSORS.fullmatch, names))
    return found | frozenset(filter(also.fullmatch, names)) if found else found


def in_words(settings: Settings, tensors: Collection[str]) -> str | None:
    """What such a head is: "a head that sorts whole texts (NEGATIVE, POSITIVE)"; None where there is none."""
    if not tensors:
        return None
    said = settings.get("architectures")
    kind = str(said[0]) if isinstance(said, list) and said else ""
    task = next((task for ending, task in TASKS.items() if kind.endswith(ending)), None)
    if task is None:
        answers = any(name.startswith("qa_outputs.") for name in tensors)
        task = TASKS["QuestionAnswering"] if answers else "was made for a task of its own"
    labels = settings.get("id2label")
    if not task.startswith("sorts") or not isinstance(labels, dict) or not labels:
        return f"a head that {task}"
    return f"a head that {task} ({_listed(list(map(str, labels.values())))})"


def _listed(labels: list[str]) -> str:
    if all(re.fullmatch(r"LABEL_\d+", label) for label in labels):
        return f"into {len(labels)} classes"
    if len(labels) <= MOST_LABELS:
        return ", ".join(labels)
    return f"{', '.join(labels[:MOST_LABELS])}, and {len(labels) - MOST_LABELS} more"
