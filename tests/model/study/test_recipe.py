"""The schedule, and the recipe that lies beside a checkpoint."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from model.study import points
from model.study import recipe as recipes
from model.study.recipe import Recipe
from model.train.plans import PLANS
from model.zoo import CHECKPOINTS


def test_the_learning_rate_rises_to_its_peak_and_falls_to_its_end():
    recipe = Recipe(steps=1000, lr=0.5, warmup=0.1, final_lr=0.02)
    rates = [recipe.lr_at(step / 1000) for step in range(1001)]
    assert rates[0] == 0
    assert rates[50] == pytest.approx(0.25)
    assert max(rates) == rates[100] == 0.5
    assert rates[550] == pytest.approx(0.255)  # halfway down the cosine: the mean of peak and end
    assert rates[-1] == pytest.approx(0.01)
    assert rates[:101] == sorted(rates[:101])
    assert rates[100:] == sorted(rates[100:], reverse=True)


def test_progress_follows_whichever_budget_is_spent_first():
    assert Recipe(steps=100).progress(25, seconds=1e9) == 0.25
    assert Recipe(steps=100, hours=2).progress(25, seconds=3600) == 0.5
    assert Recipe(steps=100, hours=2).progress(75, seconds=3600) == 0.75
    assert Recipe(steps=100, hours=2).progress(1, seconds=9000) == 1


def test_only_the_length_of_a_run_may_change_when_it_is_resumed():
    assert Recipe(steps=1).fixed() == Recipe(steps=2, hours=3, eval_every=4).fixed()
    assert Recipe(steps=1).fixed() != Recipe(steps=1, lr=1).fixed()


def test_a_recipe_that_was_written_is_read_back(tmp_path: Path):
    assert recipes.read(tmp_path) is None
    recipe = Recipe(steps=7, hours=0.5, optimizer="muon", betas=(0.8, 0.9))
    recipes.write(recipe, 3, tmp_path)
    assert recipes.read(tmp_path) == (recipe, 3)


@pytest.mark.parametrize("folder", sorted(CHECKPOINTS.iterdir()), ids=lambda path: path.name)
def test_the_recipe_beside_a_checkpoint_is_that_of_its_card(folder: Path):
    """The card has what its command line sets; all else is the plan's."""
    found = recipes.read(folder)
    assert found is not None
    recipe, workers = found
    (line,) = re.findall(r"^.*-m model\.train .*$", (folder / "CARD.md").read_text(encoding="utf-8"), re.MULTILINE)
    options = dict(re.findall(r"--([a-z-]+) ([\d.]+)", line))
    assert int(options.get("nproc-per-node", 1)) == workers
    given = {
        name: options[name.replace("_", "-")] for name in ("steps", "lr", "batch_tokens", "label_smoothing", "seed")
    }
    assert {name: float(value) for name, value in given.items()} == {name: getattr(recipe, name) for name in given}
    assert recipe.hours == (float(options["hours"]) if "hours" in options else None)
    planned = replace(PLANS[folder.name].recipe, hours=recipe.hours, **{name: getattr(recipe, name) for name in given})
    assert recipe == planned
    last = points.read(folder)[-1]
    assert recipe.progress(last.step, 3600 * last.hours) >= 0.99
