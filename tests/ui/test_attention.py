"""The attention exhibit: what the pixels, the numbers, the pointer and the keys say is the pattern of the trace."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from app.engine import Engine
from app.wire.patterns import WHOLE
from tests.ui.page import CutawayPage, Pages, screen_percentages

SENTENCE = "The little dog ran to the park because"
LAYER, HEAD = 2, 3
PLACE = """async () => {
    const { layout } = await moduleOf("attention/matrix.js");
    const canvas = document.querySelector(".head .canvas-frame canvas");
    const { queries, keys } = window.cutaway.lastFrame.arrays.pattern_head;
    return layout(canvas.clientWidth, queries, keys);
}"""
"""Where the page's own module puts the cells of the large matrix."""


@pytest.fixture
def attention(open_page: Pages) -> CutawayPage:
    """The exhibit, with one head of one layer chosen."""
    page = open_page(exhibit="attention", layer=str(LAYER + 1), head=str(HEAD + 1), text=SENTENCE)
    page.wait_for_picture_of(SENTENCE)
    return page


def matrix(page: CutawayPage) -> Any:
    """The canvas of the head that is large."""
    return page.exhibit("attention").locator(".head .canvas-frame canvas")


def centre(page: CutawayPage, query: int, key: int) -> dict[str, float]:
    """The middle of a cell, in CSS pixels of the canvas."""
    place = page.page.evaluate(PLACE)
    return {"x": place["left"] + (key + 0.5) * place["wide"], "y": place["top"] + (query + 0.5) * place["high"]}


def wait_for_cell(page: CutawayPage, query: int, key: int) -> None:
    """Until the panel shows the numbers of this cell."""
    page.page.wait_for_function(
        "([query, key]) => { const cell = window.cutaway.store.cell;"
        " return cell?.query === query && cell.key === key && !document.querySelector('.cell.stale'); }",
        arg=[query, key],
    )


def written(page: CutawayPage, step: str) -> str:
    """What the panel says of one step."""
    return page.exhibit("attention").locator(f'.cell [data-step="{step}"] b').inner_text()


def number(text: str) -> float:
    """A number as the page writes it, with a true minus sign."""
    return float(text.replace("\u2212", "-"))


@pytest.mark.parametrize("theme", ["paper", "blueprint"])
def test_a_cell_is_the_deeper_violet_the_larger_its_probability(open_page: Pages, engine: Engine, theme: str):
    page = open_page(exhibit="attention", layer=str(LAYER + 1), head=str(HEAD + 1), text=SENTENCE, theme=theme)
    page.wait_for_picture_of(SENTENCE)
    url = matrix(page).evaluate("canvas => canvas.toDataURL()")
    picture = np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")).astype(float)
    pattern = engine.trace(SENTENCE).pattern(LAYER)[HEAD]
    cells = [(query, key) for query in range(len(pattern)) for key in range(query + 1)]
    cells.sort(key=lambda cell: pattern[cell])
    colours = []
    for query, key in cells:
        spot = centre(page, query, key)
        colours.append(picture[round(spot["y"]), round(spot["x"])])
    distance = np.linalg.norm(np.array(colours) - colours[0], axis=1)
    assert (np.diff(distance) > -3).all(), "a larger probability has a fainter colour"
    deepest = colours[-1]
    assert deepest[2] > deepest[0] > deepest[1], f"{deepest} is no violet"
    assert distance[-1] > 100


def test_a_clicked_cell_shows_the_numbers_it_came_from(attention: CutawayPage, engine: Engine):
    trace = engine.trace(SENTENCE)
    query, key = 6, 3
    matrix(attention).click(position=centre(attention, query, key))
    wait_for_cell(attention, query, key)
    q, k, _ = trace.qkv(LAYER, HEAD)
    dot = float(q[query].astype(np.float64) @ k[key])
    assert number(written(attention, "dot")) == pytest.approx(dot, abs=0.0051)
    assert number(written(attention, "scaled")) == pytest.approx(dot / np.sqrt(q.shape[1]), abs=0.0051)
    assert written(attention, "mask") == "may attend"
    low, high = screen_percentages(written(attention, "softmax"))
    assert low <= 100 * trace.pattern(LAYER)[HEAD, query, key] <= high
    scores = q[query].astype(np.float64) @ k[: query + 1].T / np.sqrt(q.shape[1])
    softmax = np.exp(scores) / np.exp(scores).sum()
    assert low <= 100 * softmax[key] <= high, "the steps on screen lead to the probability on screen"


