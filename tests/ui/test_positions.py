"""The positions exhibit: angles, biases, attention and losses on screen against the formulas and the model."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from app.engine import Engine
from app.exhibits.positions import frame as positions
from model import taps
from model.config import GPTConfig, RopeScaling
from model.study import position_math
from tests.ui.page import CutawayPage, Pages, softmax

SENTENCE = "The little dog ran to the park because"
QUERY, KEY = 8, 3


def numbers(text: str) -> list[float]:
    """The numbers in a line, in order."""
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\u2212", "-").replace(",", ""))]


def open_positions(open_page: Pages, **address: Any) -> tuple[CutawayPage, Locator]:
    page = open_page(exhibit="positions", text=SENTENCE, **({"key": KEY} | address))
    page.wait_for_picture_of(SENTENCE)
    return page, page.exhibit("positions")


def test_the_hands_turn_by_position_times_frequency_and_differ_by_the_distance(open_page: Pages, engine: Engine):
    _, root = open_positions(open_page, pair="2")
    config = engine.config("gpt")
    assert isinstance(config, GPTConfig)
    frequencies = position_math.rope_frequencies(config.d_rotary, config.positions.theta)
    for pair in (2, 3):
        expect(root.locator(".pair-name")).to_have_text(f"Pair {pair + 1} of {len(frequencies)}")
        for name, place in (("query", QUERY), ("key", KEY)):
            shown = numbers(root.locator(f".angle-{name}").inner_text())
            angle = place * frequencies[pair]
            assert shown[0] == place
            assert shown[2:] == pytest.approx([angle, math.degrees(angle)], abs=0.051)
        between = numbers(root.locator(".angle-between").inner_text())
        assert between[-1] == pytest.approx((QUERY - KEY) * frequencies[pair], abs=0.0051)
        root.get_by_role("button", name="next pair").click()


def test_attention_with_positions_is_the_models_own_and_without_them_that_of_plain_vectors(
    open_page: Pages, engine: Engine
):
    layer, head = 1, 2
    _, root = open_positions(open_page, layer=str(layer + 1), head=str(head + 1))
    trace = engine.trace(SENTENCE)
    with_positions = trace.pattern(layer)[head, QUERY]
    q = trace.read(taps.Q, layer)[QUERY, head].astype(np.float64)
    k = trace.read(taps.K, layer)[:, head // 3].astype(np.float64)
    without = softmax(k @ q / math.sqrt(trace.config.head_width))
    cell = root.locator(".effect-cell")
    expect(cell).to_contain_text("without")
    assert numbers(cell.inner_text()) == pytest.approx([100 * without[KEY], 100 * with_positions[KEY]], abs=0.051)
    moved = numbers(root.locator(".effect-told").inner_text())
    assert moved == pytest.approx([2, 3, 50 * np.abs(with_positions - without).sum()], abs=0.051)
    turned, k_turned, _ = trace.qkv(layer, head)
    shown = numbers(root.locator(".pairs-told").inner_text())
    assert shown == pytest.approx([q @ k[KEY], turned[QUERY] @ k_turned[KEY]], abs=0.0051)


def test_stretching_shows_what_each_way_makes_of_a_pair(open_page: Pages, engine: Engine):
    _, root = open_positions(open_page, pair="3")
    config = engine.config("gpt")
    assert isinstance(config, GPTConfig)
    slider = root.get_by_label("How much longer")
    slider.focus()
    slider.press("End")
    expect(root.locator(".stretch output")).to_have_text("× 64")
    expect(root.locator(".temperature")).to_contain_text(f"{1 + 0.1 * math.log(64):.3f}")
    ways = (None, RopeScaling("linear", 64), RopeScaling("yarn", 64, config.n_ctx))
    for row, way in enumerate(ways):
        frequency = position_math.rope_frequencies(config.d_rotary, config.positions.theta, way)[3]
        shown = [
            numbers(text)[0] for text in root.locator(".stretch-facts tr").nth(row).locator("td").all_inner_texts()
        ]
        assert shown == pytest.approx(
            [frequency, 2 * math.pi / frequency, config.n_ctx * frequency / (2 * math.pi)], rel=5e-2
        )


def test_schemes_are_chosen_with_the_keyboard_and_their_numbers_are_the_formulas(open_page: Pages, engine: Engine):
    page, root = open_positions(open_page)
    root.get_by_role("radio", name="RoPE").focus()
    page.page.keyboard.press("ArrowRight")
    expect(root.locator("#positions-scheme")).to_have_text("ALiBi, a slope")
    n_heads = len(page.frame()["positions"]["alibi"]["slopes"])
    slope = position_math.alibi_slopes(n_heads)[0]
    hint = root.locator(".field-hint")
    expect(hint).to_contain_text("5 away")
    assert numbers(hint.inner_text())[-1] == pytest.approx(-slope * (QUERY - KEY), abs=0.00051)
    root.get_by_role("radio", name="T5's buckets").click()
    root.get_by_role("radio", name="Both ways").click()
    page.page.wait_for_function("window.cutaway.lastFrame?.positions?.t5?.sees === 'both'")
    table = positions.weight(engine, "t5", "encoder.positions.weight")
    bucket = int(position_math.t5_bucket(KEY - QUERY, 32, 128, bidirectional=True))
    words = root.locator(".bias-words")
    expect(words).to_contain_text(f"bucket {bucket},")
    assert numbers(words.inner_text())[-1] == pytest.approx(table[bucket, 0], abs=0.00051)
    root.get_by_role("grid", name="T5's buckets").focus()
    page.page.keyboard.press("ArrowUp")
    expect(hint).to_contain_text("4 away")
    assert root.get_by_role("gridcell").inner_text() == hint.inner_text()


def test_the_readers_losses_of_the_text_are_those_of_its_trace(open_page: Pages, engine: Engine):
    _, root = open_positions(open_page)
    rows = root.locator(".far tbody tr")
    expect(rows).to_have_count(len(positions.SIX))
    for index, name in enumerate(positions.SIX):
        alone = rows.nth(index).locator("td").nth(4)
        if name not in engine.names:
            expect(alone).to_have_text("–", timeout=60_000)
            continue
        expect(alone).to_have_text(re.compile(r"^\d"), timeout=60_000)
        trace = engine.trace(SENTENCE, name)
        targets = [token.id for token in trace.tokens[1:]]
        losses = [-math.log(softmax(trace.logits[0, at])[id]) for at, id in enumerate(targets)]
        assert float(alone.inner_text()) == pytest.approx(np.mean(losses), abs=0.0006)
