"""Attention in a BERT and a T5, heads switched off, and what the column says of each family: against the trace."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from app.engine import Engine
from app.running.model import N_WRITTEN
from app.wire.interventions import Interventions
from model.study import sampling
from tests.ui.page import CutawayPage, Pages, screen_percentages
from tests.ui.test_attention import centre, matrix, number, wait_for_cell, written

TEXTS = {
    "gpt": "The little dog ran to the park because",
    "bert": "The little girl was very happy.",
    "t5": "translate English to French: The little dog ran to the park.",
}
KINDS = [("gpt", "text"), ("bert", "text"), ("t5", "encoder"), ("t5", "decoder"), ("t5", "cross")]


def opened(open_page: Pages, model: str, **address: Any) -> CutawayPage:
    """The exhibit on a model's own text, second layer, first head."""
    page = open_page(exhibit="attention", model=model, text=TEXTS[model], layer="2", head="1", **address)
    page.wait_for_picture_of(TEXTS[model])
    return page


def settled(page: CutawayPage) -> None:
    """Until the picture is that of the state, interventions included."""
    page.page.wait_for_function("cutaway.lastFrame === cutaway.store.frame && !cutaway.store.inFlight")


def shown_next(page: CutawayPage, logits: Any) -> None:
    """The column lists the likeliest of these logits."""
    p = sampling.probabilities_of(logits)
    for (_, percentage), id in zip(page.candidates(), np.argsort(-p, kind="stable"), strict=False):
        low, high = screen_percentages(percentage)
        assert low <= 100 * p[id] <= high


@pytest.mark.parametrize(("model", "kind"), KINDS[1:])
def test_a_clicked_cell_of_any_kind_shows_its_steps(open_page: Pages, engine: Engine, model: str, kind: Any):
    page = opened(open_page, model, kind=kind)
    trace = engine.trace(TEXTS[model], model=model)
    pattern = trace.pattern(1, kind)[0]
    query, key = 1, (0 if kind == "decoder" else 3)
    matrix(page).click(position=centre(page, query, key))
    wait_for_cell(page, query, key)
    q, k, _ = trace.qkv(1, 0, kind)
    dot = float(q[query].astype(np.float64) @ k[key])
    assert number(written(page, "dot")) == pytest.approx(dot, abs=0.0051)
    scaled = dot if model == "t5" else dot / np.sqrt(q.shape[1])
    assert number(written(page, "scaled")) == pytest.approx(scaled, abs=0.0051)
    biased = page.exhibit("attention").locator('.cell [data-step="bias"]')
    assert biased.is_visible() is (kind in ("encoder", "decoder"))
    low, high = screen_percentages(written(page, "softmax"))
    assert low <= 100 * pattern[query, key] <= high
    measured = page.exhibit("attention").locator(".why-scale [data-value='dot']")
    allowed = np.tri(len(q), dtype=bool) if kind == "decoder" else np.ones(pattern.shape, dtype=bool)
    assert number(measured.inner_text()) == pytest.approx(float((q @ k.T)[allowed].var()), abs=0.02, rel=1e-3)


@pytest.mark.parametrize("hand", ["switch", "atlas", "keyboard"])
@pytest.mark.parametrize(("model", "kind"), [KINDS[0], KINDS[1], KINDS[4]])
def test_a_head_is_switched_off_and_the_change_stands_beside_it(
    open_page: Pages, engine: Engine, model: str, kind: Any, hand: str
):
    page = opened(open_page, model, kind=kind)
    root = page.exhibit("attention")
    if hand == "switch":
        root.get_by_role("switch", name="Layer 2, head 1: on").click()
    elif hand == "atlas":
        root.get_by_role("radio", name="layer 2, head 1", exact=True).hover()
        root.locator(".atlas-buttons [aria-checked=true] .off-mark").click()
    else:
        root.get_by_role("radio", name="layer 2, head 1", exact=True).focus()
        page.page.keyboard.press("o")
    of = "" if kind == "text" else f"{kind} "
    expect(page.page.locator(".changed span")).to_have_text(f"Not as trained: head 1 of {of}layer 2 off")
    expect(root.locator(".attention-plate .effect .bits")).to_have_text(re.compile("bits"))
    settled(page)
    reading = engine.read(TEXTS[model], model, Interventions(heads_off=((kind, 1, 0),)))
    ids = [[token.id for token in stream.tokens] for stream in reading.trace.streams.values()]
    position = page.frame()["position"]
    session = engine.model(model).session
    before = (session.run(ids[0], decoder_ids=ids[1]) if model == "t5" else session.run(ids[0])).logits[0, position]
    after = reading.trace.logits[0, position]
    bits = root.locator(".attention-plate .effect .bits").inner_text().removesuffix(" bits")
    assert number(bits) == pytest.approx(sampling.kl_bits(before, after), abs=0.00051)
    shown_next(page, after)
    page.page.wait_for_function("kind => location.hash.includes(`heads=${kind}.2.1`)", arg=kind)
    page.page.get_by_role("button", name="Undo").click()
    expect(page.page.locator(".changed")).to_be_hidden()


