"""The memory exhibit: its neurons are the trace's, a row opens its passages, and all heads go off at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.engine import Engine
from tests.ui.page import CutawayPage, Pages, Walk

TEXT = "The little girl had no idea what to do. She did not"


def opened(open_page: Pages, text: str = TEXT, layer: str = "6", model: str = "gpt") -> CutawayPage:
    page = open_page(exhibit="memory", text=text, layer=layer, model=model)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'memory'")
    return page


def number(written: str) -> float:
    return float(written.replace("\u2212", "-").replace("×", "").strip().removesuffix("%"))


def test_the_rows_are_the_neurons_of_the_trace(walk: Walk, engine: Engine) -> None:
    page = walk("memory", TEXT)
    layer = page.frame()["memory"]["layer"]
    trace = engine.trace(TEXT)
    neurons = engine.model("gpt").feed_forward.neurons(trace, "text", layer, len(trace.tokens) - 1)
    shares = neurons.shares()
    rows = page.exhibit("memory").locator(".neuron-row:visible")
    for at, index in enumerate((-shares).argsort(kind="stable")[:6].tolist()):
        row = rows.nth(at)
        assert number(row.locator(".before").inner_text()) == pytest.approx(neurons.before[index], abs=0.0051)
        assert number(row.locator(".activation").inner_text()) == pytest.approx(neurons.activation[index], abs=0.0051)
        assert number(row.locator(".share b").inner_text()) == pytest.approx(100 * shares[index], abs=0.051)


def test_a_row_opens_its_passages_by_a_click_and_by_the_arrows(open_page: Pages) -> None:
    page = opened(open_page)
    root = page.exhibit("memory")
    rows, title = root.locator(".neuron-row:visible"), root.locator(".passages h2")
    rows.nth(2).click()
    expect(title).to_contain_text(rows.nth(2).locator(".neuron-name").inner_text())
    rows.nth(2).press("ArrowUp")
    expect(rows.nth(1)).to_be_focused()
    expect(title).to_contain_text(rows.nth(1).locator(".neuron-name").inner_text())
    passages = page.frame()["memory"]["top"][1]["passages"]
    shown = root.locator(".passages li:visible q").all_inner_texts()
    assert shown == [one["before"] + one["token"] + one["after"] for one in passages]
    page.page.wait_for_url("**neuron=1**")


def test_all_heads_go_off_and_on_again_and_the_change_is_told(open_page: Pages, engine: Engine) -> None:
    page = opened(open_page)
    root = page.exhibit("memory")
    button = root.locator(".all-off")
    button.click()
    expect(root.locator(".effect .moved:visible").first).to_be_visible()
    off = page.page.evaluate("Object.keys(cutaway.store.state.interventions)")
    config = engine.model("gpt").config
    assert len(off) == config.n_layers * config.n_heads
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.page.evaluate("Object.keys(cutaway.store.state.interventions)") == []


def test_a_t5_is_looked_into_on_both_sides(open_page: Pages) -> None:
    page = opened(open_page, model="t5", text="translate: The dog is big.", layer="2")
    root = page.exhibit("memory")
    expect(root.locator(".neurons h2")).to_contain_text("of the decoder")
    root.get_by_role("radio", name="encoder").click()
    expect(root.locator(".neurons h2")).to_contain_text("of the encoder")
    expect(root.locator(".silent")).to_be_visible()
    expect(root.locator(".passages li:visible")).to_have_count(3)


def test_the_machines_mlp_leads_here(open_page: Pages) -> None:
    page = open_page(exhibit="machine", text=TEXT, layer="5")
    page.page.locator(".to-neurons").click()
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'memory'")
    assert page.frame()["memory"]["layer"] == 4
