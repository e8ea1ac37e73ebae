"""The schedule."""

from __future__ import annotations

import pytest

from model.train.recipe import Recipe


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
