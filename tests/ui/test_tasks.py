"""Whole tasks of first visitors that no other test walks through: what one does, one step after the other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.exhibits import WALK
from tests.ui.page import CutawayPage, Pages, Walk

TEXT = "The little dog ran to the park because"


@pytest.mark.parametrize("exhibit", WALK)
def test_at_150_percent_nothing_is_wider_than_the_window_and_the_answer_is_in_view(walk: Walk, exhibit: str):
    page = walk(exhibit, TEXT, width=960).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".bar .answer")).to_be_in_viewport(ratio=1)


def test_a_researcher_asks_who_decides_and_switches_it_off_without_leaving(open_page: Pages):
    page = open_page(exhibit="residual")
    root = page.exhibit("residual")
    root.locator(".try:visible").click()
    page.page.wait_for_function("window.cutaway.lastFrame.residual?.against")
    root.get_by_role("radio", name="switches it off").click()
    root.get_by_role("radio", name="its mean").click()
    head = root.locator(".moves:not(.encoder) .head-cell:visible").first
    head.click()
    expect(head).to_have_class(re.compile("is-off"))
    expect(root.locator(".worth")).to_contain_text(re.compile(r"as trained →"))
    expect(page.page.locator(".changed span")).to_have_text("Not as trained: head 1 of layer 1 off (its mean instead)")
    page.page.get_by_role("button", name="Undo").click()
    expect(head).not_to_have_class(re.compile("is-off"))


def test_a_linguist_finds_whose_byte_a_token_is(open_page: Pages):
    page = open_page(exhibit="attention", text="schläft 你好")
    page.page.locator(".ribbon [role=option]:visible").nth(-1).click()
    expect(page.exhibit("attention").locator(".cell h2 .query")).to_have_text(re.compile("^好 "))


def test_a_lecturer_opens_a_link_in_the_tab_that_shows_something_else(open_page: Pages):
    """All is as the link says; nothing of what was looked at before stays."""
    page = open_page(exhibit="attention", text=TEXT, query="3", key="1", view="lines", heads="text.1.1")
    link = page.page.url.partition("#")[0] + "#exhibit=attention&layer=3&head=2&text=Tom+saw+a+red+fox"
    page.page.goto(link)
    page.wait_for_picture_of("Tom saw a red fox")
    expect(page.exhibit("attention").locator(".head-name")).to_have_text("Layer 3, head 2")
    expect(page.box).to_have_value("Tom saw a red fox")
    expect(page.page.locator(".changed")).to_be_hidden()
    expect(page.page.get_by_role("radio", name="Matrix")).to_be_checked()
    expect(page.page.locator(".ribbon .selected:visible")).to_have_text(["·fox"])


def test_from_the_address_to_the_number_of_a_cell_by_keys_alone(page: CutawayPage):
    keyboard = page.page.keyboard
    focused = page.page.locator(":focus")

    def tab_to(wanted: str) -> None:
        for _ in range(30):
            keyboard.press("Tab")
            if focused.evaluate("(node, wanted) => node.matches(wanted)", wanted):
                return
        raise AssertionError(f"{wanted} is not within thirty stops")

    keyboard.press("Tab")
    expect(focused).to_have_text("Skip to the exhibit")
    tab_to('[data-to="attention"]')
    keyboard.press("Enter")
    page.page.wait_for_function("window.cutaway.lastFrame.exhibit === 'attention'")
    expect(focused).to_have_text("Attention: who looks at whom")
    tab_to('[data-exhibit="attention"] [role="grid"]')
    for key in ("ArrowUp", "Home", "ArrowRight", "Enter"):
        keyboard.press(key)
    root = page.exhibit("attention")
    expect(root.get_by_role("gridcell", selected=True)).to_have_text(re.compile(r"^park reads .* from The$"))
    expect(root.locator(".cell h2 .key")).to_have_text("The")
    expect(root.locator('[data-step="softmax"] b')).to_have_text(re.compile("%"))
