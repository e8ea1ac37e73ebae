"""The machine in every size: no words collide, nothing is rebuilt while one types, any number of blocks fits."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from tests.ui.machine import ANATOMY, LAYOUT, SENTENCE, open_machine, picture, stacks
from tests.ui.page import CutawayPage, Pages

STORY = (
    "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door "
    "and waited for his friend Tom. Tom was a kind boy. He liked to play with the dog after school. One day it was "
    "raining and they could not go outside"
)


@pytest.fixture
def machine(open_page: Pages) -> CutawayPage:
    return open_machine(open_page)


COLLISIONS = """() => {
    const stage = document.querySelector(".stage");
    const boxes = [...stage.querySelectorAll(".word, .chip, .cell-card, .to-tokens")]
        .filter((node) => node.checkVisibility() && node.textContent.trim())
        .map((node) => ({ text: node.textContent.trim().slice(0, 30), ...node.getBoundingClientRect().toJSON() }));
    const found = [];
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (width > 1 && height > 3.5) found.push(`"${a.text}" and "${b.text}" share ${width} x ${height} px`);
    }));
    const { right, bottom } = stage.getBoundingClientRect();
    for (const box of boxes) {
        if (box.right > right + 24 || box.bottom > bottom + 1) found.push(`"${box.text}" leaves the stage`);
    }
    return found;
}"""
"""Words whose boxes share more than the empty margin of a line."""


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("tokens", [1, 9, 32, 64, 256])
def test_no_words_collide_in_any_block(open_page: Pages, engine: Engine, width: int, tokens: int):
    text = "" if tokens == 1 else SENTENCE if tokens == 9 else (STORY + " and" + STORY * 5)[: 4 * tokens]
    page = open_machine(open_page, text=text, width=width)
    shown = len(engine.trace(text).tokens)
    assert 0.6 * tokens <= shown <= 1.3 * tokens
    for layer in range(engine.trace("").config.n_layers):
        for query in {0, shown // 2, shown - 1}:
            page.page.evaluate(
                "patch => window.cutaway.store.set(patch)", {"layer": layer, "query": query, "key": None}
            )
            page.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found = page.page.evaluate(COLLISIONS)
            assert not found, f"block {layer + 1}, token {query + 1} of {shown}:\n" + "\n".join(found)


@pytest.mark.parametrize("width", [1024, 1440])
@pytest.mark.parametrize(
    ("model", "text"), [("bert", SENTENCE), ("bert", STORY), ("t5", SENTENCE), ("t5", STORY[:400])]
)
def test_no_words_collide_in_other_families(open_page: Pages, width: int, model: str, text: str):
    page = open_machine(open_page, text=text, width=width, model=model)
    for kind in ("cross", "encoder") if model == "t5" else ("cross",):
        for layer in (0, 3):
            page.page.evaluate("patch => window.cutaway.store.set(patch)", {"layer": layer, "kind": kind})
            page.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found = page.page.evaluate(COLLISIONS)
            assert not found, f"{kind}, block {layer + 1}:\n" + "\n".join(found)


def test_every_row_of_the_matrix_has_its_label_where_small_type_leaves_room(open_page: Pages):
    page = open_machine(open_page, text="The little girl had no idea what to do. She did not")
    labels = page.page.locator(".stage .word.close:visible")
    expect(labels).to_have_count(len(page.frame()["tokens"]))
    assert not page.page.evaluate(COLLISIONS)


@pytest.mark.parametrize("width", [1024, 1280, 1440])
@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_the_whole_drawing_fits_on_a_small_laptop(open_page: Pages, width: int, model: str):
    """Nothing has to be scrolled, and the drawing ends in front of the column beside it."""
    page = open_machine(open_page, width=width, model=model).page
    expect(page.locator(".onward")).to_be_hidden()
    edges = "node => node.getBoundingClientRect().right"
    stage, box = (page.locator(name).evaluate(edges) for name in (".stage", ".stage-box"))
    assert stage <= box
    if width >= 1280:
        assert box < page.locator(".next").evaluate("node => node.getBoundingClientRect().left")


def test_a_narrow_screen_leads_along_the_lanes(open_page: Pages):
    page = open_machine(open_page, width=390).page
    expect(page.locator(".onward")).to_contain_text("wider than this screen")
    back, on = page.get_by_label("Back along the lanes"), page.get_by_label("On along the lanes")
    expect(back).to_be_disabled()
    tokens = page.locator(".stage .chips.read")
    left_edge = "node => node.getBoundingClientRect().left"
    before = tokens.evaluate(left_edge)
    on.click()
    expect(back).to_be_enabled()
    on.click()
    expect(on).to_be_disabled()
    left, shown, whole = page.locator(".stage-box").evaluate(
        "box => [box.scrollLeft, box.clientWidth, box.scrollWidth]"
    )
    assert left == pytest.approx(whole - shown, abs=1)
    assert tokens.evaluate(left_edge) == before, "the tokens stay in sight"
    back.click()
    back.click()
    expect(back).to_be_disabled()


def test_the_names_of_two_streams_stand_apart(open_page: Pages):
    page = open_machine(open_page, model="t5").page
    one, other = (page.locator(".why .name").nth(i).bounding_box() for i in range(2))
    assert one is not None
    assert other is not None
    assert abs(one["y"] - other["y"]) >= 13.5


def test_typing_destroys_no_element(machine: CutawayPage):
    machine.page.evaluate("""() => {
        window.removed = 0;
        new MutationObserver((records) => records.forEach(({ removedNodes }) => {
            window.removed += [...removedNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE).length;
        })).observe(document.querySelector('[data-exhibit="machine"]'), { childList: true, subtree: true });
    }""")
    machine.type(SENTENCE + " he was so happy")
    machine.type("Tom")
    assert machine.page.evaluate("window.removed") == 0


def test_movement_ends_where_stillness_begins(machine: CutawayPage):
    """With motion on, what slides and grows after a key comes to rest at the picture that is drawn without motion."""
    machine.page.emulate_media(reduced_motion="no-preference")
    machine.type(SENTENCE + " he")
    machine.page.wait_for_function("!document.querySelector('.cell-card.stale')")
    machine.page.wait_for_timeout(500)
    moved = picture(machine)
    machine.page.emulate_media(reduced_motion="reduce")
    machine.page.evaluate("window.cutaway.store.changed()")
    machine.page.wait_for_timeout(100)
    assert np.abs(picture(machine) - moved).max() == 0


def invented(n_layers: int, n_heads: int = 12, experts: bool = True) -> dict[str, Any]:
    """A model of the catalog as the layout needs it."""
    layers = list(range(1, n_layers, 2))
    moe = {"n_experts": 64, "top_k": 8, "layers": layers} if experts else None
    fixed = {"family": "gpt", "d_model": 768, "n_kv_heads": n_heads, "positions": "rope", "anatomy": ANATOMY}
    fixed["stacks"] = stacks({"text": n_layers})
    return {"name": f"{n_layers}", "n_layers": n_layers, "n_heads": n_heads, "experts": moe, **fixed}


def test_any_number_of_blocks_finds_its_place(machine: CutawayPage):
    """2 to 48 blocks: each stands once, in order, apart from the others, and the open one has room."""
    models = [invented(2, 1, experts=False), invented(6), invented(12), invented(24, 16), invented(48, 64)]
    two = stacks({"encoder": 8, "decoder": 6, "cross": 6})
    models.append({**invented(8, 6, experts=False), "family": "t5", "stacks": two})
    models.append({**invented(12, experts=False), "family": "bert", "anatomy": {**ANATOMY, "post_norm": True}})
    places = json.loads(machine.page.evaluate(LAYOUT, [models, [1, 9, 64, 256], [840, 960, 1300]]))
    assert len(places) == (2 + 6 + 12 + 24 + 48 + 14 + 12) * 4 * 3 * 2
    for place in places:
        slabs, block = place["slabs"], place["block"]
        layers = [(slab["stack"]["name"], layer) for slab in slabs for layer in slab["layers"]]
        opened = (place["open"]["stack"]["name"], place["open"]["layer"])
        depths = {name: stack["layers"] for name, stack in place["model"]["stacks"].items() if name != "cross"}
        assert set(layers) | {opened} == {(name, layer) for name in depths for layer in range(depths[name])}
        assert len(layers) + 1 == sum(depths.values())
        assert layers == sorted(layers, key=lambda each: (each[0] == "decoder", each[1]))
        spans = sorted(
            [(slab["x"], slab["x"] + slab["width"]) for slab in slabs] + [(block["x"], block["x"] + block["width"])]
        )
        assert all(left[1] < right[0] for left, right in pairwise(spans))
        assert spans[0][0] > place["read"]["stream"]["left"]
        assert spans[-1][1] < place["spoken"]["stream"]["right"] <= place["width"]
        assert block["width"] >= 440
        for river in place["rivers"].values():
            lanes = river["lanes"]
            assert lanes["count"] * lanes["group"] >= river["tokens"] > (lanes["count"] - 1) * lanes["group"]
            assert lanes["count"] * lanes["pitch"] <= river["bottom"] - river["top"] + 0.01
        last = place["attentions"][-1]
        card, matrix = last["card"], last["matrix"]
        assert card["right"] - card["x"] >= 120
        assert matrix["left"] + matrix["width"] < card["x"] or card["right"] < matrix["left"]
        assert place["feed"]["boxes"]["left"] < place["feed"]["boxes"]["right"] < place["feed"]["plusX"]
