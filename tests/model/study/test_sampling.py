"""Sampling: invariants of each filter, parity with the processors of `transformers`, and statistics of the draws."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.study import sampling
from model.study.sampling import Settings, shape

D_VOCAB = 500
seeds = st.integers(0, 2**32 - 1)
temperatures = st.floats(0.05, 10)
settings_of_any_kind = st.builds(
    Settings,
    temperature=st.floats(0, 10),
    top_k=st.integers(0, D_VOCAB + 10),
    top_p=st.floats(0, 1, exclude_min=True),
    min_p=st.floats(0, 1),
)


def random_logits(seed: int, n: int = D_VOCAB) -> NDArray[np.float64]:
    """Logits as spread out as a language model's. No two are equal, so that no order of equals can matter."""
    return np.random.default_rng(seed).normal(0, 3, n)


@given(st.lists(st.integers(-3, 3), min_size=1), st.integers(0, 12))
def test_the_likeliest_are_the_first_in_falling_order_ties_by_rising_id(values: list[int], n: int) -> None:
    logits = np.array(values, dtype=np.float32)
    assert sampling.likeliest(logits, n).tolist() == sampling.descending(logits)[:n].tolist()


@given(seeds, settings_of_any_kind)
def test_chances_sum_to_one_over_the_kept_entries_and_are_zero_elsewhere(seed: int, settings: Settings) -> None:
    distribution = shape(random_logits(seed), settings)
    for probabilities in (distribution.probabilities, distribution.scaled, distribution.chances):
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)
        assert (probabilities >= 0).all()
    assert distribution.keep.any()
    assert not distribution.chances[~distribution.keep].any()
    kept = distribution.keep
    np.testing.assert_allclose(distribution.chances[kept] * distribution.kept_mass, distribution.scaled[kept])


@given(seeds, settings_of_any_kind)
def test_what_is_left_after_each_filter_is_what_the_filters_up_to_it_keep(seed: int, settings: Settings) -> None:
    logits = random_logits(seed)
    up_to = {
        "top_k": (settings.top_k > 0, replace(settings, top_p=1.0, min_p=0.0)),
        "top_p": (settings.top_p < 1, replace(settings, min_p=0.0)),
        "min_p": (settings.min_p > 0, settings),
    }
    expected = {name: shape(logits, some).keep.sum() for name, (is_on, some) in up_to.items() if is_on}
    assert shape(logits, settings).left == expected


@given(seeds, settings_of_any_kind)
def test_the_likeliest_entry_is_always_kept(seed: int, settings: Settings) -> None:
    logits = random_logits(seed)
    assert shape(logits, settings).keep[logits.argmax()]


@given(seeds, st.floats(-500, 500))
def test_a_constant_added_to_all_logits_changes_nothing(seed: int, constant: float) -> None:
    settings = Settings(temperature=0.7, top_k=100, top_p=0.93, min_p=0.01)
    plain, moved = (shape(random_logits(seed) + added, settings) for added in (0.0, constant))
    np.testing.assert_array_equal(plain.keep, moved.keep)
    np.testing.assert_allclose(plain.chances, moved.chances, rtol=1e-9, atol=1e-15)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40), st.integers(0, 50))
def test_top_k_keeps_exactly_k_even_where_logits_tie(logits: list[int], k: int) -> None:
    probabilities = sampling.probabilities_of(np.array(logits, dtype=np.float64))
    keep = sampling.top_k(probabilities, k)
    assert keep.sum() == (min(k, len(logits)) if k else len(logits))
    assert probabilities[keep].min() >= probabilities[~keep].max(initial=0)


@given(seeds, st.floats(0.01, 0.999))
def test_top_p_keeps_the_smallest_set_that_reaches_p(seed: int, p: float) -> None:
    probabilities = sampling.probabilities_of(random_logits(seed))
    keep = sampling.top_p(probabilities, p)
    kept = np.sort(probabilities[keep])
    assert kept.min() > probabilities[~keep].max(initial=0)
    assert kept.sum() >= p - 1e-12
    assert kept[1:].sum() < p + 1e-12


@given(seeds, st.floats(0, 1))
def test_min_p_keeps_what_reaches_its_share_of_the_likeliest(seed: int, p: float) -> None:
    probabilities = sampling.probabilities_of(random_logits(seed))
    keep = sampling.min_p(probabilities, p)
    expected = [bool(probability >= p * probabilities.max()) for probability in probabilities]
    assert keep.tolist() == expected


@given(seeds)
def test_temperature_zero_is_greedy_and_the_limit_of_small_temperatures(seed: int) -> None:
    logits = random_logits(seed)
    greedy = shape(logits, Settings(temperature=0))
    assert greedy.chances[logits.argmax()] == 1
    gap = np.diff(np.sort(logits)[-2:])[0]
    np.testing.assert_allclose(shape(logits, Settings(temperature=gap / 50)).chances, greedy.chances, atol=1e-12)
    smallest_float = shape(logits, Settings(temperature=5e-324))
    np.testing.assert_array_equal(smallest_float.chances, greedy.chances)


