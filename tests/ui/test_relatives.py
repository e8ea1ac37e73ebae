"""The relatives exhibit: two drawings, parameters to scale, what the text costs, and a table to choose from."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from app.engine import Engine
from model import tokenizers
from model.relatives import flops, parameters, table
from model.relatives.shape import Shape
from tests.ui.page import CutawayPage, Pages

TEXT = "The little dog ran to the park because"


def shape_of(id: str) -> Shape:
    shape = table.load().by_id[id].shape
    assert shape is not None
    return shape


def opened(open_page: Pages, text: str = TEXT, **address: str) -> tuple[CutawayPage, Locator]:
    page = open_page(1440, 900, exhibit="relatives", text=text, **address)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'relatives'")
    return page, page.exhibit("relatives")


def test_both_are_drawn_with_what_changed_and_why(open_page: Pages) -> None:
    _, root = opened(open_page, relative="llama-3-8b")
    first, now = (root.locator(f".drawn.{name}") for name in ("first", "now"))
    expect(first.locator(".times")).to_have_text(["one of 6 encoder blocks", "one of 6 decoder blocks"])
    expect(now.locator(".times")).to_have_text("one of 32 decoder blocks")
    assert first.locator(".changed").count() == 0
    marked = now.locator(".changed").all_inner_texts()
    assert any("GQA" in text for text in marked)
    assert any("RMSNorm" in text for text in marked)
    rows = root.locator(".changes tbody tr:visible")
    for row in rows.all():
        reason = row.locator("td").last.inner_text()
        is_changed = "changed" in (row.get_attribute("class") or "")
        assert bool(re.search(r"\d{4}", reason)) is is_changed, reason


def test_the_pieces_of_a_strip_are_as_long_as_parts_are_many(open_page: Pages) -> None:
    _, root = opened(open_page, relative="mixtral-8x7b")
    shape = shape_of("mixtral-8x7b")
    total = parameters.total(shape)
    wide = "nodes => nodes.map((node) => node.getBoundingClientRect().width)"

    def widths(selector: str) -> list[float]:
        found: list[float] = root.locator(selector).evaluate_all(wide)
        return found

    [strip] = widths(".strip.now .pieces")
    parts = [part for part in parameters.parts(shape) if part.n]
    pieces = widths(".strip.now .piece:not([hidden])")
    assert pieces == pytest.approx([strip * part.n / total for part in parts], abs=1)
    used = widths(".strip.now .piece:not([hidden]) > i")
    assert used == pytest.approx([strip * part.n_active / total for part in parts], abs=1)
    first = sum(widths(".strip.first .piece:not([hidden])"))
    assert first == pytest.approx(strip * parameters.total(shape_of("transformer")) / total, abs=1)


def test_the_text_is_cut_by_the_models_own_vocabulary_and_costs_are_counted_of_that(open_page: Pages) -> None:
    page, root = opened(open_page, relative="gpt-2-xl")
    own = tokenizers.load(tokenizers.read(next(one for one in tokenizers.FIELD if one.label == "GPT-2")))
    for text in (TEXT, "Unbelievably, it rained."):
        page.paste(text)
        n = len(own.encode(text).tokens)
        expect(root.locator(".of-tokens dd")).to_have_text(str(n))
        expect(root.locator(".piece-of-text:visible")).to_have_count(n)
        expect(root.locator(".of-what")).to_contain_text(f"{flops.total(shape_of('gpt-2-xl'), n):,}")


def test_where_its_vocabulary_is_not_here_the_pages_tokens_are_counted(open_page: Pages, engine: Engine) -> None:
    _, root = opened(open_page, relative="llama-3-405b")
    expect(root.locator(".of-tokens dd")).to_have_text(str(len(engine.trace(TEXT).tokens)))
    expect(root.locator(".cut")).to_contain_text("vocabulary is not here")
    expect(root.locator(".pieces-of-text")).to_be_hidden()


def test_a_name_in_the_table_takes_that_model_apart(open_page: Pages) -> None:
    page, root = opened(open_page)
    chosen, name = (root.get_by_role("button", name=name, exact=True) for name in ("Qwen3 8B", "Jamba"))
    expect(chosen).to_have_attribute("tabindex", "0")
    chosen.press("ArrowDown")
    expect(root.get_by_role("button", name="Qwen3 235B-A22B", exact=True)).to_be_focused()
    root.get_by_role("button", name="Mamba 2.8B", exact=True).press("End")
    expect(name).to_be_focused()
    name.press("Enter")
    expect(root.locator(".beside h2")).to_contain_text("Jamba of 2024")
    expect(name).to_have_attribute("aria-pressed", "true")
    expect(root.locator('.published-models [aria-pressed="true"]')).to_have_count(1)
    page.page.wait_for_url("**relative=jamba**")
    expect(root.locator(".drawn.now .part.of-experts")).to_contain_text("2 of 16")


def test_what_is_not_published_is_said_and_nothing_of_it_is_drawn(open_page: Pages) -> None:
    _, root = opened(open_page, relative="gpt-4")
    expect(root.locator(".closed")).to_contain_text("OpenAI 2023, section 2")
    for part in (".drawings", ".changes", ".weights", ".sources", ".of-flops", ".of-cache"):
        expect(root.locator(part)).to_be_hidden()
    expect(root.locator(".piece-of-text:visible").first).to_be_visible()


def test_a_link_to_a_model_that_there_is_not_opens_the_page_and_says_so(open_page: Pages) -> None:
    page, root = opened(open_page, relative="gpt-9")
    expect(root.locator(".beside h2")).to_contain_text("Qwen3 8B")
    expect(page.page.locator("body")).to_contain_text("could not be read and was left out: relative=gpt-9")


def test_the_machines_open_block_leads_here(open_page: Pages) -> None:
    page = open_page(1440, 900, exhibit="machine", text=TEXT)
    page.page.locator(".to-relatives").click()
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'relatives'")


def test_nothing_stands_wider_than_a_telephone(open_page: Pages) -> None:
    page = open_page(390, 844, exhibit="relatives", text=TEXT, relative="deepseek-v3")
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'relatives'")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
