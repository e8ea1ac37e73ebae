"""What the pinned state leaves in the pictures: its numbers are those of the trace of the pinned text."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, expect

from app.engine import Engine
from app.wire.mask_specification import Mask, with_self
from tests.ui.page import CutawayPage, Pages, screen_percentages

BEFORE, AFTER = (
    "Tom and Anna went to the park. Anna gave the ball to",
    "Tom and Anna went to the park. Tom gave the ball to",
)
OTHER = 9
"""Which token of AFTER is another than in BEFORE."""
LAYER, HEAD = 2, 4
CENTRE = """async ([query, key]) => {
    const { layout } = await moduleOf("attention/matrix.js");
    const canvas = document.querySelector(".head .canvas-frame canvas");
    const { queries, keys } = cutaway.lastFrame.arrays.pattern_head;
    const { left, top, wide, high } = layout(canvas.clientWidth, queries, keys);
    return { x: left + (key + 0.5) * wide, y: top + (query + 0.5) * high };
}"""
"""The middle of a cell of the large matrix, by the page's own layout."""


def pinned(open_page: Pages, exhibit: str, text: str = AFTER, before: str = BEFORE, **address: Any) -> CutawayPage:
    """An exhibit with a state pinned, once nothing is on its way any more."""
    page = open_page(exhibit=exhibit, text=text, pin=f"model={address.get('model', 'gpt')}&text={before}", **address)
    page.page.wait_for_function("cutaway.lastFrame.pinned !== null")
    page.rest()
    return page


def pixels(canvas: Locator) -> NDArray[np.float64]:
    """What a canvas shows."""
    url = canvas.evaluate("canvas => canvas.toDataURL()")
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")).astype(float)


def numbers(text: str) -> list[float]:
    """Every number of a text, without its signs ±."""
    words = text.replace("\u2212", "-").replace("\u00a0", " ").replace("±", "").split()
    return [float(word) for word in words if word.lstrip("-").replace(".", "").isdigit()]


# Attention


def test_the_asked_cell_says_what_it_was_in_the_pinned_text(open_page: Pages, engine: Engine) -> None:
    page = pinned(open_page, "attention", layer=str(LAYER + 1), head=str(HEAD + 1), query="12", key="7")
    step = page.exhibit("attention").locator('.cell [data-step="softmax"]')
    expect(step.locator("span")).to_contain_text("when pinned")
    before, after = (engine.trace(text).pattern(LAYER)[HEAD, 12, 7] for text in (BEFORE, AFTER))
    low, high = screen_percentages(step.locator("span").inner_text().removeprefix("softmax; when pinned "))
    assert low <= 100 * before <= high
    low, high = screen_percentages(step.locator("b").inner_text())
    assert low <= 100 * after <= high
    page.page.evaluate("key => cutaway.store.set({ key })", OTHER)
    expect(step.locator("span")).to_have_text("softmax; another token when pinned")


def test_the_change_of_a_head_is_blue_where_it_reads_less_and_gold_where_more(open_page: Pages, engine: Engine) -> None:
    page = pinned(open_page, "attention", layer=str(LAYER + 1), head=str(HEAD + 1))
    view = page.exhibit("attention").get_by_role("radio", name="Change")
    view.click()
    before, after = (engine.trace(text).pattern(LAYER)[HEAD] for text in (BEFORE, AFTER))
    change = after - before
    same = np.arange(len(change)) != OTHER
    told = change[np.ix_(same, same)]
    words = page.exhibit("attention").locator(".head .scale p")
    expect(words).to_contain_text("grey: another token")
    assert numbers(words.inner_text())[-1] == pytest.approx(100 * np.abs(told).max(), abs=0.052)
    canvas = page.exhibit("attention").locator(".head .canvas-frame canvas")
    picture = pixels(canvas)

    def colour(query: Any, key: Any) -> NDArray[np.float64]:
        spot = page.page.evaluate(CENTRE, [int(query), int(key)])
        shown: NDArray[np.float64] = picture[round(spot["y"]), round(spot["x"])]
        return shown

    masked = np.where(same[:, None] & same, change, 0)
    more = colour(*np.unravel_index(masked.argmax(), masked.shape))
    less = colour(*np.unravel_index(masked.argmin(), masked.shape))
    assert more[0] > more[2] + 40, f"{more} is no gold"
    assert less[2] > less[0] + 20, f"{less} is no blue"
    np.testing.assert_array_equal(colour(3, 2), [255, 255, 255], "a cell before the change has not moved")
    np.testing.assert_array_equal(colour(12, OTHER), colour(OTHER, 3))
    assert colour(12, OTHER).max() < 250, "another token then: no value, which is not the same as no change"