def test_a_masked_cell_says_that_it_may_not_be_read(attention: CutawayPage):
    matrix(attention).click(position=centre(attention, 2, 5))
    wait_for_cell(attention, 2, 5)
    assert written(attention, "mask") == "not allowed"
    assert screen_percentages(written(attention, "softmax"))[0] <= 0


def test_the_pointer_on_a_cell_lights_its_two_tokens(attention: CutawayPage, engine: Engine):
    matrix(attention).hover(position=centre(attention, 5, 2))
    chips = attention.page.locator(".ribbon [role=option]")
    attention.page.wait_for_function("document.querySelector('.ribbon .is-key') !== null")
    expect(chips.nth(5)).to_contain_class("is-query")
    expect(chips.nth(2)).to_contain_class("is-key")
    hint = attention.exhibit("attention").locator(".head figcaption p").inner_text()
    low, high = screen_percentages(hint.split(" reads ")[1].split(" from ")[0])
    assert low <= 100 * engine.trace(SENTENCE).pattern(LAYER)[HEAD, 5, 2] <= high


def test_the_keyboard_alone_reaches_a_cell(attention: CutawayPage):
    attention.exhibit("attention").get_by_role("grid").focus()
    start = attention.page.evaluate("window.cutaway.lastFrame.tokens.length - 1")
    for _ in range(3):
        attention.page.keyboard.press("ArrowUp")
    for _ in range(20):
        attention.page.keyboard.press("ArrowLeft")
    attention.page.keyboard.press("ArrowRight")
    attention.page.keyboard.press("Enter")
    wait_for_cell(attention, start - 3, 1)
    expect(attention.exhibit("attention").get_by_role("gridcell")).to_contain_text("reads")


def test_every_head_of_every_layer_can_be_chosen_by_name(attention: CutawayPage, engine: Engine):
    config = engine.trace("").config
    buttons = attention.exhibit("attention").locator(".atlas-buttons [role=radio]")
    names = {button.get_attribute("aria-label") for button in buttons.all()}
    expected = {
        f"layer {layer + 1}, head {head + 1}" for layer in range(config.n_layers) for head in range(config.n_heads)
    }
    assert names == expected
    before = matrix(attention).evaluate("canvas => canvas.toDataURL()")
    attention.page.get_by_role("radio", name="layer 1, head 2", exact=True).click()
    heading = attention.exhibit("attention").locator(".head-name")
    attention.page.wait_for_function("document.querySelector('.head-name').textContent === 'Layer 1, head 2'")
    assert matrix(attention).evaluate("canvas => canvas.toDataURL()") != before
    attention.page.keyboard.press("ArrowRight")
    attention.page.wait_for_function("document.querySelector('.head-name').textContent === 'Layer 2, head 2'")
    assert heading.inner_text() == "Layer 2, head 2"


def test_lines_draw_the_same_head_another_way(attention: CutawayPage):
    as_matrix = matrix(attention).evaluate("canvas => canvas.toDataURL()")
    attention.page.get_by_role("radio", name="Lines").click()
    attention.page.wait_for_function("window.cutaway.store.state.view === 'lines'")
    attention.page.wait_for_timeout(50)
    as_lines = matrix(attention).evaluate("canvas => canvas.toDataURL()")
    assert as_lines != as_matrix
    attention.page.get_by_role("radio", name="layer 1, head 1", exact=True).click()
    attention.page.wait_for_function("document.querySelector('.head-name').textContent === 'Layer 1, head 1'")
    assert matrix(attention).evaluate("canvas => canvas.toDataURL()") != as_lines


def test_the_thing_to_try_finds_the_head_that_looks_one_token_back(attention: CutawayPage, engine: Engine):
    attention.exhibit("attention").locator(".try:visible").click()
    attention.page.wait_for_function("window.cutaway.store.wanted === null")
    text = attention.shown_text()
    trace = engine.trace(text)
    queries = np.arange(2, len(trace.tokens))
    mass = np.stack([trace.pattern(layer)[:, queries, queries - 1].sum(-1) for layer in range(trace.config.n_layers)])
    chosen = attention.page.evaluate("[window.cutaway.store.state.layer, window.cutaway.store.state.head]")
    assert mass[tuple(chosen)] >= mass.max() - len(queries) / WHOLE


