"""The training exhibit: its bars are the trace's losses, its seed hides and cuts, its slider goes back in time."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from model.study.objective import gradient, losses
from tests.ui.page import CutawayPage, Pages, Walk

TEXT = "The little girl had no idea what to do. She did not"


def opened(open_page: Pages, text: str = TEXT, model: str = "gpt") -> CutawayPage:
    page = open_page(exhibit="training", text=text, model=model)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'training'")
    return page


def text_of(page: CutawayPage, id: int) -> str:
    """An entry's text, as the frame has it."""
    entry: dict[str, str] = page.frame()["training"]["entries"][str(id)]
    return entry["text"]


def number(written: str) -> float:
    """A number as the page writes it, "−3.2 · 10⁻⁷" too."""
    plain = written.replace("\u2212", "-").replace(",", "").replace("+", "").strip().removesuffix("%").strip()
    found = re.fullmatch(r"(\S+) · 10(\S+)", plain)
    if not found:
        return float(plain)
    return float(found[1]) * 10 ** int(found[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")))


def test_the_sums_and_the_table_are_those_of_the_trace(walk: Walk, engine: Engine) -> None:
    root = walk("training", TEXT).exhibit("training")
    trace = engine.trace(TEXT)
    ids, logits = np.array(trace.streams["text"].ids), trace.logits[0]
    nats = losses(logits[:-1], ids[1:]).nats
    assert number(root.locator('[data-sum="loss"]').inner_text()) == pytest.approx(nats.mean(), abs=0.0051)
    assert number(root.locator('[data-sum="perplexity"]').inner_text()) == pytest.approx(np.exp(nats.mean()), abs=0.051)
    worst = int(nats.argmax())
    slopes = gradient(logits[worst], int(ids[worst + 1]), 0, len(nats))
    rows = root.locator(".pulled tbody tr:visible")
    order = [int(ids[worst + 1]), *(-slopes).argsort(kind="stable")[:5].tolist()]
    for at, id in enumerate(order):
        assert number(rows.nth(at).locator(".slope b").inner_text()) == pytest.approx(slopes[id], rel=0.03, abs=5.1e-5)
    expect(rows.nth(6)).to_contain_text(f"{len(slopes) - 6:,}")


def test_a_bar_is_chosen_by_a_click_and_by_the_arrows_and_stands_in_the_address(open_page: Pages) -> None:
    page = opened(open_page)
    root = page.exhibit("training")
    grid = root.locator(".loss .canvas-frame")
    box = grid.locator("canvas").bounding_box()
    assert box is not None
    targets = page.frame()["training"]["targets"]
    pitch = (box["width"] - 54) / len(page.frame()["training"]["cells"])
    grid.locator("canvas").click(position={"x": 40 + 3.5 * pitch, "y": 100})
    page.page.wait_for_url("**predicted=2**")
    page.page.wait_for_function("window.cutaway.lastFrame.training.chosen === 2")
    grid.focus()
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_function("window.cutaway.lastFrame.training.chosen === 3")
    expect(root.locator(".pulled-words bdi")).to_have_text(text_of(page, targets[3]["id"]).replace(" ", "·"))
    expect(grid.locator("[role=gridcell]:not([hidden])").first).to_contain_text("loss")
    page.page.keyboard.press("Escape")
    page.page.wait_for_function("!location.hash.includes('predicted=')")


def test_smoothing_spreads_the_target_and_leaves_less_for_float16_to_flush(open_page: Pages) -> None:
    root = opened(open_page).exhibit("training")
    float16 = root.locator(".short tbody tr").first.locator("td").first
    flushed = number(float16.inner_text())
    plain = root.locator('[data-sum="loss"]').inner_text()
    expect(root.locator('[data-sum="smoothed"]')).to_have_text(plain)
    root.locator('[data-field="smoothing"] input').fill("10")
    expect(root.locator(".pulled tbody tr").first.locator("td").nth(1)).to_have_text("90.0\u00a0%")
    expect(root.locator('[data-sum="loss"]')).to_have_text(plain)
    expect(root.locator('[data-sum="smoothed"]')).not_to_have_text(plain)
    assert number(float16.inner_text()) < flushed / 2


def test_the_seed_hides_other_words_of_a_bert_and_the_verdict_of_two_sentences_stands_beside(open_page: Pages) -> None:
    page = opened(open_page, model="bert", text="The little girl was very happy. She went to the park with her mom.")
    root = page.exhibit("training")
    before = [target["at"] for target in page.frame()["training"]["targets"]]
    root.locator('[data-field="cut"] input').fill("2")
    page.page.wait_for_function("window.cutaway.lastFrame.cut === 2")
    training = page.frame()["training"]
    assert [target["at"] for target in training["targets"]] != before
    expect(root.locator(".fate-words")).to_contain_text(f"{len(training['targets'])} tokens chosen")
    rows = root.locator(".pair-row:visible")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("She went to the park with her mom.")
    assert number(rows.first.locator("b").inner_text().partition(":")[2]) == pytest.approx(
        100 * training["pair"]["own"]["follows"], abs=0.051
    )
    page.paste("One sentence")
    expect(root.locator(".pair-none")).to_contain_text("write a second one")


def test_a_t5_shows_what_it_reads_and_what_it_is_to_write(open_page: Pages) -> None:
    page = opened(open_page, model="t5", text="fill: Once upon a time there was a little girl who lived in a house.")
    root = page.exhibit("training")
    chips = root.locator(".reads .chip:visible")
    training = page.frame()["training"]
    expect(chips).to_have_count(len(training["reads"]))
    assert "<extra_id_0>" in chips.all_inner_texts()
    assert text_of(page, training["cells"][0]["id"]) == "<extra_id_0>"
    expect(root.locator(".pair")).to_be_hidden()


def test_the_slider_goes_back_to_the_untrained_weights(open_page: Pages) -> None:
    page = opened(open_page)
    root = page.exhibit("training")
    root.get_by_role("button", name="Show gpt-rope").click()
    page.page.wait_for_function("window.cutaway.lastFrame.time.moments.length === 8")
    slider = root.locator('[data-field="moment"] input')
    slider.fill("0")
    page.page.wait_for_function("window.cutaway.lastFrame.time.at === 0")
    expect(root.locator(".then h3")).to_have_text("Before any training")
    time = page.frame()["time"]
    assert time["loss"] > 6 > time["end"]
    shown = root.locator(".then li:visible b").all_inner_texts()
    assert [number(one) for one in shown] == pytest.approx(
        [100 * one["probability"] for one in time["then"]], abs=0.051
    )
    page.rest()
    expect(root.locator(".over-time figure").last.locator("p")).to_contain_text("said again, random tokens cost")


def test_what_was_not_logged_is_said(walk: Walk) -> None:
    root = walk("training", TEXT).exhibit("training")
    expect(root.locator(".clips")).to_contain_text("was not logged for this checkpoint")
    expect(root.locator(".run-words")).to_contain_text("4,650 steps, 13,547,121 predicted tokens, 1.82 hours")


def test_the_machine_leads_here(open_page: Pages) -> None:
    page = open_page(exhibit="machine", text=TEXT)
    page.page.locator(".to-training").click()
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'training'")