def test_unpinning_takes_the_change_away_and_leaves_the_matrix(open_page: Pages) -> None:
    page = pinned(open_page, "attention", view="change")
    expect(page.page.get_by_role("radio", name="Change")).to_have_attribute("aria-checked", "true")
    page.page.get_by_role("button", name="Unpin").click()
    expect(page.page.get_by_role("radio", name="Change")).to_be_hidden()
    expect(page.page.get_by_role("radio", name="Matrix")).to_have_attribute("aria-checked", "true")


def test_what_t5_writes_is_compared_too(open_page: Pages, engine: Engine) -> None:
    before, after = (f"translate English to French: The {animal} is big." for animal in ("dog", "cat"))
    page = pinned(open_page, "attention", after, before, model="t5", kind="cross", layer="2", head="1", key="0")
    step = page.exhibit("attention").locator('.cell [data-step="softmax"] span')
    expect(step).to_contain_text("when pinned")
    low, high = screen_percentages(step.inner_text().removeprefix("softmax; when pinned "))
    assert low <= 100 * engine.trace(before, "t5").pattern(1, "cross")[0, 0, 0] <= high


# Machine


def relative(engine: Engine, tap: str) -> NDArray[np.float64]:
    """How far a tap's vectors are from those of the pinned text, as parts of their lengths."""
    before, after = (engine.trace(text).taps[tap][0].astype(np.float64) for text in (BEFORE, AFTER))
    distance: NDArray[np.float64] = np.linalg.norm(after - before, axis=-1) / np.linalg.norm(after, axis=-1)
    return distance


def sent(page: CutawayPage, name: str) -> Any:
    """An array of the last frame."""
    return np.array(page.page.evaluate("name => [...cutaway.lastFrame.arrays[name]].map(String)", name), dtype=float)


def test_the_selected_lane_says_how_far_it_has_moved(open_page: Pages, engine: Engine) -> None:
    page = pinned(open_page, "machine")
    words = page.exhibit("machine").locator(".word.under.gold")
    expect(words).to_contain_text("since pin")
    low, high = screen_percentages(words.inner_text().removeprefix("moved ").removesuffix(" since pin"))
    assert low <= 100 * relative(engine, "blocks.5.hook_resid_post")[-1] <= high
    page.page.evaluate("query => cutaway.store.set({ query })", OTHER)
    expect(words).to_have_text("another token then")
    page.page.evaluate("cutaway.store.set({ query: 3 })")
    expect(words).to_have_text("unmoved since pin")
    page.page.get_by_role("button", name="Unpin").click()
    expect(page.exhibit("machine").locator(".word.under:visible")).to_have_text(["192 numbers a lane"])


def test_a_lane_is_dark_by_how_far_it_has_moved(open_page: Pages, engine: Engine) -> None:
    page = pinned(open_page, "machine")
    moved = sent(page, "moved").reshape(-1, len(engine.trace(AFTER).tokens))
    np.testing.assert_allclose(moved[:, :OTHER], 0, atol=1e-6)
    assert np.isnan(moved[:, OTHER]).all()
    for layer in range(6):
        expected = relative(engine, f"blocks.{layer}.hook_resid_post")[OTHER + 1 :]
        np.testing.assert_allclose(moved[2 * layer + 2, OTHER + 1 :], expected, rtol=1e-4, atol=1e-6)
    drawing = page.exhibit("machine").locator("canvas.drawing")
    pinned_picture = pixels(drawing)
    page.page.get_by_role("button", name="Unpin").click()
    page.page.wait_for_function("cutaway.lastFrame.pinned === null")
    changed = np.abs(pixels(drawing) - pinned_picture).max(axis=(1, 2)) > 8
    lanes = page.page.locator(".lanes.read").bounding_box()
    canvas = drawing.bounding_box()
    assert lanes
    assert canvas
    top, pitch = lanes["y"] - canvas["y"], lanes["height"] / moved.shape[1]
    rows = [bool(changed[round(top + (lane + 0.5) * pitch)]) for lane in range(moved.shape[1])]
    assert rows == [lane > OTHER for lane in range(moved.shape[1])]


# Masks


