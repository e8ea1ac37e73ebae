"""The glossary: every term of art on screen is one hover away, or one stop of Tab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from app.exhibits import WALK
from app.page.glossary import FOR_SCRIPTS, TERMS
from tests.ui.page import CutawayPage, Pages, Walk

SENTENCE = {
    "gpt": "The little dog ran to the park because",
    "bert": "The little dog ran to the [MASK] because",
    "t5": "translate English to French: The little dog ran to the park.",
}
NOT_EXPLAINED = """([exhibit, { pattern, about }]) => {
    const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;
    const roots = [document.querySelector(`[data-exhibit="${exhibit}"]`), document.querySelector(".next")];
    const explained = new Set(roots.flatMap((root) => [...root.querySelectorAll("dfn")].filter(seen))
        .map((node) => node.dataset.about));
    const meaning = Object.fromEntries(Object.entries(about).map(([term, said]) => [term.toLowerCase(), said]));
    const missing = new Set();
    for (const root of roots) {
        const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            if (text.parentElement.closest("bdi, .chip, svg") || !seen(text.parentElement)) continue;
            for (const [, term] of text.data.matchAll(new RegExp(pattern, "gi"))) {
                if (!explained.has(meaning[term.toLowerCase()])) missing.add(`${term}: ${text.data.trim()}`);
            }
        }
    }
    return [...missing];
}"""
"""The visible words that are terms, outside tokens and drawings, and have no visible definition in the same exhibit."""


def note(page: CutawayPage) -> Locator:
    return page.page.locator(".glossary")


@pytest.mark.parametrize("model", SENTENCE)
@pytest.mark.parametrize("exhibit", WALK)
def test_every_term_that_an_exhibit_shows_is_one_hover_away(walk: Walk, exhibit: str, model: str) -> None:
    page = walk(exhibit, SENTENCE[model], model=model)
    page.rest()
    assert page.page.evaluate(NOT_EXPLAINED, [exhibit, FOR_SCRIPTS]) == []


@pytest.mark.parametrize("exhibit", ["attention", "experts", "masks"])
def test_a_change_is_told_with_all_its_terms_explained(open_page: Pages, exhibit: str) -> None:
    page = open_page(exhibit=exhibit, text=SENTENCE["gpt"], heads="text.3.4", off="2.3", mask="longformer:2:1")
    words = page.exhibit(exhibit).locator(".effect .words")
    expect(words).to_contain_text("KL(before")
    assert page.page.evaluate(NOT_EXPLAINED, [exhibit, FOR_SCRIPTS]) == []
    words.locator("dfn", has_text="KL").hover()
    expect(note(page)).to_have_text(TERMS["KL"])


@pytest.mark.parametrize(
    ("model", "word", "term"),
    [
        ("gpt", "RMSNorm", "RMSNorm"),
        ("gpt", "residual stream", "residual stream"),
        ("gpt", "final norm", "final norm"),
        ("gpt", "softmax", "softmax"),
        ("gpt", "Experts", "expert"),
        ("bert", "MLP", "MLP"),
        ("bert", "pooler", "pooler"),
        ("t5", "Cross-attention", "cross-attention"),
    ],
)
def test_the_names_in_the_machine_say_what_they_mean(open_page: Pages, model: str, word: str, term: str) -> None:
    page = open_page(exhibit="machine", model=model, text=SENTENCE[model])
    page.wait_for_picture_of(SENTENCE[model])
    page.exhibit("machine").locator(".stage dfn").get_by_text(word, exact=True).first.hover()
    expect(note(page)).to_have_text(TERMS[term])


def test_the_machine_s_parts_explain_themselves_to_the_keyboard_without_a_stop_more(page: CutawayPage) -> None:
    stage = page.exhibit("machine").locator(".stage")
    expect(stage.locator("dfn[tabindex]")).to_have_count(0)
    head = stage.locator(".heads [aria-checked=true]").first
    head.hover()
    expect(note(page)).to_be_hidden()
    page.box.focus()
    for _ in range(60):
        page.page.keyboard.press("Tab")
        if head.evaluate("node => node === document.activeElement"):
            break
    expect(note(page)).to_have_text(TERMS["head"])
    expect(head).to_have_attribute("aria-describedby", "cutaway-glossary")
    page.page.keyboard.press("Escape")
    expect(note(page)).to_be_hidden()
    assert head.get_attribute("aria-describedby") is None


def test_a_link_with_a_term_in_it_explains_it_when_the_keyboard_comes_to_it(page: CutawayPage) -> None:
    link = page.exhibit("machine").get_by_role("button", name="residual stream: open the exhibit Residual")
    page.page.keyboard.press("Tab")
    link.focus()
    expect(note(page)).to_have_text(TERMS["residual stream"])
    expect(link).to_have_attribute("aria-describedby", "cutaway-glossary")


def test_a_term_stays_the_same_element_while_the_numbers_around_it_change(page: CutawayPage) -> None:
    page.type("The little dog")
    entropy = page.page.locator(".next .entropy")
    before = entropy.inner_text()
    term = entropy.locator("dfn").element_handle()
    page.box.press("End")
    page.page.keyboard.type(" ran")
    page.wait_for_picture_of("The little dog ran")
    assert entropy.inner_text() != before
    assert page.page.evaluate("([node, parent]) => node.parentElement === parent", [term, entropy.element_handle()])


STOPS = """() => {
    const term = document.activeElement.closest("dfn");
    return [document.activeElement.closest(".notes") !== null, term && term.textContent];
}"""
"""Whether the focus is in the notes below the exhibit, and on which term."""


def test_the_terms_of_a_paragraph_are_one_stop_and_arrows_lead_on(walk: Walk) -> None:
    page = walk("residual", SENTENCE["gpt"])
    notes = page.exhibit("residual").locator(".notes")
    terms = notes.locator("dfn:visible").all_inner_texts()
    assert len(terms) > 5

    def press(key: str) -> list[bool | str | None]:
        page.page.keyboard.press(key)
        stop: list[bool | str | None] = page.page.evaluate(STOPS)
        return stop

    notes.locator("dfn:visible").first.focus()
    assert press("ArrowRight") == [True, terms[1]]
    expect(note(page)).to_have_text(TERMS[terms[1]])
    assert press("End") == [True, terms[-1]]
    assert press("ArrowLeft") == [True, terms[-2]]
    assert press("Home") == [True, terms[0]]
    stops = [terms[0]]
    while (stop := press("Tab"))[0]:
        stops += [str(stop[1])] if stop[1] else []
    assert len(stops) == 2, "the button of the thing to try stands between them"
