"""The widget of a notebook: its module in a plain page, over a bridge to the real object in this process."""

from __future__ import annotations

import xml.dom.minidom
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from app.exhibits import WALK
from app.notebook import show
from app.notebook.widgets import Live
from tests.ui.notebook import Notebook

TEXT = "The little dog ran"


@pytest.fixture
def notebook(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    book = Notebook(browser, monkeypatch)
    yield book
    book.page.close()
    assert not book.faults
    assert not [url for url in book.requests if not url.startswith(("data:", "about:", "blob:"))]


def test_an_exhibit_is_live_and_its_traits_are_the_state(notebook: Notebook) -> None:
    widget = show(TEXT, exhibit="attention", model="gpt", layer=2)
    page = notebook.mount(widget)
    frame = notebook.frame()
    frame.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=TEXT)
    notebook.until(lambda: widget.head is not None)
    assert (widget.layer, frame.evaluate("window.cutaway.store.state.layer")) == (2, 2)
    widget.layer, widget.head = 3, 4
    notebook.sync()
    frame.locator(".head-name", has_text="Layer 4, head 5").wait_for()
    frame.locator('.atlas-buttons [data-layer="1"][data-head="0"]').click()
    notebook.until(lambda: (widget.layer, widget.head) == (1, 0))
    frame.get_by_role("textbox").first.fill("A cat sat")
    notebook.until(lambda: widget.text == "A cat sat")
    widget.text = "Once upon a time"
    notebook.sync()
    frame.wait_for_function("() => document.documentElement.dataset.frameText === 'Once upon a time'")
    assert frame.get_by_role("textbox").first.input_value() == "Once upon a time"
    notebook.until(lambda: "Once upon a time" in widget.picture)
    assert page.locator("iframe").bounding_box()["height"] > 400  # type: ignore[index]
    widget.sampling = {"temperature": 0.5}
    notebook.sync()
    notebook.until(lambda: widget.sampling.get("seed") == 0)
    assert frame.evaluate("window.cutaway.store.state.sampling.temperature") == 0.5
    xml.dom.minidom.parseString(widget.picture)
    assert widget._repr_mimebundle_()[0]["image/svg+xml"] == widget.picture
    assert "http://127.0.0.1:7860/#exhibit=attention" in widget.link


def test_every_exhibit_opens_in_a_notebook(notebook: Notebook) -> None:
    widget = show(TEXT)
    notebook.mount(widget)
    frame = notebook.frame()
    for exhibit in WALK:
        widget.exhibit = exhibit
        notebook.sync()
        frame.wait_for_function("name => window.cutaway?.lastFrame?.exhibit === name", arg=exhibit)
        frame.locator(f'[data-exhibit="{exhibit}"]').wait_for()
        assert frame.evaluate("window.cutaway.store.error") is None


def test_anybodys_arrays_are_drawn_as_atlas_matrix_and_lines(notebook: Notebook) -> None:
    random = np.random.default_rng(0)
    patterns = np.tril(random.random((3, 4, 6, 6)))
    patterns /= patterns.sum(-1, keepdims=True)
    widget = show(patterns=patterns, tokens=["The", " cat", " sat", " on", " a", " mat"], layer=1)
    page = notebook.mount(widget)
    frame = notebook.frame()
    frame.locator('[data-drawn="1 0 matrix"]').wait_for()
    assert frame.locator(".atlas-buttons button").count() == 12
    frame.locator("figure.head canvas").first.hover(position={"x": 110, "y": 200})
    frame.locator('.atlas-buttons [data-layer="2"][data-head="3"]').click()
    notebook.until(lambda: (widget.layer, widget.head) == (2, 3))
    widget.query, widget.key = 4, 2
    notebook.sync()
    label = f"{100 * patterns[2, 3, 4, 2]:.0f}"
    cell = frame.locator("figure.head [role=row]:not([hidden]) [role=gridcell]")
    expect(cell).to_contain_text(label)
    frame.get_by_role("radio", name="Lines").click()
    notebook.until(lambda: widget.view == "lines")
    notebook.until(lambda: " mat" in widget.picture or "·mat" in widget.picture)
    kept = xml.dom.minidom.parseString(widget.picture).documentElement
    assert kept is not None
    assert int(kept.getAttribute("width")) > 600
    page.evaluate("window.end()")


def test_a_dark_notebook_has_a_dark_picture_unless_told_otherwise(notebook: Notebook) -> None:
    widget = show(patterns=np.ones((1, 1, 1, 1)), tokens=["a"])
    notebook.mount(widget, ink="rgba(255, 255, 255, 0.87)")
    notebook.until(lambda: widget.theme == "blueprint")
    assert notebook.frame().evaluate("document.documentElement.dataset.theme") == "blueprint"
    widget.theme = "paper"
    notebook.sync()
    notebook.frame().wait_for_function("() => document.documentElement.dataset.theme === 'paper'")


def test_what_is_hidden_keeps_the_picture_that_was_seen(notebook: Notebook) -> None:
    widget = show(patterns=np.ones((2, 1, 1, 1)), tokens=["a"])
    page = notebook.mount(widget)
    notebook.until(lambda: bool(widget.picture))
    seen = widget.picture
    page.locator("iframe").evaluate("node => { node.style.display = 'none' }")
    widget.layer = 1
    notebook.sync()
    page.wait_for_timeout(1500)  # the picture is kept 0.8 s after a change
    assert widget.picture == seen


def test_without_a_kernel_the_last_picture_stands_in_its_place(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Live, "_asked", lambda *_: None)
    widget = show(patterns=np.ones((1, 1, 1, 1)), tokens=["a"])
    widget.picture = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>'
    page = notebook.mount(widget)
    picture = page.locator("img")
    assert picture.evaluate("node => node.decode().then(() => [node.naturalWidth, node.naturalHeight])") == [40, 30]
