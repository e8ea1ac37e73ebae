"""The experts exhibit: its numbers against the trace of the same text, and the model with an expert switched off."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from model import taps
from model.trace import ForwardTrace
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"
LAYER, SHOWN = 3, "4"


def open_experts(open_page: Pages, text: str = SENTENCE, **address: Any) -> CutawayPage:
    page = open_page(exhibit="experts", layer=SHOWN, text=text, **address)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'experts'")
    page.wait_for_picture_of(text)
    return page


def rows(page: CutawayPage) -> list[dict[str, str]]:
    """The table of one layer as written: name, logit, bias, probability, weight and tokens of each expert."""
    return (
        page.exhibit("experts")
        .locator(".expert-row:visible")
        .evaluate_all(
            "(all, parts) => all.map((row) => "
            "Object.fromEntries(parts.map((part) => [part, row.querySelector(part).textContent])))",
            [".expert-name", ".logit", "output", ".gate b", ".weight", ".choosers"],
        )
    )


def number(written: str) -> float:
    return float(written.replace("\u2212", "-"))


def changed(page: CutawayPage) -> None:
    """Wait until the picture is that of the interventions in the state."""
    page.page.wait_for_function("cutaway.store.frame.interventions === cutaway.store.state.interventions")
    page.page.wait_for_function("cutaway.lastFrame === cutaway.store.frame")


def off(engine: Engine, text: str, *places: tuple[int, int]) -> tuple[ForwardTrace, np.ndarray]:
    """The trace of a text, and the logits of what comes next by `Session.run` with experts switched off."""
    trace, model = engine.trace(text), engine.model("gpt")
    bias = np.zeros((model.config.n_layers, 8), dtype=np.float32)
    for place in places:
        bias[place] = -np.inf
    return trace, model.session.run([token.id for token in trace.tokens], expert_bias=bias).logits[0, -1]


def test_logit_probability_and_weight_are_those_of_the_trace(open_page: Pages, engine: Engine):
    page = open_experts(open_page)
    trace = engine.trace(SENTENCE)
    logits = trace.read(taps.ROUTER, LAYER)[-1]
    gate = softmax(logits)
    order = np.argsort(-gate)
    shown = rows(page)
    assert len(shown) == 8
    for expert, row in enumerate(shown):
        assert row[".expert-name"] == f"E{expert + 1}"
        assert number(row[".logit"]) == pytest.approx(logits[expert], abs=0.0051)
        low, high = screen_percentages(row[".gate b"])
        assert low <= 100 * gate[expert] <= high
        if expert in order[:2]:
            assert number(row[".weight"]) == pytest.approx(gate[expert] / gate[order[:2]].sum(), abs=0.00051)
        elif expert == order[2]:
            assert f"{logits[order[1]] - logits[expert]:.2f} short" in row[".weight"]
        else:
            assert row[".weight"] == ""


def test_load_imbalance_and_balance_loss_are_those_of_the_text(open_page: Pages, engine: Engine):
    page = open_experts(open_page)
    trace = engine.trace(SENTENCE)
    for index, layer in enumerate(trace.config.expert_layers):
        gates = np.array([softmax(row) for row in trace.read(taps.ROUTER, layer)])
        chosen = np.argsort(-gates, axis=-1)[:, :2]
        load = np.bincount(chosen.ravel(), minlength=8)
        even, busiest = len(gates) * 2 / 8, int(load.argmax())
        loss = 8 * float((load / load.sum() * gates.mean(axis=0)).sum())
        words = page.page.locator(".layer-tab").nth(index).locator("span").all_inner_texts()
        idle = int((load == 0).sum())
        assert words == [
            f"busiest E{busiest + 1}, {load[busiest] / even:.1f} × even",
            f"balance loss {loss:.2f}, {idle} idle",
        ]
        if layer == LAYER:
            counts = [int(row[".choosers"][0]) for row in rows(page)]
            assert counts == load.tolist()


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_switching_an_expert_off_shows_the_prediction_of_the_model_without_it(
    open_page: Pages, engine: Engine, hand: str
):
    page = open_experts(open_page)
    trusted = int(engine.trace(SENTENCE).router(LAYER)[-1].argmax())
    button = page.page.get_by_role("switch", name=f"E{trusted + 1} of layer {SHOWN}", exact=True)
    if hand == "mouse":
        button.click()
    else:
        page.page.get_by_role("switch", name=f"E1 of layer {SHOWN}", exact=True).focus()
        for _ in range(trusted):
            page.page.keyboard.press("ArrowRight")
        page.page.keyboard.press("Space")
    changed(page)
    assert button.get_attribute("aria-checked") == "false"
    trace, logits = off(engine, SENTENCE, (LAYER, trusted))
    p, q = softmax(trace.logits[0, -1]), softmax(logits)
    for written, id in zip(page.candidates(), np.argsort(-q, kind="stable"), strict=False):
        low, high = screen_percentages(written[1])
        assert low <= 100 * q[id] <= high
    bits = page.exhibit("experts").locator(".effect .bits").inner_text()
    assert number(bits.removesuffix(" bits")) == pytest.approx(float((p * np.log2(p / q)).sum()), abs=0.00051)
    assert rows(page)[trusted][".weight"] == "off"
    moved = page.exhibit("experts").locator(".effect .moved:visible").first.locator("b").all_inner_texts()
    largest = max(np.argsort(-p)[:12], key=lambda id: abs(p[id] - q[id]))
    for percentage, value in zip(moved, (p[largest], q[largest]), strict=True):
        low, high = screen_percentages(percentage)
        assert low <= 100 * value <= high


def test_the_whole_page_shows_the_changed_model_until_it_is_undone(open_page: Pages, engine: Engine):
    page = open_experts(open_page, off="2.3,4.1")
    _, logits = off(engine, SENTENCE, (1, 2), (3, 0))
    likeliest = 100 * softmax(logits).max()
    for exhibit in ("attention", "machine", "sampling"):
        page.open(exhibit)
        low, high = screen_percentages(page.candidates()[0][1])
        assert low <= likeliest <= high
        assert page.page.locator(".changed span").inner_text() == "Not as trained: E3 of layer 2 off, E1 of layer 4 off"
        page.page.wait_for_function("location.hash.includes('off=2.3%2C4.1')")
    page.page.get_by_role("button", name="Undo").click()
    changed(page)
    low, high = screen_percentages(page.candidates()[0][1])
    assert low <= 100 * softmax(engine.trace(SENTENCE).logits[0, -1]).max() <= high
    assert not page.page.locator(".changed").is_visible()


def test_a_bias_moves_the_gate_by_the_keyboard(open_page: Pages, engine: Engine):
    page = open_experts(open_page)
    logits = engine.trace(SENTENCE).read(taps.ROUTER, LAYER)[-1].astype(np.float64)
    page.page.get_by_label(f"Bias of E1 in layer {SHOWN}").focus()
    for _ in range(6):
        page.page.keyboard.press("ArrowRight")
    page.page.wait_for_function("cutaway.store.frame.interventions['3.0'] === 1.5")
    changed(page)
    row = rows(page)[0]
    assert row["output"] == "+1.50"
    assert number(row[".logit"]) == pytest.approx(logits[0], abs=0.0051), "the logit stays as the router says it"
    logits[0] += 1.5
    low, high = screen_percentages(row[".gate b"])
    assert low <= 100 * softmax(logits)[0] <= high


def test_the_last_expert_of_a_layer_cannot_be_switched_off(open_page: Pages):
    page = open_experts(open_page, off=",".join(f"4.{expert}" for expert in range(1, 8)))
    page.page.get_by_role("switch", name="E8 of layer 4").click()
    said = page.exhibit("experts").locator(".effect .refusal")
    expect(said).to_have_text("E8 is the last expert of layer 4 that is on: a token must go somewhere.")
    assert page.page.get_by_role("switch", name="E8 of layer 4").get_attribute("aria-checked") == "true"
    assert rows(page)[7][".weight"] == "1.000"


def test_rows_and_layers_are_chosen_with_the_arrow_keys(open_page: Pages, engine: Engine):
    page = open_experts(open_page)
    gates = page.page.get_by_role("grid", name="Gates of each token")
    gates.focus()
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("ArrowRight")
    trace = engine.trace(SENTENCE)
    gate = trace.router(5)[-2]
    best = int(gate.argmax())
    label = f"E{best + 1} weight {gate[best] / np.sort(gate)[-2:].sum():.2f}"
    expect(gates.get_by_role("gridcell")).to_have_text(re.compile(f"^park, layer 6: .*{re.escape(label)}"))
    page.page.keyboard.press("ControlOrMeta+Home")
    expect(gates.get_by_role("row")).to_have_attribute("aria-rowindex", "1")


def test_one_click_sets_up_the_thing_to_try(open_page: Pages, engine: Engine):
    page = open_experts(open_page)
    page.exhibit("experts").locator(".try:visible").click()
    page.page.wait_for_function("Object.keys(cutaway.store.frame.interventions).length === 3")
    text = page.shown_text()
    trace = engine.trace(text)
    places = [(layer, int(trace.router(layer)[-1].argmax())) for layer in trace.config.expert_layers]
    _, logits = off(engine, text, *places)
    changed(page)
    low, high = screen_percentages(page.candidates()[0][1])
    assert low <= 100 * softmax(logits).max() <= high


@pytest.mark.parametrize("n_tokens", [1, 64, 256])
def test_any_length_is_drawn_and_the_last_token_is_in_view(open_page: Pages, engine: Engine, n_tokens: int):
    text = "" if n_tokens == 1 else " the" * (n_tokens - 1)
    page = open_experts(open_page, text)
    assert len(page.frame()["tokens"]) == n_tokens
    assert page.frame()["bytes"] < 150_000
    gates = page.page.locator(".gates-rows")
    at, height, whole = gates.evaluate("node => [node.scrollTop, node.clientHeight, node.scrollHeight]")
    assert at + height >= min(whole, 24 * n_tokens) - 1
    weights = engine.trace(text).router(LAYER)[-1]
    best = float(weights.max() / np.sort(weights)[-2:].sum())
    assert any(row[".weight"] == f"{best:.3f}" for row in rows(page))
    shown = [number(row[".weight"]) for row in rows(page) if row[".weight"][:1].isdigit()]
    assert sum(shown) == pytest.approx(1, abs=0.0011)


def test_no_element_is_rebuilt_while_one_types(open_page: Pages):
    """What a text needs for the first time is made; once it has been shown, nothing comes or goes any more."""
    texts = (SENTENCE + " he was happy", SENTENCE + " he was happ", SENTENCE + " he was")
    page = open_experts(open_page, texts[0])
    for text in texts:
        page.paste(text)
    page.page.evaluate("""() => {
        window.rebuilt = 0;
        const elements = (nodes) => [...nodes].filter((node) => node.nodeType === Node.ELEMENT_NODE).length;
        const count = (changes) => changes.forEach(({ addedNodes, removedNodes }) => {
            window.rebuilt += elements(addedNodes) + elements(removedNodes);
        });
        const plate = document.querySelector(".experts-plate");
        new MutationObserver(count).observe(plate, { childList: true, subtree: true });
    }""")
    for text in texts:
        page.paste(text)
    assert page.page.evaluate("window.rebuilt") == 0


def test_a_dense_model_says_why_there_is_nothing_to_see(open_page: Pages):
    page = open_experts(open_page)
    page.page.evaluate("cutaway.store.catalog.models.gpt.experts = null; cutaway.store.changed()")
    sentence = page.exhibit("experts").locator(".none")
    sentence.wait_for(state="visible")
    assert sentence.inner_text().startswith("gpt is dense: every token passes through the same MLP")
    assert not page.exhibit("experts").locator(".gates").is_visible()


def test_what_there_is_to_try_brings_the_model_that_has_experts(open_page: Pages):
    page = open_page(exhibit="experts", model="bert", text=SENTENCE)
    expect(page.exhibit("experts").locator(".none")).to_contain_text("Of the models here, gpt has experts.")
    page.exhibit("experts").locator(".try").click()
    page.page.wait_for_function(
        "cutaway.lastFrame.model === 'gpt' && Object.keys(cutaway.store.state.interventions).length === 3"
    )
    expect(page.exhibit("experts").locator(".effect .bits")).to_contain_text("bits")


def test_the_key_says_how_deep_the_tones_go(open_page: Pages, engine: Engine):
    page = open_experts(open_page)
    trace = engine.trace(SENTENCE)
    gates = np.concatenate([trace.router(layer) for layer in trace.config.expert_layers])
    resting = np.sort(gates, axis=-1)[:, :-2].max()
    low, high = screen_percentages(page.page.locator(".cell-key .range").inner_text().partition(" to ")[2])
    assert low <= 100 * resting <= high
