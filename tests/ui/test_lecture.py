"""The lecture: its slides can be read from the last row, keys lead through it, an order is put together and travels."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from app.exhibits import WALK
from app.exhibits.registry import STEPS
from tests.ui.page import CutawayPage, Pages

TEXT = "The little dog ran to the park because"
OTHERS = {
    "bert": "The little dog ran to the [MASK] because he wanted to play",
    "t5": "translate English to German: The little dog ran to the park.",
}
"""A text for each family that has steps of its own."""
LEAST_PX = 22
"""The smallest type on a slide of 1920 x 1080."""
SIZES = """
const plain = CanvasRenderingContext2D.prototype.fillText;
window.drawn = new Map(); // sizes in px of the window, as nothing is scaled from canvas to canvas or to the screen
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  const { a, b } = this.getTransform();
  if (!window.drawn.has(this.canvas)) window.drawn.set(this.canvas, new Map());
  window.drawn.get(this.canvas).set(text, Number.parseFloat(/([\\d.]+)px/.exec(this.font)[1]) * Math.hypot(a, b));
  return plain.call(this, text, ...rest);
};
/** Everything that is written on the screen with its size: in the markup, in SVG, on canvases. */
window.typeSizes = () => {
  const seen = [...window.drawn].filter(([canvas]) => !canvas.isConnected || canvas.checkVisibility());
  const found = seen.flatMap(([, texts]) => [...texts].map(([text, size]) => [size, text]));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const [node, around] = [texts.currentNode, texts.currentNode.parentElement];
    const isSeen = around.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!node.data.trim() || !isSeen || around.closest(".visually-hidden, script, style")) continue;
    const size = Number.parseFloat(getComputedStyle(around).fontSize);
    const isSvg = Boolean(around.ownerSVGElement);
    found.push([size * (isSvg ? around.getScreenCTM().a : around.currentCSSZoom), node.data.trim()]);
  }
  return found;
};
const SHOWN = "[data-shown], [data-shown] *, [data-around] > h2, [data-around] > h2 *";
const pictureShown = () => document.querySelector(".exhibit:not([hidden]) > .picture");
const beginning = ({ outerHTML }) => outerHTML.slice(0, 80);
/** The parts of a slide that go on where one would have to scroll to, and, on one that is enlarged, words cut short. */
window.unseen = () => {
  const isLarge = Number(document.documentElement.style.getPropertyValue("--slide-by")) > 1;
  const over = [...pictureShown().querySelectorAll(SHOWN)].filter((node) => {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(node);
    const [wide, high] = [node.scrollWidth > node.clientWidth + 1, node.scrollHeight > node.clientHeight + 1];
    const goesOn = (is, how) => is && ["auto", "scroll"].includes(how);
    return goesOn(wide, overflowX) || goesOn(high, overflowY) || (isLarge && wide && textOverflow === "ellipsis");
  });
  return over.map(beginning);
};
/** The lines of text that stand half in the guide's light. */
window.halfLit = () => {
  const veil = document.querySelector(".veil");
  const clip = /"(.*)"/.exec(veil.style.clipPath);
  if (!clip) return [];
  const [shape, context] = [new Path2D(clip[1]), document.createElement("canvas").getContext("2d")];
  const { left: x, top: y } = veil.getBoundingClientRect();
  const zoom = veil.currentCSSZoom;
  const isDark = (right, down) => context.isPointInPath(shape, (right - x) / zoom, (down - y) / zoom, "evenodd");
  const texts = document.createTreeWalker(pictureShown(), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const found = [];
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    const around = node.parentElement;
    if (!node.data.trim() || !around.closest("[data-shown]")) continue;
    if (!around.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    for (const { left, right, top, height, width } of range.getClientRects()) {
      if (width < 8 || around.closest("text, .visually-hidden")) continue;
      const points = [0.3, 0.7].flatMap((down) => [left + 3, right - 3].map((at) => isDark(at, top + down * height)));
      if (new Set(points).size > 1) found.push(node.data);
    }
  }
  return found;
};
/** How many px of a slide lie below the stage, and the words that reach past the stage's sides. */
window.leftOver = () => {
  const picture = pictureShown();
  const stage = picture.parentElement.getBoundingClientRect();
  const isClipped = (node) =>
    node !== picture && (getComputedStyle(node).overflowX !== "visible" || isClipped(node.parentElement));
  const cut = [...picture.querySelectorAll("[data-shown] *")].filter((node) => {
    const { left, right, width } = node.getBoundingClientRect();
    if (width < 2 || (left > stage.left - 4 && right < stage.right + 4)) return false;
    const isSeen = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return isSeen && !node.closest(".visually-hidden") && !isClipped(node.parentElement);
  });
  const { scrollHeight, clientHeight } = picture.parentElement;
  return [scrollHeight - clientHeight, cut.map(beginning)];
};"""


OTHERWISE = {"gpt": WALK, "bert": ("machine",), "t5": ("machine", "trio")}
"""Exhibits of which every slide is looked at; of the others, those whose step is not one of a GPT."""


def stops(family: str) -> list[tuple[str, int]]:
    """The slides of a family that are looked at."""
    feed = "experts" if family == "gpt" else "mlp"
    return [
        (name, at)
        for name in WALK
        for at, step in enumerate(step for step in STEPS[name] if family in step.families and step.feed in (None, feed))
        if name in OTHERWISE[family] or "gpt" not in step.families
    ]


STOPS = stops("gpt")


class Lecture:
    """A page that gives a lecture."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self, exhibit: str, step: int | None) -> None:
        """Waits until the slide of a step, counted from 0, is laid out."""
        said = f"{exhibit} {'null' if step is None else step}"
        self.page.wait_for_function("said => document.documentElement.dataset.slide === said", arg=said)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)