def test_the_heads_with_most_of_the_open_cell_are_listed_and_open_at_that_cell(open_page: Pages, engine: Engine):
    page = open_page(exhibit="attention", query="7", key="3", text=SENTENCE)
    page.wait_for_picture_of(SENTENCE)
    trace = engine.trace(SENTENCE)
    shares = np.stack([trace.pattern(layer)[:, 7, 3] for layer in range(trace.config.n_layers)])
    order = np.dstack(np.unravel_index(np.argsort(-shares, axis=None), shares.shape))[0]
    root = page.exhibit("attention")
    expect(root.locator(".readers button:visible span")).to_have_count(5)
    names = root.locator(".readers button:visible span").all_inner_texts()
    assert names == [f"Layer {layer + 1}, head {head + 1}" for layer, head in order[:5]]
    layer, head = order[1]
    root.locator(".readers button").nth(1).click()
    state = page.page.evaluate("window.cutaway.store.state")
    assert [state[name] for name in ("layer", "head", "query", "key")] == [layer, head, 7, 3]
    root.locator(f'.atlas-buttons [data-layer="{layer}"][data-head="{head}"]').hover()
    said = root.locator(".atlas figcaption p").inner_text()
    assert said.startswith(f"layer {layer + 1}, head {head + 1}: ")
    low, high = screen_percentages(said.split(": ")[1].split(" of the cell")[0])
    assert low <= 100 * shares[layer, head] <= high


def test_keys_lead_through_the_grid_and_each_cell_that_they_reach_is_another_active_one(
    attention: CutawayPage, engine: Engine
):
    """As in the grid of the ARIA Authoring Practices: the cell that is heard is the one that the grid calls active."""
    trace = engine.trace(SENTENCE)
    pattern, last = trace.pattern(LAYER)[HEAD], len(trace.tokens) - 1
    grid = attention.page.get_by_role("grid", name=f"Layer {LAYER + 1}, head {HEAD + 1}: attention matrix")
    expect(grid).to_have_attribute("aria-rowcount", str(last + 1))
    expect(grid).to_have_attribute("aria-colcount", str(last + 1))
    grid.focus()
    before = grid.get_attribute("aria-activedescendant")
    ways = {
        "Home": (last, 0),
        "ArrowRight": (last, 1),
        "ArrowUp": (last - 1, 1),
        "End": (last - 1, last),
        "ControlOrMeta+Home": (0, 0),
        "ControlOrMeta+End": (last, last),
    }
    for key, (query, column) in ways.items():
        attention.page.keyboard.press(key)
        cell = grid.get_by_role("gridcell")
        expect(cell).to_have_attribute("aria-colindex", str(column + 1))
        expect(grid.get_by_role("row")).to_have_attribute("aria-rowindex", str(query + 1))
        active = grid.get_attribute("aria-activedescendant")
        assert cell.get_attribute("id") == active != before, key
        before = active
        if column > query:
            expect(cell).to_contain_text("may not read")
            continue
        low, high = screen_percentages(cell.inner_text().split(" reads ")[1].split(" from ")[0])
        assert low <= 100 * pattern[query, column] <= high
    attention.page.keyboard.press("Enter")
    expect(grid.get_by_role("gridcell", selected=True)).to_have_count(1)


def test_without_the_first_token_the_rest_of_each_row_makes_the_whole(open_page: Pages, engine: Engine):
    page = open_page(exhibit="attention", layer=str(LAYER + 1), head=str(HEAD + 1), text=SENTENCE)
    page.wait_for_picture_of(SENTENCE)
    root = page.exhibit("attention")
    root.get_by_role("switch", name="Show where attention rests").click()
    expect(root.locator(".sinks p")).to_contain_text("Left out: ")
    page.page.wait_for_function("location.hash.includes('sinks=hidden')")
    row = engine.trace(SENTENCE).pattern(LAYER)[HEAD, -1].astype(np.float64)
    matrix(page).hover(position=centre(page, len(row) - 1, 3))
    said = root.locator(".head figcaption p").inner_text()
    low, high = screen_percentages(said.split(" reads ")[1].split(" from ")[0])
    assert low - 1 <= 100 * row[3] / row[1:].sum() <= high + 1
    matrix(page).hover(position=centre(page, len(row) - 1, 0))
    expect(root.locator(".head figcaption p")).to_contain_text("is left out")