def test_what_the_pinned_mask_took_and_saved_stands_beside(open_page: Pages, engine: Engine) -> None:
    page = open_page(exhibit="masks", text=AFTER, mask="window:6", pin=f"model=gpt&mask=window:3&text={AFTER}")
    trace = engine.trace(AFTER)
    n_tokens = len(trace.tokens)
    allowed = with_self(Mask.read("window:3", trace.config).allowed(n_tokens, trace.config))[0]
    patterns = np.stack([trace.pattern(layer) for layer in range(trace.config.n_layers)])
    lost = (patterns * ~allowed).sum(axis=-1).mean()
    saved = 1 - allowed.sum() / (n_tokens * (n_tokens + 1) / 2)
    for name, value in {"lost": lost, "saved": saved}.items():
        note = page.exhibit("masks").locator(f'[data-note="{name}"]')
        expect(note).to_contain_text("when pinned")
        low, high = screen_percentages(note.inner_text().partition(" when pinned")[0])
        assert low <= 100 * value <= high
    heard = min(n_tokens, 1 + trace.config.n_layers * 2)
    expect(page.exhibit("masks").locator(".cone figcaption p")).to_contain_text(f", {heard} when pinned")


# Tokens


def test_each_vocabulary_says_how_many_tokens_the_pinned_text_had(open_page: Pages, engine: Engine) -> None:
    before, after = "The dog was unbelievable, he said", "The small dog was unbelievably good, he said"
    counts = {}
    for text in (before, after):
        page = open_page(exhibit="tokens", text=text)
        page.page.wait_for_function("cutaway.lastFrame.ruler?.rows.every((row) => row.ready)")
        counts[text] = [row["tokens"] for row in page.frame()["ruler"]["rows"]]
    assert counts[before][0] == sum(not token.special for token in engine.trace(before).tokens)
    page = pinned(open_page, "tokens", after, before)
    cells = page.exhibit("tokens").locator(".vocabularies td.tokens")
    expect(cells.first).to_contain_text("→")
    assert cells.all_inner_texts() == [f"{then} → {now}" for then, now in zip(*counts.values(), strict=True)]
    most = max(counts[before] + counts[after])
    outlines = page.page.locator(".row-count .then:visible")
    assert outlines.evaluate_all("all => all.map((one) => one.style.width)") == [
        f"{100 * then / most:.2f}%".replace(".00%", "%") for then in counts[before]
    ]
    name = page.exhibit("tokens").locator(".row-name").first.get_attribute("aria-label") or ""
    assert name.endswith(f", {counts[before][0]} when pinned")
    page.page.get_by_role("button", name="Unpin").click()
    expect(cells.first).to_have_text(str(counts[after][0]))


def test_pinned_cuts_stand_where_the_characters_are_the_same(open_page: Pages, engine: Engine) -> None:
    before, after = "The dog was unbelievable, he said", "The small dog was unbelievably good, he said"
    page = pinned(open_page, "tokens", after, before)
    page.page.wait_for_function("cutaway.lastFrame.ruler.rows[0].ready")
    cuts = page.page.evaluate(
        """async ([before, after]) => {
            const [{ pinnedRows }, { View }] = [await moduleOf("tokens/then.js"), await moduleOf("tokens/view.js")];
            const { store } = cutaway;
            const former = await store.peek({ ...store.state, text: before, pin: null });
            return pinnedRows(new View(store.frame), former).get(store.frame.ruler.rows[0].name).cuts;
        }""",
        [before, after],
    )
    front = len("The ")
    starts = [token.start for token in engine.trace(before).tokens if not token.special]
    tail = len(before) - len(", he said")
    shift = len(after) - len(before)
    expected = [start for start in starts if start <= front] + [start + shift for start in starts if start >= tail]
    assert cuts == expected


# Positions


def test_attention_with_positions_says_what_it_was_in_the_pinned_text(open_page: Pages, engine: Engine) -> None:
    page = pinned(open_page, "positions", layer=str(LAYER + 1), head=str(HEAD + 1), query="12", key="7")
    said = page.exhibit("positions").locator(".effect-cell")
    expect(said).to_contain_text("when pinned")
    words = said.inner_text().replace("\u00a0", " ").removesuffix(" when pinned")
    then = engine.trace(BEFORE)
    assert numbers(words.rpartition(", ")[2])[0] == pytest.approx(100 * then.pattern(LAYER)[HEAD, 12, 7], abs=0.06)
    rotated = [then.taps[f"blocks.{LAYER}.attn.hook_rot_{name}"][0].astype(np.float64) for name in ("q", "k")]
    shared = then.config.n_heads // then.config.kv_heads
    dot = rotated[0][12, HEAD] @ rotated[1][7, HEAD // shared]
    product = page.exhibit("positions").locator(".pairs-told").inner_text().removesuffix(" pinned")
    assert numbers(product)[-1] == pytest.approx(dot, abs=0.0051)
    page.page.evaluate("key => cutaway.store.set({ key })", OTHER)
    expect(said).to_contain_text("; another token when pinned")
    page.page.get_by_role("button", name="Unpin").click()
    expect(said).not_to_contain_text("pinned")
