"""The trio exhibit: its numbers against three traces of the same sentence, its words by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from playwright.sync_api import Locator, expect

from app.engine import Engine
from app.exhibits.trio.gap import TASKS
from model.config import Place
from model.trace import ForwardTrace
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"
MASKED = "The little dog ran to the park [MASK]"


def open_trio(open_page: Pages, text: str = SENTENCE, **address: Any) -> CutawayPage:
    page = open_page(exhibit="trio", text=text, **address)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'trio'")
    page.wait_for_picture_of(text)
    return page


def column(page: CutawayPage, family: str) -> Locator:
    return page.page.locator(f'.trio-model[data-family="{family}"]')


def shown(page: CutawayPage, family: str) -> list[str]:
    """The percentages of a family's list, as written."""
    return column(page, family).locator("ol li:visible b").all_inner_texts()


def agree(written: list[str], logits: np.ndarray) -> None:
    probabilities = softmax(logits)
    likeliest = probabilities[np.argsort(-probabilities, kind="stable")]
    assert len(written) == 6
    for percentage, probability in zip(written, likeliest, strict=False):
        low, high = screen_percentages(percentage)
        assert low <= 100 * probability <= high


def reads(page: CutawayPage, family: str, trace: ForwardTrace, query: int, place: Place = "text") -> None:
    """The three largest shares of a row, the mean over all layers and heads, stand in the column."""
    layers = range(trace.config.n_layers)
    row = np.mean([trace.pattern(layer, place).mean(axis=0)[query] for layer in layers], axis=0)
    line = column(page, family).locator(".reads").inner_text()
    written = re.findall(r"<?\s?[\d.]+\s%", line)
    assert len(written) == 3
    for percentage, share in zip(written, np.sort(row)[::-1], strict=False):
        low, high = screen_percentages(percentage)
        assert low - 0.002 <= 100 * share <= high + 0.002


def test_what_an_encoder_decoder_learned_is_said_of_a_t5_and_not_of_others_of_its_family(open_page: Pages):
    page = open_trio(open_page)
    learned = column(page, "t5").locator("dd span:visible")
    expect(learned).to_have_text(["write what was cut out, then named tasks"])
    page.page.evaluate(  # as the catalog describes a BART
        "() => { window.cutaway.store.catalog.models.t5.positions = 'learned'; window.cutaway.store.changed(); }"
    )
    expect(learned).to_have_text(["write one text for another"])


def test_each_column_shows_the_numbers_of_its_own_trace(open_page: Pages, engine: Engine):
    page = open_trio(open_page)
    gpt, bert = engine.trace(SENTENCE, "gpt"), engine.trace(MASKED, "bert")
    t5 = engine.trace(TASKS["translate"] + SENTENCE, "t5")
    agree(shown(page, "gpt"), gpt.logits[0, -1])
    agree(shown(page, "bert"), bert.logits[0, -2])
    agree(shown(page, "t5"), t5.logits[0, 0])
    expect(column(page, "bert").locator("h3")).to_have_text("“because”, masked")
    reads(page, "gpt", gpt, len(gpt.tokens) - 1)
    reads(page, "bert", bert, len(bert.tokens) - 2)
    reads(page, "t5", t5, len(t5.tokens) - 2, "encoder")
    own = column(page, "bert").locator(".own").inner_text()
    id = next(token.id for token in engine.trace(SENTENCE, "bert").tokens if token.text == "because")
    low, high = screen_percentages(re.findall(r"<?\s?[\d.]+\s%", own)[0])
    assert low <= 100 * softmax(bert.logits[0, -2])[id] <= high


def test_a_word_is_chosen_with_the_keyboard_and_given_up_with_escape(open_page: Pages, engine: Engine):
    page = open_trio(open_page)
    score = page.page.locator(".score")
    score.focus()
    page.page.keyboard.press("ArrowLeft")
    heading = column(page, "bert").locator("h3")
    expect(heading).to_have_text("“park”, masked")
    expect(column(page, "gpt").locator("h3")).to_have_text("In place of “park”")
    agree(shown(page, "gpt"), engine.trace(SENTENCE, "gpt").logits[0, -3])
    agree(shown(page, "bert"), engine.trace(SENTENCE.replace("park", "[MASK]"), "bert").logits[0, -3])
    expect(score).to_have_attribute("aria-label", re.compile("^“park”: GPT reads .*; BERT reads .*; T5 reads "))
    page.page.keyboard.press("Escape")
    expect(heading).to_have_text("“because”, masked")


def test_pointing_at_a_word_lights_it_in_all_three(open_page: Pages, engine: Engine):
    page = open_trio(open_page)
    before = page.picture_of("trio")
    box = page.page.locator(".score canvas").bounding_box()
    x = page.page.evaluate(
        """async () => {
            const { axis } = await moduleOf("trio/axis.js");
            const { lastFrame: frame } = window.cutaway;
            const width = document.querySelector(".score").clientWidth;
            const pen = document.createElement("canvas").getContext("2d");
            const { words } = axis(pen, frame, ["gpt", "bert", "t5"], width - 118 - 8);
            return 118 + words[2].x + words[2].width / 2;
        }"""
    )
    assert box is not None
    page.page.mouse.move(box["x"] + x, box["y"] + 16)
    for family in ("gpt", "bert", "t5"):
        expect(column(page, family).locator(".reads")).to_have_text(re.compile("^“dog” reads "))
    reads(page, "gpt", engine.trace(SENTENCE, "gpt"), 3)
    assert page.picture_of("trio") != before


def test_another_task_is_another_text_for_the_t5(open_page: Pages, engine: Engine):
    page = open_trio(open_page)
    page.page.get_by_role("radio", name="fill the gap").click()
    page.page.wait_for_function("cutaway.lastFrame.trio.task === 'fill'")
    filled = TASKS["fill"] + MASKED.replace("[MASK]", "<extra_id_0>")
    agree(shown(page, "t5"), engine.trace(filled, "t5").logits[0, 0])
    page.page.wait_for_function("location.hash.includes('task=fill')")


def test_a_depth_shows_one_layer_and_says_which(open_page: Pages, engine: Engine):
    page = open_trio(open_page)
    page.page.get_by_role("radio", name="last", exact=True).click()
    expect(page.page.locator(".score-words")).to_contain_text("GPT layer 6 of 6")
    trace = engine.trace(SENTENCE, "gpt")
    largest = trace.pattern(trace.config.n_layers - 1).mean(axis=0)[-1].max()
    expect(column(page, "gpt").locator(".reads")).to_contain_text(f"{100 * largest:.1f}")