@pytest.fixture
def lecture(open_page: Pages, url: str) -> Any:
    """`lecture(width, height, exhibit="masks")`: the lecture at a state."""

    def opened(width: int = 1920, height: int = 1080, **address: str) -> Lecture:
        page: CutawayPage = open_page(width, height, f"{url}?view=lecture", **{"text": TEXT, **address})
        return Lecture(page.page)

    return opened


@dataclass(frozen=True)
class Slide:
    """What is seen of a slide: the sizes of the texts on it, in px of the window, and what there is no place for."""

    name: str
    sizes: list[tuple[float, str]]
    over: float
    cut: list[str]
    unseen: list[str]
    half_lit: list[str]


LOOK = "[window.typeSizes(), ...window.leftOver(), window.unseen(), window.halfLit()]"


def looked_at(browser: Browser, url: str, family: str, text: str, walked: Sequence[tuple[str, int]]) -> list[Slide]:
    """Slides, the first of which comes last: what was drawn of the page before it is not on it."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    context.add_init_script(SIZES)
    states = [{"exhibit": name, "model": family, "step": str(at + 1), "text": text} for name, at in walked]
    if family != "gpt":
        order = {"cutaway": "order", "version": 1, "items": [{"link": urlencode(state)} for state in states]}
        context.add_init_script(f"localStorage.setItem('cutaway-order', {json.dumps(json.dumps(order))})")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{url}?view=lecture#{urlencode(states[0])}")
    talk = Lecture(page)
    seen: list[Slide] = []
    talk.at(*walked[0])
    page.evaluate("window.drawn.clear()")
    for exhibit, step in (*walked[1:], walked[0]):
        talk.press("Home" if (exhibit, step) == walked[0] else "ArrowRight")
        talk.at(exhibit, step)
        sizes, over, cut, unseen, half_lit = page.evaluate(LOOK)
        assert len(sizes) > 5
        seen.append(Slide(f"{family} {exhibit} {step + 1}", sizes, over, cut, unseen, half_lit))
        page.evaluate("window.drawn.clear()")
    context.close()
    return seen


@pytest.fixture(scope="module")
def slides(browser: Browser, url: str) -> list[Slide]:
    """Every slide of a GPT, looked at once, and those of the other families that are unlike them."""
    others = [
        slide for family, text in OTHERS.items() for slide in looked_at(browser, url, family, text, stops(family))
    ]
    return [*looked_at(browser, url, "gpt", TEXT, STOPS), *others]


def test_nothing_on_any_slide_is_written_smaller_than_22_px(slides: list[Slide]):
    small = [
        f"{slide.name}: {text} {size:.1f}" for slide in slides for size, text in slide.sizes if size < LEAST_PX - 0.05
    ]
    assert not small, "\n".join(small)


def test_all_that_a_slide_shows_has_a_place_on_it(slides: list[Slide]):
    """None scrolls, nor does a part of it; nothing reaches past its sides, and no word is cut to be larger."""
    over = [f"{slide.name}: {slide.over:.0f} px below" for slide in slides if slide.over > 2]
    cut = [f"{slide.name}: {text} is cut off" for slide in slides for text in slide.cut]
    unseen = [f"{slide.name}: {text} goes on unseen" for slide in slides for text in slide.unseen]
    assert not over + cut + unseen, "\n".join(over + cut + unseen)


def test_the_light_on_a_slide_cuts_through_no_line_of_text(slides: list[Slide]):
    half = [f"{slide.name}: {text}" for slide in slides for text in slide.half_lit]
    assert not half, "\n".join(half)


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
