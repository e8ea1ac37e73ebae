"""Many draws: each one the draw that a seed and an index give, and a distance whose average is the stated one."""

from __future__ import annotations

import numpy as np
import pytest

from model.study import draws, sampling


def chances_of(seed: int, n: int = 60) -> sampling.Vector:
    return sampling.probabilities_of(np.random.default_rng(seed).normal(0, 3, n))


def test_each_number_picks_what_a_single_draw_picks() -> None:
    chances = chances_of(0)
    uniform = draws.numbers(7, 200)
    assert uniform.tolist() == [sampling.generator(7, index).random() for index in range(200)]
    picked = [sampling.draw(chances, u) for u in uniform.tolist()]
    assert draws.counts(chances, uniform).tolist() == np.bincount(picked, minlength=60).tolist()


def test_what_has_no_chance_is_never_drawn() -> None:
    chances = sampling.renormalized(chances_of(1), np.arange(60) % 2 == 0)
    assert not draws.counts(chances, draws.numbers(0, 1_000))[1::2].any()


def test_the_numbers_of_a_seed_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        draws.numbers(0, 10)[0] = 0.5


def test_the_distance_is_half_of_all_differences() -> None:
    assert draws.distance(np.array([3, 1]), np.array([0.5, 0.5])) == 0.25
    assert draws.distance(np.array([4, 0]), np.array([0.0, 1.0])) == 1
    assert draws.distance(np.array([2, 2]), np.array([0.5, 0.5])) == 0


@pytest.mark.parametrize("n", [10, 300])
def test_fair_draws_lie_as_far_off_as_expected_on_average(n: int) -> None:
    chances = chances_of(2)
    rng = np.random.default_rng(0)
    measured = np.mean([draws.distance(rng.multinomial(n, chances), chances) for _ in range(4_000)])
    assert measured == pytest.approx(draws.expected_distance(chances, n), rel=0.01)


def test_a_certain_draw_cannot_differ() -> None:
    assert draws.expected_distance(np.array([1.0, 0.0]), 1_000) == 0


def test_a_number_on_the_border_of_two_entries_picks_the_later_one() -> None:
    halves = np.array([0.5, 0.5])
    assert draws.counts(halves, np.array([0.0, 0.5])).tolist() == [1, 1]
    assert [sampling.draw(halves, u) for u in (0.0, 0.5)] == [0, 1]
