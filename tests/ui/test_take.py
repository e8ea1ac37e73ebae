"""Taking figures away: what each file holds, that it looks like the page, and that it comes out the same each time."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import xml.dom.minidom
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from app.exhibits import WALK
from tests.ui.page import CutawayPage, Pages, Walk

TEXT = "The little dog ran to the park because"
FIGURE = """async ([part, theme, captioned, kind]) => {
  const sheet = await import(new URL(document.querySelector(".shell").dataset.figures, document.baseURI).href);
  const { page } = window.cutaway;
  const parts = page.parts();
  const how = { theme, isCaptioned: captioned, isClear: false };
  const one = new sheet.Figure(page, parts.find(({ node }) => node.matches(part)), parts[0].name, how);
  if (kind === "svg") return await one.svg();
  const { blob, name } = await one.file(kind);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { name, data: btoa(binary) };
}"""


def taken(
    page: CutawayPage, part: str = ".picture", kind: str = "svg", theme: str = "paper", caption: bool = True
) -> Any:
    """What the sheet makes of a part of the open exhibit."""
    return page.page.evaluate(FIGURE, [part, theme, caption, kind])


def file(page: CutawayPage, part: str, kind: str) -> bytes:
    return base64.b64decode(taken(page, part, kind)["data"])


@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_comes_as_shapes_and_text(walk: Walk, exhibit: str) -> None:
    page = walk(exhibit, TEXT)
    page.rest()
    made = taken(page)
    document = xml.dom.minidom.parseString(made["text"])
    late = 1 if exhibit == "positions" else 0  # its reading far is drawn when its answer comes, not with the exhibit
    assert made["bitmaps"] <= late, "a canvas was not drawn through the context that writes down"
    images = document.getElementsByTagName("image")
    assert all(float(image.getAttribute("width")) * float(image.getAttribute("height")) > 20_000 for image in images)
    assert len(document.getElementsByTagName("text")) > 10
    weights = {int(one) for one in re.findall(r' font-weight="(\d+)"', made["text"])}
    assert not [one for one in weights if one % 100], "editors take what is no whole hundred for 400"
    assert ' href="data:' not in made["text"], "editors know xlink:href alone"
    assert 'd=""' not in made["text"], "a PDF takes a clip to nothing for none"
    described = document.getElementsByTagName("desc")[0].firstChild
    assert isinstance(described, xml.dom.minidom.Text)
    said = described.data
    assert TEXT in said
    assert f"#exhibit={exhibit}" in said
    assert "gpt (weights " in said
    assert "@font-face" in made["text"]
    if not late:  # else one of six readings may have come meanwhile
        assert taken(page)["text"] == made["text"], "the same state gave other bytes"


def grey(png: bytes) -> np.ndarray[Any, Any]:
    """A picture as lightness from 0 to 1, each pixel the mean of the four by four around it."""
    image = Image.open(io.BytesIO(png)).convert("L")
    small = image.resize((image.width // 4, image.height // 4), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255


@pytest.mark.parametrize("theme", ["paper", "blueprint"])
def test_a_figure_looks_like_the_page(open_page: Pages, browser: Browser, theme: str) -> None:
    page = open_page(exhibit="attention", text=TEXT, layer="3", head="5", theme=theme)
    page.rest()
    node = page.exhibit("attention").locator("figure.head")
    made = taken(page, "figure.head", theme=theme, caption=False)
    left_out = ".take, .leader, .power, .switch [aria-checked=false] { visibility: hidden !important; }"
    page.page.add_style_tag(content=left_out + "dfn { text-decoration: none !important; }")
    shot = grey(node.screenshot())
    size = node.bounding_box()
    assert size is not None
    other = browser.new_page(viewport={"width": 1440, "height": 900})
    other.set_content(f"<body style='margin:0'>{made['text'].partition('?>')[2]}</body>")
    other.evaluate("document.fonts.ready")
    apart = []
    for right, down in itertools.product((0, 1), repeat=2):  # a browser moves a canvas to whole pixels, up or down
        x, y, width, height = 16 - right, 16 - down, size["width"], size["height"]
        drawn = grey(other.screenshot(clip={"x": x, "y": y, "width": width, "height": height}))
        rows, columns = (min(both) for both in zip(shot.shape, drawn.shape, strict=True))
        apart.append(np.abs(shot[:rows, :columns] - drawn[:rows, :columns]))
    other.close()
    nearest = min(apart, key=np.mean)
    assert nearest.mean() < 0.012, f"{nearest.mean():.4f} on the average"
    assert np.mean(nearest > 0.3) < 0.005
    assert np.abs(shot - shot.mean()).mean() > 5 * nearest.mean(), "there is something to compare"


def test_the_other_theme_is_drawn_and_the_page_stays_as_it_was(walk: Walk) -> None:
    page = walk("attention", TEXT)
    page.rest()
    before = page.picture_of("attention")
    dark = taken(page, theme="blueprint")["text"]
    assert dark != taken(page)["text"]
    assert "#0f1420" in dark
    assert page.picture_of("attention") == before


def test_a_png_is_as_large_as_asked_and_says_what_it_is(walk: Walk) -> None:
    page = walk("sampling", TEXT)
    page.rest()
    one, two = (Image.open(io.BytesIO(file(page, "figure.curve", kind))) for kind in ("png1", "png2"))
    two.load()
    assert two.size == (2 * one.width, 2 * one.height)
    assert TEXT in two.info["Description"]


def test_a_pdf_has_one_page_with_fonts(walk: Walk) -> None:
    page = walk("sampling", TEXT)
    made = file(page, "figure.curve", "pdf")
    assert made.startswith(b"%PDF-")
    assert made.count(b"/Type /Page\n") == 1
    assert b"/FontFile2" in made


def test_what_a_page_says_of_itself_stands_behind_all_of_it(walk: Walk, browser: Browser, tmp_path: Path) -> None:
    """Of an exhibit without a ribbon of tokens too, which leaves a row of the page empty."""
    page = walk("trio", TEXT)
    page.rest()
    made = taken(page, kind="html")
    path = tmp_path / made["name"]
    path.write_bytes(base64.b64decode(made["data"]))
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    opened.goto(path.as_uri())
    opened.wait_for_function("() => document.documentElement.dataset.frameText !== undefined")
    box = "nodes => (({ top, bottom }) => ({ top, bottom }))(nodes[0].getBoundingClientRect())"
    saved, shown = (opened.eval_on_selector_all(part, box) for part in (".saved", ".exhibit:not([hidden]) .picture"))
    assert saved["top"] >= shown["bottom"] - 1
    opened.close()


def test_a_page_opens_from_the_disk_and_loads_nothing(walk: Walk, browser: Browser, tmp_path: Path) -> None:
    page = walk("attention", "The " + " ".join(["dog"] * 30))
    page.rest()
    made = taken(page, kind="html")
    assert taken(page, kind="html") == made, "the same state gave other bytes"
    data = base64.b64decode(made["data"])
    assert len(data) < 1_500_000
    path = tmp_path / made["name"]
    path.write_bytes(data)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True, color_scheme="light")
    opened = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.goto(path.as_uri())
    opened.wait_for_function("() => document.documentElement.dataset.frameText !== undefined")
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [path.as_uri()]
    hint = opened.locator("figure.head figcaption p")
    assert hint.inner_text() == "each row reads from the columns"
    opened.locator("figure.head canvas").first.hover()
    opened.wait_for_function(
        "/reads .* from|may not/.test(document.querySelector('figure.head figcaption p').textContent)"
    )
    opened.locator(".tools .theme").click()
    opened.wait_for_function("() => document.documentElement.dataset.theme === 'blueprint'")
    assert "open it live" in opened.locator(".saved").inner_text()
    opened.evaluate("window.cutaway.store.set({ text: 'Other' })")
    opened.wait_for_function("() => document.querySelector('.notice').textContent.includes('need the server')")
    context.close()
    assert not faults


def test_a_saved_page_has_all_answers_that_make_one_picture(walk: Walk, browser: Browser, tmp_path: Path) -> None:
    page = walk("positions", TEXT)
    all_read = "() => document.querySelectorAll('.far tbody td:nth-child(2):not(.none)').length === 6"
    page.page.wait_for_function(all_read)
    path = tmp_path / "page.html"
    path.write_bytes(file(page, ".picture", "html"))
    opened = browser.new_page()
    opened.goto(path.as_uri())
    opened.wait_for_function(all_read)
    opened.close()


@pytest.mark.parametrize("exhibit", ["tokens", "trio"])
def test_a_saved_page_needs_neither_other_exhibits_nor_what_came_later(
    walk: Walk, browser: Browser, tmp_path: Path, exhibit: str
) -> None:
    page = walk(exhibit, TEXT)
    page.rest()
    path = tmp_path / "page.html"
    path.write_bytes(file(page, ".picture", "html"))
    opened = browser.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(path.as_uri())
    opened.wait_for_function("() => document.documentElement.dataset.frameText !== undefined")
    opened.close()
    assert not faults


def test_the_sheet_is_worked_by_keys_and_saves_what_it_says(open_page: Pages) -> None:
    page = open_page(exhibit="attention", text=TEXT, layer="3", head="5")
    page.rest()
    fetched = page.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in fetched if "/figures/" in name or "/vendor/" in name], "loaded before it was asked for"
    button = page.exhibit("attention").get_by_role("button", name="Take it with you: Layer 3, head 5")
    button.focus()
    page.page.keyboard.press("Enter")
    sheet = page.page.get_by_role("dialog", name="Take it with you")
    sheet.locator("img[alt^='The figure as it will be saved']").wait_for()
    assert sheet.get_by_label("Which part").evaluate("node => node.selectedOptions[0].text") == "Layer 3, head 5"
    assert "trace.pattern(2, 'text')[4]" in sheet.locator("pre").inner_text()
    with page.page.expect_download() as saved:
        sheet.get_by_role("button", name=re.compile("Save the numbers as CSV")).press("Enter")
    assert saved.value.suggested_filename == "cutaway-attention-layer-3-head-5.csv"
    numbers = Path(saved.value.path()).read_text()
    assert json.dumps(TEXT)[1:-1] in numbers.splitlines()[0]
    sheet.get_by_role("status").filter(has_text="Saved as").wait_for()
    page.page.keyboard.press("Escape")
    assert button.evaluate("node => node === document.activeElement")
