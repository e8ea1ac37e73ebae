"""The lecture: keys lead through it, an order is put together and travels, and colours are those of the hall."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.lecture import Lecture
from tests.ui.page import CutawayPage, Pages

TEXT = "The little dog ran to the park because"


@pytest.fixture
def lecture(open_page: Pages, url: str) -> Any:
    """`lecture(width, height, exhibit="masks")`: the lecture at a state."""

    def opened(width: int = 1920, height: int = 1080, **address: str) -> Lecture:
        page: CutawayPage = open_page(width, height, f"{url}?view=lecture", **{"text": TEXT, **address})
        return Lecture(page.page)

    return opened


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
def test_a_slide_is_16_by_9_and_laid_out_alike_in_every_window(lecture: Any, width: int, height: int):
    talk = lecture(width, height, exhibit="attention", step="2")
    talk.at("attention", 1)
    box = talk.page.locator(".gradio-container").bounding_box()
    assert (round(box["width"]), round(box["height"])) == (width, width * 9 // 16)
    assert talk.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--slide-part')") == "360px"
    expect(talk.page.locator(".slide-says")).to_contain_text("one head large")
    assert talk.page.locator(".exhibit:not([hidden]) canvas:visible").count() >= 1
    shown = talk.page.evaluate("document.documentElement.scrollHeight > innerHeight")
    assert not shown


def test_keys_lead_through_the_steps_and_on_to_the_next_exhibit_and_out(lecture: Any):
    talk = lecture(1024, 768, exhibit="experts", step="6")
    talk.at("experts", 5)
    talk.press("PageDown")
    talk.at("residual", 0)
    talk.press("ArrowLeft")
    talk.at("experts", 5)
    talk.press("b")
    expect(talk.page.locator(".slide-blank")).to_be_visible()
    talk.press("b")
    expect(talk.page.locator(".slide-blank")).to_be_hidden()
    expect(talk.page.locator(".text")).to_be_hidden()
    talk.press("t")
    assert talk.page.locator(".text").bounding_box()["y"] < talk.page.locator(".slide-says").bounding_box()["y"] / 2
    talk.press("End")
    talk.page.keyboard.type(" it barked b")
    expect(talk.page.locator(".slide-text")).to_have_text(f"{TEXT} it barked b")
    talk.press("Escape")
    expect(talk.page.locator(".text")).to_be_hidden()
    talk.press("p")
    expect(talk.page.locator(".slide-pin")).to_contain_text("it barked b")
    talk.press("?")
    expect(talk.page.get_by_role("dialog", name="Keys")).to_contain_text("blank")
    talk.press("Escape")
    talk.press("Escape")
    expect(talk.page.locator(".slide-head")).to_have_count(0)
    expect(talk.page.locator(".rail")).to_be_visible()
    talk.page.wait_for_function("!location.href.includes('view=') && location.href.includes('step=6')")


def test_an_order_is_put_together_told_in_the_second_window_and_opened_from_its_link(
    open_page: Pages, lecture: Any, tmp_path: Path
):
    page = open_page(width=1920, height=1080, exhibit="masks", text=TEXT)
    page.page.get_by_role("button", name="Lecture").locator("visible=true").click()
    dialog = page.page.get_by_role("dialog", name="Lecture")
    dialog.get_by_role("button", name="Add this state").click()
    dialog.get_by_role("button", name="Close").click()
    page.open("trio")
    page.page.evaluate("window.cutaway.page.toStep(4)")
    page.page.keyboard.press("Alt+l")
    talk = Lecture(page.page)
    talk.at("masks", None)
    talk.press("o")
    dialog.get_by_role("textbox", name="Note to item 1").fill("Ask them first")
    dialog.get_by_role("button", name="Go on").click()
    with page.page.expect_popup() as opened:
        talk.press("n")
    notes = opened.value
    notes.locator("main.notes").wait_for()  # it loads the whole page once more
    expect(notes.locator("main.notes")).to_contain_text("Ask them first")
    expect(notes.locator(".rail")).to_be_hidden()
    expect(notes.locator("main.notes")).to_contain_text("This is the last.")
    talk.press("o")
    dialog.get_by_role("button", name="Add these steps").click()
    expect(dialog.locator("li")).to_have_count(8)
    dialog.get_by_role("button", name="Up: 8").click()
    dialog.get_by_role("button", name="Remove: 8").click()
    expect(dialog.locator("li")).to_have_count(7)
    dialog.get_by_role("button", name="Go on").click()
    notes.get_by_role("button", name="On").click()
    talk.at("masks", 0)
    expect(notes.locator("main.notes")).to_contain_text("2 of 7")
    notes.close()
    talk.press("o")
    with page.page.expect_download() as saved:
        dialog.get_by_role("button", name="Save file").click()
    order = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert order["items"][0]["note"] == "Ask them first"
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({**order, "items": [*order["items"], {"note": "no link"}]}), encoding="utf-8")
    dialog.locator("input[type=file]").set_input_files(bad)
    expect(dialog.get_by_role("status")).to_contain_text("Item 8 of this order has no link")
    expect(dialog.locator("li")).to_have_count(7)
    packed = page.page.evaluate(
        "async (items) => (await moduleOf('../lecture/order.js')).pack(items)",
        order["items"][1:3],
    )
    page.page.evaluate("localStorage.clear()")
    again = lecture(1024, 768, order=packed)
    again.at("masks", 0)
    expect(again.page.locator(".slide-place")).to_have_text("1 of 2")
    again.press("ArrowRight")
    again.at("masks", 1)
    broken = lecture(1024, 768, exhibit="tokens", order=packed[:-20])
    expect(broken.page.locator(".slide-notice")).to_contain_text("damaged or cut off")
    broken.at("masks", 0)  # the order that was kept here is still there


def test_an_order_that_is_made_on_the_way_is_gone_on_with_where_one_stands(lecture: Any):
    talk = lecture(1024, 768, exhibit="masks", step="2")
    talk.at("masks", 1)
    talk.press("o")
    dialog = talk.page.get_by_role("dialog", name="Lecture")
    for adds in ("Add these steps", "Add this state"):
        dialog.get_by_role("button", name=adds).click()
    dialog.get_by_role("button", name="Go on").click()
    talk.press("ArrowRight")
    talk.at("masks", 2)
    expect(talk.page.locator(".slide-place")).to_have_text(re.compile("^3 of"))
    talk.press("o")
    dialog.get_by_role("button", name="Remove: 1", exact=True).click()
    dialog.get_by_role("button", name="Go on").click()
    talk.press("ArrowLeft")
    talk.at("masks", 1)
    expect(talk.page.locator(".slide-place")).to_have_text(re.compile("^1 of"))


def test_colours_for_a_hall_are_chosen_with_a_key_and_stand_in_the_link(lecture: Any):
    talk = lecture(1024, 768, exhibit="attention", step="2", theme="blueprint")
    talk.at("attention", 1)
    talk.press("c")
    expect(talk.page.locator(".slide-notice")).to_have_text("Colours: Projector")
    talk.page.wait_for_function("location.hash.includes('theme=projector')")
    ink = "getComputedStyle(document.querySelector('.slide-says')).color"
    assert talk.page.evaluate(ink) == "rgb(0, 0, 0)"
    wide = """() => {
      const context = document.querySelector(".head canvas").getContext("2d");
      context.lineWidth = 2;
      return Object.getOwnPropertyDescriptor(CanvasRenderingContext2D.prototype, "lineWidth").get.call(context);
    }"""
    assert talk.page.evaluate(wide) == pytest.approx(3.4)
    talk.press("c")
    talk.page.wait_for_function("location.hash.includes('theme=colour-blind')")
    assert talk.page.evaluate(wide) == 2


def test_a_slide_that_shows_a_part_of_an_exhibit_follows_the_text_and_the_colours(lecture: Any):
    """Trio without its score: what is not shown has no width, and what is shown is drawn all the same."""
    talk = lecture(1024, 768, exhibit="trio", step="1")
    talk.at("trio", 0)
    pixels = "document.querySelector('.trio-model .sees canvas').toDataURL()"
    before = talk.page.evaluate(pixels)
    talk.press("c")
    talk.page.wait_for_function(f"before => {pixels} !== before", arg=before)
    before = talk.page.evaluate(pixels)
    talk.press("t")
    talk.press("End")
    talk.page.keyboard.type(" he")
    talk.page.wait_for_function(f"before => {pixels} !== before", arg=before)


def test_the_system_is_obeyed_that_asks_for_more_contrast_or_forces_its_colours(browser: Browser, url: str):
    context = browser.new_context(color_scheme="light", contrast="more")
    page = context.new_page()
    page.goto(f"{url}#exhibit=attention&text={TEXT}&theme=blueprint")
    page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
    colour = "(role) => getComputedStyle(document.documentElement).getPropertyValue(role)"
    assert "#76839b" in page.evaluate(colour, "--hairline")
    page.emulate_media(contrast="no-preference", forced_colors="active")
    page.wait_for_function("document.documentElement.dataset.theme === 'paper'")
    assert page.evaluate(colour, "--paper") == "Canvas"
    ground = "getComputedStyle(document.querySelector('.power:not([hidden]) i')).backgroundColor"
    assert page.evaluate(ground) not in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")  # a switch shows that it is on
    page.wait_for_timeout(300)
    dark = page.evaluate(
        """() => {
          const canvas = document.querySelector(".head canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }"""
    )
    assert dark > 20  # a picture in its own tones, not one forced colour
    context.close()