def test_heads_and_experts_are_off_together(open_page: Pages, engine: Engine):
    page = opened(open_page, "gpt", heads="text.2.1", off="4.3")
    expect(page.page.locator(".changed span")).to_have_text("Not as trained: E3 of layer 4 off, head 1 of layer 2 off")
    changed = Interventions(((3, 2, -np.inf),), (("text", 1, 0),))
    shown_next(page, engine.read(TEXTS["gpt"], "gpt", changed).trace.logits[0, -1])


def column(page: CutawayPage, title: str) -> Locator:
    expect(page.page.locator("#cutaway-next")).to_have_text(title)
    return page.page.locator(".next")


@pytest.mark.parametrize("hand", ["button", "double click", "Enter"])
def test_a_word_is_hidden_behind_the_mask_and_put_back(open_page: Pages, engine: Engine, hand: str):
    page = opened(open_page, "bert", query="3")
    masked = "The little [MASK] was very happy."
    column(page, "At this token")
    shown_next(page, engine.trace(TEXTS["bert"], model="bert").logits[0, 3])
    if hand == "button":
        page.page.get_by_role("button", name="Mask “girl”").click()
    elif hand == "double click":
        page.page.locator(".ribbon .chip").nth(3).dblclick()
    else:
        page.page.locator(".ribbon").focus()
        page.page.keyboard.press("Enter")
    page.wait_for_picture_of(masked)
    column(page, "Behind the mask")
    assert page.box.input_value() == masked
    settled(page)
    shown_next(page, engine.trace(masked, model="bert").logits[0, 3])
    page.page.wait_for_function("location.hash.includes('hidden=girl')")
    page.page.get_by_role("button", name="Put “girl” back").click()
    page.wait_for_picture_of(TEXTS["bert"])


def test_a_click_on_what_t5_wrote_shows_what_it_was_taken_from(open_page: Pages, engine: Engine):
    page = opened(open_page, "t5")
    trace = engine.trace(TEXTS["t5"], model="t5")
    chips = column(page, "What it writes").locator(".wrote .chip:visible")
    expect(chips).to_have_count(min(len(trace.streams["decoder"].tokens), N_WRITTEN))
    chips.nth(1).click()
    page.page.wait_for_function("cutaway.lastFrame.position === 1")
    shown_next(page, trace.logits[0, 1])
    page.page.locator(".wrote").focus()
    page.page.keyboard.press("Home")
    page.page.wait_for_function("cutaway.lastFrame.position === 0")
    shown_next(page, trace.logits[0, 0])


def test_what_a_layer_costs_is_counted_at_this_length(open_page: Pages, engine: Engine):
    page = opened(open_page, "gpt")
    n, d = len(engine.trace(TEXTS["gpt"]).tokens), engine.config("gpt").d_model
    cost = page.exhibit("attention").locator(".why-cost")
    for layer, operations in {"attention": n * n * d, "recurrence": n * d * d, "convolution": 3 * n * d * d}.items():
        expect(cost.locator(f"[data-layer={layer}] [data-value=cost]")).to_have_text(f"{operations:,}")


def test_no_lead_of_a_bert_speaks_of_what_comes_next(open_page: Pages):
    page = opened(open_page, "bert")
    lead = page.exhibit("attention").locator(".lead p:not(.guides):visible")
    expect(lead).to_have_count(1)
    assert "both sides" in lead.inner_text()
