"""The machine: what it writes and draws is the trace of the same text, and its parts lead where they say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from app.exhibits import WALK
from model import taps
from model.trace import ForwardTrace
from tests.ui.machine import (
    ABOVE,
    DENSE_LAYER,
    EXPERT_LAYER,
    HEAD,
    SENTENCE,
    layout,
    length,
    n_tokens,
    number,
    open_machine,
    picture,
    state,
    wait_for_card,
    words,
)
from tests.ui.page import CutawayPage, Pages, screen_percentages

FILL = 0.9
"""The part of its pitch that the thickest lane fills."""


@pytest.fixture
def machine(open_page: Pages) -> CutawayPage:
    return open_machine(open_page)


@pytest.fixture(scope="module")
def trace(engine: Engine) -> ForwardTrace:
    return engine.trace(SENTENCE)


def test_the_machine_is_what_the_page_opens_with(page: CutawayPage):
    page.exhibit("machine")
    assert page.page.locator("[data-to]").first.get_attribute("data-to") == "machine"


def test_the_gates_of_the_selected_token_are_those_of_its_router(machine: CutawayPage, trace: ForwardTrace):
    gates = trace.router(EXPERT_LAYER)[-1]
    assert trace.config.experts is not None
    order = np.argsort(-gates)[: trace.config.experts.top_k + 1]
    written = [re.fullmatch(r"E(\d+) (.+)", text) for text in words(machine, "gate")]
    assert [int(match[1]) - 1 for match in written if match] == order.tolist()
    for match, expert in zip(written, order, strict=True):
        assert match
        low, high = screen_percentages(match[2])
        assert low <= 100 * gates[expert] <= high


def test_the_lengths_of_what_is_added_are_those_of_the_taps(machine: CutawayPage, trace: ForwardTrace):
    (attention,) = [text for text in words(machine, "attention") if text.startswith("add")]
    assert number(attention) == pytest.approx(length(trace.read(taps.ATTN_OUT, EXPERT_LAYER)[-1]), abs=0.51)
    (feed,) = [text for text in words(machine, "feed") if text.startswith("add ")]
    assert number(feed) == pytest.approx(length(trace.read(taps.MLP_OUT, EXPERT_LAYER)[-1]), abs=0.51)


def test_a_dense_block_says_what_its_mlp_adds(open_page: Pages, trace: ForwardTrace):
    page = open_machine(open_page, layer=DENSE_LAYER)
    (said,) = [text for text in words(page, "feed") if text.startswith("adds ")]
    out = trace.read(taps.MLP_OUT, DENSE_LAYER)
    assert number(said) == pytest.approx(length(out[-1]), abs=0.51)
    (longest,) = [text for text in words(page, "feed") if "the longest" in text]
    assert number(longest) == pytest.approx(max(length(row) for row in out), abs=0.51)
    assert not words(page, "gate")


def test_the_load_and_its_balance_are_counted_from_the_router(machine: CutawayPage, trace: ForwardTrace):
    gates = trace.router(EXPERT_LAYER).astype(np.float64)
    assert trace.config.experts is not None
    n_experts, top_k = trace.config.experts.n_experts, trace.config.experts.top_k
    chosen = np.argsort(-gates, axis=-1)[:, :top_k]
    load = np.bincount(chosen.reshape(-1), minlength=n_experts)
    ideal = len(gates) * top_k / n_experts
    (sentence,) = [text for text in words(machine, "feed") if "balance loss" in text]
    said = re.search(r"even, ([\d.]+) .*busiest E(\d+) × ([\d.]+), idlest E(\d+) × ([\d.]+) .*loss ([\d.]+)", sentence)
    assert said
    assert float(said[1]) == pytest.approx(ideal, abs=0.051)
    assert load[int(said[2]) - 1] == load.max()
    assert float(said[3]) == pytest.approx(load.max() / ideal, abs=0.051)
    assert load[int(said[4]) - 1] == load.min()
    assert float(said[5]) == pytest.approx(load.min() / ideal, abs=0.051)
    balance = n_experts * (load / load.sum() * gates.mean(axis=0)).sum()
    assert float(said[6]) == pytest.approx(balance, abs=0.0051)


def test_the_card_shows_the_dot_product_of_the_lit_cell(machine: CutawayPage, trace: ForwardTrace):
    pattern = trace.pattern(EXPERT_LAYER)[HEAD]
    last = len(pattern) - 1
    key = int(pattern[last, 1:last].argmax()) + 1
    card = wait_for_card(machine, last, key)
    q, k, _ = trace.qkv(EXPERT_LAYER, HEAD)
    dot = float(q[last].astype(np.float64) @ k[key])
    assert number(card.locator(".dot b").inner_text()) == pytest.approx(dot, abs=0.0051)
    assert number(card.locator(".scaled b").inner_text()) == pytest.approx(dot / np.sqrt(q.shape[1]), abs=0.0051)
    low, high = screen_percentages(card.locator(".softmax b").inner_text())
    assert low <= 100 * pattern[last, key] <= high
    assert card.locator("h3 bdi").all_inner_texts() == ["·because", trace.tokens[key].text.replace(" ", "·")]


def test_a_lane_is_as_thick_as_the_root_of_its_length(machine: CutawayPage, trace: ForwardTrace):
    place = layout(machine)
    river = place["rivers"]["text"]
    pixels = picture(machine)
    x = round(place["slabs"][0]["x"] - 3), round(place["block"]["x"] + 30), round(place["final"]["text"] - 5)
    rows = trace.read(taps.RESID_PRE, 0), trace.read(taps.RESID_PRE, EXPERT_LAYER), trace.read(taps.RESID_POST, 5)
    every = [trace.read(tap, layer) for tap in (taps.RESID_PRE, taps.RESID_MID, taps.RESID_POST) for layer in range(6)]
    every += [trace.read(tap, layer) for tap in (taps.ATTN_OUT, taps.MLP_OUT) for layer in range(6)]
    longest = max(length(vector) for stream in [*every, trace.read(taps.FINAL)] for vector in stream)
    pitch = river["lanes"]["pitch"]
    for column, stream in zip(x, rows, strict=True):
        for lane, vector in enumerate(stream[:-1]):
            top = ABOVE + river["lanes"]["top"] + lane * pitch
            slice_ = pixels[round(top) : round(top + pitch), column]
            ground = slice_[0] if lane else pixels[round(top) - 12, column]
            strongest = max(np.abs(slice_ - ground).sum(axis=-1).max(), 1)
            drawn = (np.abs(slice_ - ground).sum(axis=-1) / strongest).sum()
            assert drawn == pytest.approx(FILL * pitch * np.sqrt(length(vector) / longest), abs=1.6), (column, lane)


@pytest.mark.parametrize(("theme", "card"), [("paper", (255, 255, 255)), ("blueprint", (21, 28, 43))])
def test_the_drawing_wears_the_theme(open_page: Pages, theme: str, card: tuple[int, int, int]):
    page = open_machine(open_page, theme=theme)
    pixels = picture(page)
    place = layout(page)
    inside = pixels[ABOVE + 14, round(place["block"]["x"] + place["block"]["width"] / 2)]
    assert tuple(inside[:3]) == card
    lanes = place["rivers"]["text"]["lanes"]
    y = round(ABOVE + lanes["top"] + (n_tokens(page) - 0.5) * lanes["pitch"])
    lane = pixels[y, round(place["block"]["x"] + 40), :3]
    assert np.abs(lane - np.array(card)).sum() > 150, "the selected lane stands out"


def test_the_matrix_opens_attention_at_its_head_and_cell(machine: CutawayPage):
    place = layout(machine)
    cell = place["attentions"][0]["matrix"]["wide"]
    matrix = machine.exhibit("machine").locator(".to-attention")
    matrix.hover(position={"x": 2.5 * cell, "y": 5.5 * cell})
    wait_for_card(machine, 5, 2)
    matrix.click(position={"x": 2.5 * cell, "y": 5.5 * cell})
    machine.exhibit("attention")
    assert state(machine, "exhibit", "layer", "head", "query", "key") == ["attention", EXPERT_LAYER, HEAD, 5, 2]
    machine.page.go_back()
    machine.exhibit("machine")


def test_a_token_is_selected_and_the_machine_stays_open(machine: CutawayPage):
    machine.exhibit("machine").locator(".read .chip").filter(has_text="·dog").click()
    machine.page.wait_for_function("window.cutaway.store.state.query === 3")
    assert state(machine, "exhibit") == ["machine"]


def test_what_comes_next_opens_sampling(machine: CutawayPage):
    machine.page.locator(".to-sampling").first.click()
    machine.exhibit("sampling")


@pytest.mark.parametrize("exhibit", ["experts", "residual"])
def test_a_part_leads_only_to_an_exhibit_that_is_there(machine: CutawayPage, exhibit: str):
    part = machine.exhibit("machine").locator(f".to-{exhibit}")
    if exhibit not in WALK:
        expect(part).to_be_hidden()
        return
    part.click()
    machine.exhibit(exhibit)
    assert state(machine, "exhibit", "layer") == [exhibit, EXPERT_LAYER]


def test_a_closed_block_opens_and_a_lane_selects_its_token(machine: CutawayPage, trace: ForwardTrace):
    machine.page.get_by_role("radio", name="block 2:").click()
    machine.page.wait_for_function("window.cutaway.store.state.layer === 1")
    expect(machine.exhibit("machine").locator(".word.serif")).to_have_text("Block 2")
    lanes = machine.page.get_by_role("slider", name="Selected token")
    height = lanes.bounding_box()
    assert height
    lanes.click(position={"x": 500, "y": 2.5 * height["height"] / len(trace.tokens)})
    assert state(machine, "query") == [2]
    expect(lanes).to_have_attribute("aria-valuetext", "little, token 3 of 9")
    expect(machine.exhibit("machine").locator(".read .chip.selected")).to_have_text("·little")


def test_the_keyboard_alone_walks_blocks_heads_and_tokens(machine: CutawayPage):
    press = machine.page.keyboard.press
    machine.page.get_by_role("radio", name="block 4:").focus()
    press("ArrowLeft")
    press("ArrowLeft")
    assert state(machine, "layer") == [1]
    expect(machine.page.get_by_role("radio", name="block 2:")).to_be_checked()  # painted, and so the group's tab stop
    press("Tab")
    expect(machine.page.get_by_role("radio", name=f"head {HEAD + 1}", exact=True)).to_be_focused()
    press("ArrowUp")
    assert state(machine, "head") == [HEAD - 2]
    machine.page.get_by_role("slider", name="Selected token").focus()
    press("ArrowUp")
    press("ArrowUp")
    assert state(machine, "query") == [6]
    press("Home")
    assert state(machine, "query") == [0]
    press("End")
    assert state(machine, "query") == [None]
    machine.page.get_by_role("button", name="Open the exhibit Attention at block 2").press("Enter")
    machine.exhibit("attention")
    assert state(machine, "layer", "head") == [1, HEAD - 2]


def test_the_pointer_on_a_lane_shows_where_it_is(machine: CutawayPage):
    lanes = machine.page.get_by_role("slider", name="Selected token")
    drawing = machine.exhibit("machine").locator(".drawing")
    assert drawing.evaluate("canvas => canvas.getBoundingClientRect().width === canvas.width"), "no style scales it"
    before = picture(machine)
    height = lanes.bounding_box()
    assert height
    lanes.hover(position={"x": 500, "y": 3.5 * height["height"] / n_tokens(machine)})
    machine.page.wait_for_function("window.cutaway.store.state.hover?.token === 3")
    expect(machine.exhibit("machine").locator(".chip.is-hover")).to_have_text("·dog")
    assert (picture(machine) != before).any()
