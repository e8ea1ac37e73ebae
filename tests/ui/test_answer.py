"""The answer where there is no room for the column beside the picture: in the bar, and right below the picture."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.exhibits import WALK
from tests.ui.page import Pages

SHORT = "The little dog ran to the park because"
PLACES = """() => [...document.querySelectorAll(".bar, .bar .answer > *")]
    .map((node) => { const { x, y } = node.getBoundingClientRect(); return [Math.round(x), Math.round(y)]; })"""


@pytest.mark.parametrize("width", [1024, 390])
def test_the_likeliest_token_stays_in_view_and_its_place_where_it_is(open_page: Pages, width: int):
    page = open_page(width=width, height=768, exhibit="attention", text="The dog ran")
    page.page.evaluate("scrollTo(0, 1500)")
    answer = page.page.locator(".bar .answer")
    before = page.page.evaluate(PLACES)
    for text in ("The dog", "A girl extraordinar", "The cat sat."):  # a longer one takes a row more of the box
        page.type(text)
        token, share = page.candidates()[0]
        expect(answer.locator("bdi")).to_have_text(token)
        expect(answer.locator("b")).to_have_text(share)
        expect(answer).to_be_in_viewport(ratio=1)
        assert page.page.evaluate(PLACES) == before


def test_the_column_stands_below_the_picture_and_beside_it_where_there_is_room(open_page: Pages):
    page = open_page(width=1024, height=768, text=SHORT)
    column = page.page.locator(".next")
    for exhibit in WALK:
        root = page.open(exhibit)
        if root.locator(".next-place").count():
            expect(root.locator(".next-place > .next .candidate").first).to_be_visible()
    below = page.open("attention")
    assert column.bounding_box()["y"] < below.locator(".why").bounding_box()["y"]  # type: ignore[index]
    page.page.set_viewport_size({"width": 1440, "height": 768})
    expect(page.page.locator(".shell > .next")).to_be_visible()
    expect(page.page.locator(".bar .answer")).to_be_hidden()
    page.page.set_viewport_size({"width": 1024, "height": 768})
    page.page.locator(".families").get_by_text("BERT").click()
    page.open("experts")  # a dense model has no picture there
    expect(column.locator(".candidate").first).to_be_visible()


def test_a_phone_hides_a_word_without_leaving_the_words(open_page: Pages):
    page = open_page(width=390, height=844, exhibit="attention", model="bert", text="The dog ran home.")
    button = page.page.locator(".bar").get_by_role("button", name=re.compile("^Mask"))
    page.page.locator(".ribbon .chip", has_text="dog").click()
    expect(button).to_have_text("Mask “dog”")
    button.click()
    page.wait_for_picture_of("The [MASK] ran home.")
    expect(page.page.locator(".bar .answer-to")).to_have_text("masked")
