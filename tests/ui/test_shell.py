"""What stands around every exhibit: the model's card, what its tokens show, and what stays where it is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.ui.page import Pages

TEXT = "The little dog ran"
CHOSEN = "(({ state, frame }) => frame.tokens[state.query]?.text.trim())(window.cutaway.store)"


def test_the_first_key_moves_nothing_and_marks_of_tokens_stay_apart(open_page: Pages):
    page = open_page(exhibit="attention", text=TEXT)
    page.wait_for_picture_of(TEXT)
    top = "document.querySelector('.pinned').getBoundingClientRect().top"
    before = page.page.evaluate(top)
    page.box.focus()
    page.page.keyboard.press("End")
    page.page.keyboard.type("!")
    expect(page.page.locator(".timing")).to_contain_text("ms from key to picture")
    assert page.page.evaluate(top) == before
    expect(page.page.locator(".next .dot")).to_contain_text("· is a space")
    joined = """() => [...document.querySelectorAll(".gradio-container :is(bdi, b, span, button, td)")]
      .filter((node) => getComputedStyle(node).fontVariantLigatures !== "no-contextual").length"""
    assert page.page.evaluate(joined) == 0


def test_the_word_that_was_chosen_stays_chosen_from_model_to_model(open_page: Pages):
    page = open_page(exhibit="attention", text=TEXT, query="3")
    page.wait_for_picture_of(TEXT)
    assert page.page.evaluate(CHOSEN) == "dog"
    for family in ("bert", "t5", "gpt"):
        page.page.locator(f'.families [data-family="{family}"]').click()
        page.page.wait_for_function(f"window.cutaway.store.state.query !== null && {CHOSEN} === 'dog'")


def test_the_card_of_the_model_is_one_click_away_and_a_text_that_it_cannot_read_is_said_to_be(open_page: Pages):
    page = open_page(exhibit="attention", text=TEXT)
    page.page.get_by_role("button", name="Card of gpt").click()
    expect(page.page.locator(".card-text h3", has_text="Limits")).to_be_attached()
    page.page.keyboard.press("Escape")
    expect(page.page.locator(".card-large")).to_be_hidden()
    page.paste("你好世界")
    expect(page.page.locator(".notice")).to_contain_text(
        "trained on English children's stories: of the 12 tokens of your text 12 are only parts of a character."
    )


MIXED = "Die Katze schläft. 你好世界 naïve"
NOT_WHOLE = """() => {
    const nodeOf = (part) => document.querySelector(`.bar ${part}`);
    const parts = [".notice", ".changed"];
    const isCut = ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
        scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1;
    const isOver = (one, other) => {
        const [a, b] = [one, other].map((part) => nodeOf(part).getBoundingClientRect());
        return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    };
    const others = [".text", ".families", ".answer", ".theme", ".changed"];
    return parts.flatMap((part) => [
        ...(isCut(nodeOf(part)) ? [`${part} is cut`] : []),
        ...others.filter((other) => other !== part && isOver(part, other)).map((other) => `${part} over ${other}`),
    ]);
}"""


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_a_notice_and_the_note_of_what_was_changed_are_read_whole(open_page: Pages, width: int):
    changed: dict[str, Any] = {"heads": "text.1.1,text.1.2,text.2.3", "mlps": "text.2", "off": "2.3", "by": "mean"}
    page = open_page(width=width, exhibit="experts", text=MIXED, mask="longformer:2:1", **changed)
    expect(page.page.locator(".notice")).to_contain_text("are only parts of a character.")
    expect(page.page.locator(".changed span")).to_contain_text("Longformer 2 1")
    assert page.page.evaluate(NOT_WHOLE) == []
