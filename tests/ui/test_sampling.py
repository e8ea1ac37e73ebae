"""The sampling exhibit: the chain from logit to chance over the whole vocabulary, and seeded draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from model.study import sampling
from model.study.sampling import Settings
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"


def rows(page: CutawayPage) -> list[list[str]]:
    """The chain as written: token, logit, probability, after temperature, chance."""
    cells: list[list[str]] = (
        page.exhibit("sampling")
        .locator(".chain-row:visible")
        .evaluate_all("rows => rows.map((row) => [...row.children].map((cell) => cell.textContent))")
    )
    return cells


def open_sampling(open_page: Pages, **settings: Any) -> CutawayPage:
    page = open_page(exhibit="sampling", text=SENTENCE, **settings)
    page.wait_for_picture_of(SENTENCE)
    return page


def test_every_stage_of_the_chain_is_a_probability_over_the_whole_vocabulary(open_page: Pages, engine: Engine):
    page = open_sampling(open_page, temperature="0.7", top_k="40", top_p="0.8", min_p="0.02")
    logits = engine.trace(SENTENCE).logits[0, -1].astype(np.float64)
    order = np.argsort(-logits, kind="stable")
    untouched, scaled = softmax(logits), softmax(logits / 0.7)
    # The filters as the papers have them, one after the other, each on what the one before has left.
    kept = order[:40]
    mass = scaled[kept] / scaled[kept].sum()
    kept = kept[: int(np.searchsorted(np.cumsum(mass), 0.8)) + 1]
    kept = kept[scaled[kept] >= 0.02 * scaled[kept[0]]]
    chance = np.zeros_like(scaled)
    chance[kept] = scaled[kept] / scaled[kept].sum()
    shown = rows(page)
    assert len(shown) >= 12
    assert 0 < len(kept) < len(logits)
    for id, (_, logit, *stages) in zip(order, shown, strict=False):
        assert float(logit.replace("\u2212", "-")) == pytest.approx(logits[id], abs=0.0051)
        for value, percentage in zip((untouched[id], scaled[id], chance[id]), stages, strict=True):
            if percentage == "cut":
                assert value == 0
            else:
                low, high = screen_percentages(percentage)
                assert low <= 100 * value <= high
    assert page.frame()["next"]["kept"] == len(kept)


def test_a_slider_moved_with_the_keyboard_changes_the_chances(open_page: Pages):
    page = open_sampling(open_page)
    before, curve = rows(page), page.picture_of("sampling")
    page.page.get_by_label("temperature").focus()
    for _ in range(6):
        page.page.keyboard.press("ArrowLeft")
    page.page.wait_for_function("Math.abs(window.cutaway.lastFrame.sampling.temperature - 0.7) < 1e-9")
    after = rows(page)
    assert [row[2] for row in after] == [row[2] for row in before], "the model's own probabilities stay"
    assert [row[3] for row in after] != [row[3] for row in before]
    assert page.picture_of("sampling") != curve


def test_greedy_leaves_one_token(open_page: Pages):
    page = open_sampling(open_page, temperature="0")
    first, *others = [screen_percentages(row[4]) for row in rows(page) if row[4] != "cut"]
    assert first[0] <= 100 <= first[1]
    assert all(low <= 0 <= high < 1 for low, high in others)


def test_a_draw_appends_the_token_that_the_seed_chooses(open_page: Pages, engine: Engine):
    page = open_sampling(open_page, seed="7")
    text = SENTENCE
    for draw in range(4):
        logits = engine.trace(text).logits[0, -1]
        chances = sampling.shape(logits, Settings()).chances
        u = sampling.generator(7, draw).random()
        order = np.argsort(-chances, kind="stable")
        expected = int(order[np.searchsorted(np.cumsum(chances[order]), u, side="right")])
        page.page.get_by_role("button", name="Draw the next token").click()
        page.page.wait_for_function(
            "draws => window.cutaway.store.state.draws === draws || window.cutaway.store.drawn?.ended", arg=draw + 1
        )
        drawn = page.page.evaluate("window.cutaway.store.drawn")
        assert drawn["drawn"][0]["id"] == expected
        assert drawn["u"] == pytest.approx(u)
        if drawn["ended"]:
            break
        text = drawn["text"]
        page.wait_for_picture_of(text)
        assert page.box.input_value() == text


def test_the_same_seed_tells_the_same_story(open_page: Pages):
    stories = []
    for seed in ("3", "3", "4"):
        page = open_sampling(open_page, seed=seed)
        for draw in range(6):
            page.page.get_by_role("button", name="Draw the next token").click()
            page.page.wait_for_function(
                "draws => window.cutaway.store.state.draws === draws || window.cutaway.store.drawn?.ended", arg=draw + 1
            )
        stories.append(page.page.evaluate("window.cutaway.store.state.text"))
        expect(page.box).to_have_value(stories[-1])
    assert stories[0] == stories[1] != stories[2]


def test_the_curve_sent_spans_the_whole_vocabulary(open_page: Pages, engine: Engine):
    page = open_sampling(open_page)
    probabilities = np.sort(softmax(engine.trace(SENTENCE).logits[0, -1]))[::-1]
    curve, ranks = page.page.evaluate(
        "(({ curve, curve_ranks }) => [Array.from(curve), Array.from(curve_ranks)])(window.cutaway.lastFrame.arrays)"
    )
    assert (ranks[0], ranks[-1]) == (1, len(probabilities))
    assert curve == pytest.approx(probabilities[np.array(ranks) - 1], rel=1e-4, abs=1e-9)
