"""The memory exhibit: its neurons are the trace's, a row opens its passages, and all heads go off at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.asked.question import Question
from app.engine import Engine
from app.wire.fields import Fields
from model.study import sampling
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


def test_a_neuron_is_switched_by_keyboard_and_comes_back_from_the_list(open_page: Pages, engine: Engine) -> None:
    page = opened(open_page)
    root = page.exhibit("memory")
    row, shown = root.locator(".neuron-row:visible").first, root.locator(".effect .moved:visible")
    name = row.locator(".neuron-name").inner_text()
    expert, neuron = (int(part.lstrip("E#")) for part in name.split())
    row.focus()
    page.page.keyboard.press("Tab")
    off = root.get_by_role("button", name=f"{name} off")
    expect(off).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(off).to_have_attribute("aria-pressed", "true")
    expect(shown.first).to_be_visible()
    expect(row).to_have_class("neuron-row chosen off")
    expect(row.locator(".neuron-name")).to_have_css("text-decoration-line", "line-through")
    expect(row.locator(".share b")).to_have_text(re.compile(r"^0\s%$"))
    page.page.wait_for_function(f"location.hash.includes('neurons=text.6.{expert}.{neuron}%3A0')")
    neurons = {f"text.5.{expert - 1}.{neuron - 1}": 0}
    changed = Question(Fields({"model": "gpt", "text": TEXT, "interventions": {"neurons": neurons}}), engine)
    bits = sampling.kl_bits(changed.untouched, changed.logits)
    assert page.frame()["change"]["kl_bits"] == pytest.approx(bits, rel=1e-3)
    expect(page.page.locator(".changed span")).to_contain_text(f"neuron {name} of layer 6 off")

    root.get_by_role("radio", name="Layer 5").click()
    page.page.wait_for_function("window.cutaway.lastFrame.memory.layer === 4")
    back = root.locator(".turned .back:visible")
    expect(back).to_have_text(f"{name} of layer 6off×")
    expect(root.locator(".all-back")).to_be_hidden()
    back.press("Enter")
    expect(back).to_have_count(0)
    expect(root.locator(".effect .moved:visible")).to_have_count(0)
    assert page.page.evaluate("Object.keys(cutaway.store.state.interventions)") == []


def test_neurons_of_both_kinds_are_turned_up_and_all_brought_back(open_page: Pages) -> None:
    page = opened(open_page, layer="5")
    root = page.exhibit("memory")
    rows = root.locator(".neuron-row:visible")
    activation = number(rows.first.locator(".activation").inner_text())
    rows.first.get_by_role("button", name="counts twice").click()
    page.page.wait_for_function("window.cutaway.lastFrame.change !== null")
    assert number(rows.first.locator(".activation").inner_text()) == pytest.approx(2 * activation, abs=0.02)
    rows.nth(1).get_by_role("button", name="counts four times").click()
    root.get_by_role("radio", name="Layer 6").click()
    page.page.wait_for_function("window.cutaway.lastFrame.memory.layer === 5")
    rows.nth(2).get_by_role("button", name="off").click()
    expect(root.locator(".turned .back:visible")).to_have_count(3)
    page.page.wait_for_function("Object.keys(window.cutaway.lastFrame.interventions).length === 3")
    assert page.frame()["change"]["kl_bits"] > 0
    root.locator(".all-back").click()
    expect(root.locator(".turned .back:visible")).to_have_count(0)
    expect(root.locator(".turned-words")).to_be_focused()
    assert page.page.evaluate("Object.keys(cutaway.store.state.interventions)") == []


def test_pressing_a_button_again_brings_its_neuron_back(open_page: Pages) -> None:
    page = opened(open_page, model="bert", text="The little girl was very [MASK].", layer="4")
    off = page.exhibit("memory").locator(".neuron-row:visible").nth(1).get_by_role("button", name="off")
    off.click()
    page.page.wait_for_function("window.cutaway.lastFrame.change !== null")
    off.click()
    expect(off).to_have_attribute("aria-pressed", "false")
    page.page.wait_for_function("window.cutaway.lastFrame.change === null")


def test_past_the_most_neurons_that_may_be_switched_the_page_says_so(open_page: Pages) -> None:
    twelve = ",".join(f"text.1.{neuron}:0" for neuron in range(1, 13))
    page = open_page(exhibit="memory", text=TEXT, layer="6", neurons=twelve)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'memory'")
    root = page.exhibit("memory")
    expect(root.locator(".turned .back:visible")).to_have_count(12)
    root.locator(".neuron-row:visible").first.get_by_role("button", name="off").click()
    expect(root.locator(".refusal")).to_contain_text("stays as it is: 12 neurons are switched already; bring one back.")
    assert page.page.evaluate("Object.keys(cutaway.store.state.interventions).length") == 12


def test_a_decoders_passages_say_that_it_wrote_them(open_page: Pages) -> None:
    page = opened(open_page, model="t5", text="translate: The dog is big.", layer="2")
    root = page.exhibit("memory")
    expect(root.locator(".passages li:visible")).to_have_count(3)
    expect(root.locator(".passages .written")).to_contain_text("the decoder wrote it")
    root.get_by_role("radio", name="encoder").click()
    expect(root.locator(".passages .written")).to_be_hidden()
