"""The steps of Training: what the model was asked for, how wrong it is, where that pushes, and how it came to be so."""

from __future__ import annotations

from app.wire.step import Step

SPEAKS = True
STEPS = (
    Step(
        "Every token of your text but the first was to be predicted from those before it: a bar is how surprised the"
        " model is.",
        ".loss",
        families=("gpt",),
    ),
    Step(
        "A few tokens of your text, chosen by a seed, are hidden, swapped or left: the model is to say what they were.",
        ".loss, .fates",
        families=("bert",),
    ),
    Step(
        "Spans are cut out of your text by a seed, and the model is to write them behind their sentinels.",
        ".fates, .loss",
        families=("t5",),
    ),
    Step(
        "The mean of the bars is the loss, the one number that training makes smaller.",
        ".sums",
    ),
    Step(
        "At one token the loss pulls the right entry up and pushes every other down, each by its probability.",
        ".pulled",
    ),
    Step(
        "Many of these pushes are so small that a short format rounds them to nothing, unless the loss is scaled up.",
        ".short",
    ),
    Step(
        "The same model also says whether the second sentence follows the first.",
        ".pair",
        families=("bert",),
    ),
    Step(
        "Where weights were kept on the way, they can be put back under your text: the same parts, other numbers.",
        ".moments",
        families=("gpt",),
    ),
    Step(
        "This is the run that the weights came of: the learning rate rises, then falls, and the loss with it.",
        ".as-run",
    ),
)
