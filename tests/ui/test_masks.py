"""The masks exhibit: its numbers against the passes with and without the mask, and the brush by pointer and by keys."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from app.wire.interventions import Interventions
from app.wire.mask_specification import Mask, with_self
from model.trace import ForwardTrace
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"
LAYER, HEAD = 2, 3
LAYOUT = """async ([width, tokens]) => {
    const { layout } = await moduleOf("masks/matrix.js");
    return layout(width, tokens);
}"""


def open_masks(open_page: Pages, text: str = SENTENCE, **address: Any) -> CutawayPage:
    page = open_page(exhibit="masks", text=text, **address)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'masks'")
    page.wait_for_picture_of(text)
    return page


def changed(page: CutawayPage) -> None:
    """Wait until the picture is that of the interventions in the state."""
    page.page.wait_for_function("cutaway.store.frame.interventions === cutaway.store.state.interventions")
    page.page.wait_for_function("cutaway.lastFrame === cutaway.store.frame")


def passes(engine: Engine, spec: str, text: str = SENTENCE) -> tuple[ForwardTrace, ForwardTrace, np.ndarray]:
    """Without the mask, with it, and what it allows."""
    before, mask = engine.trace(text), Mask.read(spec, engine.config("gpt"))
    after = engine.read(text, "gpt", Interventions(mask=mask)).trace
    return before, after, with_self(mask.allowed(len(before.tokens), before.config))[0]


def within(written: str, value: float) -> bool:
    low, high = screen_percentages(written)
    return bool(low <= 100 * value <= high)


def put_on(page: CutawayPage, name: str) -> None:
    page.exhibit("masks").get_by_role("radio", name=name).click()


def cell(page: CutawayPage, query: int, key: int, tokens: int) -> tuple[float, float]:
    """Where a cell of the matrix is on the page."""
    canvas = page.exhibit("masks").locator(".taken-away canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    place = page.page.evaluate(LAYOUT, [round(box["width"]), tokens])
    return (
        box["x"] + place["left"] + (key + 0.5) * place["wide"],
        box["y"] + place["top"] + (query + 0.5) * place["high"],
    )


def test_lost_saved_and_changed_are_those_of_the_two_passes(open_page: Pages, engine: Engine):
    page = open_masks(open_page, mask="window:4", layer=LAYER + 1, head=HEAD + 1, pattern_of="head")
    before, after, allowed = passes(engine, "window:4")
    n, config = len(before.tokens), before.config
    lost = np.stack([before.pattern(layer) for layer in range(config.n_layers)])[..., ~allowed].sum(axis=-1) / n
    root = page.exhibit("masks")
    assert within(root.locator('[data-sum="lost"]').inner_text(), lost.mean())
    saved = 1 - allowed.sum() / (n * (n + 1) / 2)
    assert within(root.locator('[data-sum="saved"]').inner_text(), saved)
    assert f"{allowed.sum()} of {n * (n + 1) // 2} pairs left" in root.locator('[data-note="saved"]').inner_text()
    p, q = softmax(before.logits[0, -1]), softmax(after.logits[0, -1])
    bits = root.locator(".effect .bits").inner_text()
    assert float(bits.removesuffix(" bits")) == pytest.approx(float((p * np.log2(p / q)).sum()), abs=0.00051)
    assert within(page.candidates()[0][1], q.max())
    for layer, head in ((0, 0), (LAYER, HEAD), (5, 5)):
        shown = root.locator(f'[data-layer="{layer}"][data-head="{head}"]').inner_text()
        assert shown in (f"{100 * lost[layer, head]:.0f}", "<1")
    assert root.locator(".taken-away h2").inner_text() == f"Layer {LAYER + 1}, head {HEAD + 1}"
    reached = [int((np.linalg.matrix_power(allowed.astype(np.int64), layers)[-1] > 0).sum()) for layers in (1, 6)]
    said = root.locator(".cone figcaption p").inner_text()
    assert said == f"{reached[1]} of {n} tokens can reach “·because” within 6 layers; {reached[0]} after one"


def test_a_preset_is_put_on_and_its_number_is_moved_by_the_keyboard(open_page: Pages, engine: Engine):
    page = open_masks(open_page)
    expect(page.exhibit("masks").locator('[data-sum="saved"]')).to_have_text("0\u00a0%")
    page.exhibit("masks").get_by_role("radio", name="As trained").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.get_by_label("window of the mask").focus()
    page.page.keyboard.press("ArrowLeft")
    page.page.wait_for_function("cutaway.store.frame.interventions.mask === 'window:3'")
    changed(page)
    _, _, allowed = passes(engine, "window:3")
    expect(page.exhibit("masks").locator('[data-note="saved"]')).to_contain_text(f"{allowed.sum()} of 45 pairs left")
    page.page.wait_for_function("location.hash.includes('mask=window%3A3')")


def test_painting_forbids_cells_and_undo_gives_them_back(open_page: Pages, engine: Engine):
    page = open_masks(open_page)
    root, mouse = page.exhibit("masks"), page.page.mouse
    mouse.move(*cell(page, 8, 1, 9))
    mouse.down()
    mouse.move(*cell(page, 8, 3, 9), steps=2)
    mouse.up()
    changed(page)
    spec = page.page.evaluate("cutaway.store.state.interventions.mask")
    before, after, allowed = passes(engine, spec)
    taken = np.tril(np.ones_like(allowed)) & ~allowed
    assert np.argwhere(taken).tolist() == [[8, 1], [8, 2], [8, 3]]
    p, q = softmax(before.logits[0, -1]), softmax(after.logits[0, -1])
    bits = root.locator(".effect .bits").inner_text()
    assert float(bits.removesuffix(" bits")) == pytest.approx(float((p * np.log2(p / q)).sum()), abs=0.00051)
    root.get_by_role("button", name="Undo").click()
    changed(page)
    expect(root.locator('[data-sum="lost"]')).to_have_text("0\u00a0%")


def test_arrow_keys_and_space_forbid_a_cell_and_the_cell_says_so(open_page: Pages):
    page = open_masks(open_page)
    page.exhibit("masks").get_by_role("grid", name="mask over the attention matrix").focus()
    for key in ("ArrowLeft", "ArrowLeft", "Space"):
        page.page.keyboard.press(key)
    page.page.wait_for_function("cutaway.store.frame.interventions.mask?.startsWith('painted:9.')")
    cell = page.exhibit("masks").get_by_role("gridcell")
    expect(cell).to_have_text(re.compile("because loses the .* that it reads from the$"))
    page.page.keyboard.press("Space")
    page.page.wait_for_function("cutaway.store.state.interventions.mask === undefined")


def test_a_row_with_nothing_left_reads_itself_and_the_page_says_so(open_page: Pages):
    bits = np.zeros((9, 9), np.uint8)
    bits[4] = 1
    spec = f"painted:9.{base64.urlsafe_b64encode(np.packbits(bits).tobytes()).decode().rstrip('=')}"
    page = open_masks(open_page, mask=spec)
    expect(page.exhibit("masks").locator(".alone")).to_have_text("·ran is left nothing to read, and reads only itself.")


def test_the_mask_stays_on_in_other_exhibits_until_it_is_undone(open_page: Pages, engine: Engine):
    page = open_masks(open_page, mask="window:2")
    _, after, _ = passes(engine, "window:2")
    page.open("sampling")
    assert page.page.locator(".changed span").inner_text() == "Not as trained: sliding window 2"
    assert within(page.candidates()[0][1], softmax(after.logits[0, -1]).max())
    page.page.locator(".changed").get_by_role("button", name="Undo").click()
    changed(page)
    assert within(page.candidates()[0][1], softmax(engine.trace(SENTENCE).logits[0, -1]).max())


def test_the_thing_to_try_blinds_the_head_that_looks_back(open_page: Pages):
    page = open_masks(open_page)
    page.exhibit("masks").get_by_role("button", name="Set it up").click()
    page.page.wait_for_function("cutaway.store.frame.interventions.mask === 'window:5' && !cutaway.store.wanted")
    changed(page)
    text = page.frame()["text"]
    rows = page.page.evaluate(
        """() => {
        const { store } = cutaway;
        return store.frame.arrays.pattern_head.head(0, 0).at(10, 5) / 60_000;
    }"""
    )
    assert text.endswith("Tom saw a red")
    assert rows > 0.2, "it read the word that followed the first time"


def test_patterns_of_decoders_are_not_offered_to_a_bert(open_page: Pages):
    page = open_masks(open_page, model="bert", mask="strided:4")
    root = page.exhibit("masks")
    expect(root.get_by_role("radio", name="Strided")).to_be_disabled()
    expect(root.get_by_role("radio", name="As trained")).to_be_checked()
    put_on(page, "Sliding window")
    changed(page)
    n = len(page.frame()["tokens"])
    expect(root.locator('[data-note="saved"]')).to_contain_text(f"of {n * n} pairs left")
