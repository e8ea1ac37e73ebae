"""The examples: a list below the text box, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.ui.page import CutawayPage, Pages


def test_an_example_is_taken_with_the_keyboard(page: CutawayPage):
    button = page.page.get_by_role("button", name="Examples")
    button.focus()
    page.page.keyboard.press("Enter")
    items = page.page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    page.page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    page.page.keyboard.press("Enter")
    page.wait_for_picture_of("Tom and Anna went to the park. Tom gave the ball to")
    page.page.wait_for_function("window.cutaway.lastFrame.exhibit === 'residual'")
    assert page.page.evaluate("cutaway.store.state.of") == "difference"
    expect(button).to_be_focused()


def test_escape_and_a_click_elsewhere_close_the_list(page: CutawayPage):
    button, menu = page.page.get_by_role("button", name="Examples"), page.page.get_by_role("menu", name="Examples")
    button.click()
    expect(menu).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    button.click()
    page.box.click()
    expect(menu).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_every_example_can_be_shown(page: CutawayPage):
    """Each is of a model and an exhibit that are there, and its frame comes back without an error."""
    button = page.page.get_by_role("button", name="Examples")
    count = page.page.locator(".example").count()
    assert count >= 5
    for index in range(count):
        button.click()
        item = page.page.locator(".example").nth(index)
        family, exhibit = item.locator(".where").inner_text().split(" · ")
        item.click()
        page.page.wait_for_function(
            """([family, exhibit]) => {
                const { frame, state, catalog, error } = cutaway.store;
                return error === null && frame.text === state.text && frame.exhibit === exhibit &&
                    catalog.models[frame.model].family === family;
            }""",
            arg=[family.lower(), exhibit],
        )
        assert page.page.evaluate("cutaway.store.frame.absent") is None


@pytest.mark.parametrize("width", [320, 390, 799])
def test_on_a_narrow_screen_the_button_lies_over_nothing_that_the_bar_says(open_page: Pages, width: int):
    """Neither over the count of tokens above it nor over a long model's name and its card."""
    page = open_page(width=width, text="Hi").page
    page.locator(".bar .models .about b").evaluate("name => { name.textContent = 'Owner-of-Models/Its-Model-135M' }")
    apart = page.evaluate(
        """() => {
            const box = (node) => {
                const words = document.createRange();
                words.selectNodeContents(node);
                return words.getBoundingClientRect();
            };
            const own = box(document.querySelector(".examples-button"));
            const others = [".bar .count", ".bar .models", ".bar .card"].map((name) => document.querySelector(name));
            return others.map((node) => {
                const other = box(node);
                const isApart = own.bottom <= other.top || own.top >= other.bottom || own.left >= other.right;
                return other.width > 0 && isApart;
            });
        }"""
    )
    assert apart == [True, True, True]