@given(seeds, temperatures)
def test_temperature_divides_log_odds(seed: int, temperature: float) -> None:
    logits = random_logits(seed, 5)
    log_scaled = np.log(shape(logits, Settings(temperature=temperature)).scaled)
    np.testing.assert_allclose(log_scaled - log_scaled[0], (logits - logits[0]) / temperature, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(temperature=0.6),
        Settings(top_k=7),
        Settings(top_p=0.9),
        Settings(min_p=0.05),
        Settings(temperature=1.7, top_k=120, top_p=0.8),
        Settings(temperature=0.8, top_k=40, top_p=0.95, min_p=0.1),
    ],
    ids=str,
)
def test_chances_agree_with_the_logits_processors_of_transformers(settings: Settings) -> None:
    torch = pytest.importorskip("torch")
    from transformers.generation import logits_process

    processors = [logits_process.TemperatureLogitsWarper(settings.temperature)]
    if settings.top_k:
        processors.append(logits_process.TopKLogitsWarper(settings.top_k))
    if settings.top_p < 1:
        processors.append(logits_process.TopPLogitsWarper(settings.top_p))
    if settings.min_p:
        processors.append(logits_process.MinPLogitsWarper(settings.min_p))
    no_ids = torch.zeros((1, 0), dtype=torch.long)
    for seed in range(50):
        logits = random_logits(seed, 4096)
        processed = torch.from_numpy(logits)[None]
        for processor in processors:
            processed = processor(no_ids, processed)
        expected = torch.softmax(processed, dim=-1)[0].numpy()
        np.testing.assert_allclose(shape(logits, settings).chances, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("temperature", value) for value in (-0.1, 10.1, float("nan"), float("inf"))),
        ("top_k", -1),
        *(("top_p", value) for value in (0.0, 1.1, float("nan"))),
        *(("min_p", value) for value in (-0.1, 1.1, float("nan"))),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name_and_value(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; choose"):
        Settings(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("logits", [np.zeros((2, 3)), np.zeros(0), np.array([0.0, np.nan]), np.array([0.0, np.inf])])
def test_logits_that_are_no_distribution_are_refused(logits: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="logit"):
        shape(logits, Settings())


def test_entropy_counts_bits() -> None:
    assert sampling.entropy_bits(np.full(8, 1 / 8)) == pytest.approx(3)
    assert sampling.entropy_bits(np.array([1.0, 0.0, 0.0])) == 0
    assert sampling.entropy_bits(np.array([0.5, 0.25, 0.25])) == pytest.approx(1.5)


@given(seeds, st.integers(0, sampling.MAX_SEED - 1))
def test_the_same_seed_and_index_give_the_same_numbers_and_others_do_not(seed: int, index: int) -> None:
    numbers = sampling.generator(seed, index).random(4).tolist()
    assert sampling.generator(seed, index).random(4).tolist() == numbers
    assert not set(sampling.generator(seed, index + 1).random(4)) & set(numbers)
    assert not set(sampling.generator((seed + 1) % 2**32, index).random(4)) & set(numbers)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (2**32, 0), (0, -1), (0, 2**32)])
def test_a_seed_or_index_out_of_range_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match=r"(seed|index) is -?\d+; choose"):
        sampling.generator(seed, index)


@given(seeds, st.floats(0, 1, exclude_max=True), settings_of_any_kind)
def test_a_draw_is_always_a_kept_entry(seed: int, u: float, settings: Settings) -> None:
    distribution = shape(random_logits(seed), settings)
    assert distribution.chances[sampling.draw(distribution.chances, u)] > 0


def test_a_draw_falls_into_the_bar_under_u() -> None:
    chances = np.array([0.2, 0.5, 0.3])
    assert [sampling.draw(chances, u) for u in (0.0, 0.49, 0.5, 0.79, 0.8, 1 - 2**-53)] == [1, 1, 2, 2, 0, 0]


def test_twenty_thousand_draws_agree_with_the_chances() -> None:
    """Pearson's chi-square over the kept entries, rare ones pooled so that each cell expects at least ten draws."""
    n = 20_000
    chances = shape(random_logits(3), Settings(temperature=1.2, top_p=0.98)).chances
    ids = np.array([sampling.draw(chances, sampling.generator(7, index).random()) for index in range(n)])
    observed = np.bincount(ids, minlength=D_VOCAB)
    common = chances * n >= 10
    expected_cells = np.append(chances[common], chances[~common].sum()) * n
    observed_cells = np.append(observed[common], observed[~common].sum())
    chi_square = ((observed_cells - expected_cells) ** 2 / expected_cells).sum()
    degrees = len(expected_cells) - 1
    assert degrees > 50
    # chi-square has mean `degrees` and variance 2 `degrees`; 4 standard deviations either way.
    assert abs(chi_square - degrees) < 4 * np.sqrt(2 * degrees)


def test_the_divergence_of_two_predictions_is_the_textbooks() -> None:
    quarter = np.array([0.0, math.log(3)])  # the softmax is (1/4, 3/4)
    assert sampling.kl_bits(np.zeros(2), quarter) == pytest.approx(0.5 * math.log2(2) + 0.5 * math.log2(2 / 3))
    assert sampling.kl_bits(quarter, np.zeros(2)) == pytest.approx(0.25 * math.log2(1 / 2) + 0.75 * math.log2(3 / 2))


@given(seeds, st.floats(-50, 50))
def test_no_prediction_diverges_from_itself_and_none_by_less_than_nothing(seed: int, shift: float) -> None:
    logits = random_logits(seed)
    assert sampling.kl_bits(logits, logits) == 0
    assert 0 <= sampling.kl_bits(logits, logits + shift) < 1e-9
    assert sampling.kl_bits(logits, random_logits(seed // 2 + 1)) >= 0
