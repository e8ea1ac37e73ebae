"""Whole tasks of first visitors that no other test walks through: what one does, one step after the other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.exhibits import WALK
from tests.ui.page import Pages, Walk

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
