"""What each preset is trained for, for how long, and how its card measures it.

The steps are what one slow CPU core manages in the time that the comment names, so that two runs side by side fill two
cores; `--hours` ends a run by the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.config import PRESETS
from model.study.recipe import Recipe
from model.train import report_bert, report_gpt, report_t5
from model.train.masked_tokens import MaskedTokens
from model.train.next_token import NextToken, NextTokenOfStream
from model.train.report import Report, Trained
from model.train.task import Task
from model.train.text_to_text import TextToText


@dataclass(frozen=True)
class Plan:
    """How a preset is trained."""

    task: type[Task]
    recipe: Recipe
    report: Callable[[Trained], Report]


# A quarter of an hour each: 8 M tokens.
BY_SCHEME = Plan(
    NextTokenOfStream,
    Recipe(steps=2_000, optimizer="muon", lr=1e-2, warmup=0.03, batch_tokens=4096, eval_every=250),
    report_gpt.by_length,
)

PLANS: dict[str, Plan] = {
    # Three hours on two cores.
    "gpt": Plan(NextToken, Recipe(steps=8_000), report_gpt.of_stories),
    **{name: BY_SCHEME for name in PRESETS if name.startswith("gpt-")},
    # An hour and twenty minutes: 25 M tokens read.
    "bert": Plan(MaskedTokens, Recipe(steps=6_000, lr=1.5e-3, warmup=0.05, batch_tokens=4096), report_bert.report),
    # Two hours.
    "t5": Plan(
        TextToText,
        Recipe(steps=7_000, optimizer="muon", lr=6e-3, warmup=0.03, batch_tokens=4096),
        report_t5.report,
    ),
}
