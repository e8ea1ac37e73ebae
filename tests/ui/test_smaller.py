"""The smaller exhibit: sliders over the running model, what is left of it, and one matrix on its levels."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import expect
from safetensors.numpy import load_file

from app.engine import Engine
from app.exhibits.smaller.divergence import divergence
from app.running.model import logits_of
from export.runtime.session import Session
from model.study import shrinking
from model.study.shrinking import Setting
from tests.ui.page import CutawayPage, Pages, Walk

TEXT = "Once upon a time there was a little girl. She"
FAMILIES = {
    "gpt": TEXT,
    "bert": "The little girl was very [MASK] and went home.",
    "t5": "translate English to French: The dog is big.",
}


def opened(open_page: Pages, model: str = "gpt", **address: Any) -> CutawayPage:
    page = open_page(exhibit="smaller", text=FAMILIES[model], model=model, **address)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'smaller'")
    return page


def slide(page: CutawayPage, field: str, presses: int, key: str = "ArrowRight") -> None:
    slider = page.exhibit("smaller").locator(f'[data-field="{field}"] input')
    slider.focus()
    for _ in range(presses):
        slider.press(key)


def smaller(page: CutawayPage) -> dict[str, Any]:
    told: dict[str, Any] = page.frame()["smaller"]
    return told


def test_what_is_lost_is_what_a_graph_over_rounded_weights_says(walk: Walk, engine: Engine) -> None:
    page = walk("smaller", TEXT)
    page.page.evaluate("cutaway.store.set({bits: 4, grain: 'row', zeroed: 20})")
    page.page.wait_for_function("cutaway.lastFrame.smaller?.bits === 4 && cutaway.lastFrame.smaller.zeroed === 20")
    model, trace = engine.model("gpt"), engine.trace(TEXT)
    weights = shrinking.weights(load_file(model.weights), Setting(4, "row", 20))
    after = logits_of(Session(model.folder, weights=weights), trace)
    expected = divergence(trace.logits[0], after)
    assert smaller(page)["kl_bits"] == pytest.approx(expected[-1], rel=1e-4)
    shown = page.exhibit("smaller").locator(".lost b").inner_text()
    assert float(shown.replace("\u00a0bits", "")) == pytest.approx(expected[-1], abs=6e-4)
    page.page.evaluate("cutaway.store.set({bits: 16, grain: 'group', zeroed: 0})")


def test_a_slider_takes_bits_away_and_the_button_brings_them_back(open_page: Pages) -> None:
    page = opened(open_page)
    root = page.exhibit("smaller")
    back = root.locator(".back")
    expect(back).to_be_disabled()
    slide(page, "bits", 9)
    page.page.wait_for_function("cutaway.lastFrame.smaller.bits === 2")
    expect(root.locator('[data-field="bits"] output')).to_have_text("2")
    expect(root.locator(".lost b")).not_to_have_text("0.000\u00a0bits")
    slide(page, "zeroed", 3)
    page.page.wait_for_function("cutaway.lastFrame.smaller.zeroed === 30")
    page.page.wait_for_function("location.hash.includes('bits=2') && location.hash.includes('zeroed=30')")
    back.click()
    page.page.wait_for_function("cutaway.lastFrame.smaller.bits === 16 && cutaway.lastFrame.smaller.zeroed === 0")
    expect(root.locator(".lost b")).to_have_text("0.000\u00a0bits")
    expect(back).to_be_disabled()


@pytest.mark.parametrize("model", FAMILIES)
def test_parts_go_in_the_order_of_what_they_cost_on_this_text(open_page: Pages, model: str) -> None:
    page = opened(open_page, model)
    root = page.exhibit("smaller")
    slide(page, "heads", 2)
    page.page.wait_for_function("cutaway.lastFrame.smaller.gone.heads === 2", timeout=30_000)
    expect(root.locator(".part-costs")).to_contain_text("Next: head")
    cheap = set(page.page.evaluate("Object.keys(cutaway.store.state.interventions)"))
    costs = measured(page, FAMILIES[model], model)
    heads = sorted((one for one in costs if one["head"] is not None), key=lambda one: one["kl_bits"])
    assert cheap == {f"{one['kind']}.{one['layer']}.{one['head']}" for one in heads[:2]}
    slide(page, "layers", 1)
    page.page.wait_for_function("cutaway.lastFrame.smaller.gone.layers === 1")
    first = min((one for one in costs if one["head"] is None), key=lambda one: one["kl_bits"])
    assert f"mlp.{first['kind']}.{first['layer']}" in page.page.evaluate(
        "Object.keys(cutaway.store.state.interventions)"
    )
    root.locator(".back").click()
    page.page.wait_for_function(
        "cutaway.lastFrame.smaller.gone.heads === 0 && cutaway.lastFrame.smaller.gone.layers === 0"
    )


def measured(page: CutawayPage, text: str, model: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = page.page.evaluate(
        """async ([text, model]) => {
          const parts = [];
          for (let total = 1; parts.length < total; ) {
            const answer = await cutaway.store.call("part_costs", { text, model, begin: parts.length });
            total = answer.total;
            parts.push(...answer.parts);
          }
          return parts;
        }""",
        [text, model],
    )
    return told


def test_a_weight_is_pointed_at_by_keys_and_stands_on_a_level(open_page: Pages) -> None:
    page = opened(open_page, bits="3", grain="group")
    root = page.exhibit("smaller")
    canvas = root.locator("canvas.original")
    canvas.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        canvas.press(key)
    said = root.locator(".weight-said")
    expect(said).to_contain_text("Row 3, column 2:")
    expect(said).to_contain_text("of ±3")
    told = page.frame()
    columns = told["smaller"]["matrix"]["columns"]
    values = page.page.evaluate("Array.from(cutaway.lastFrame.arrays.changed)")
    step = page.page.evaluate("cutaway.lastFrame.arrays.scales[2 * 2]")
    level = round(values[2 * columns + 1] / step)
    assert values[2 * columns + 1] == pytest.approx(level * step, rel=1e-5, abs=1e-9)
    expect(root.locator(".levels-said")).to_contain_text("Weights 1 to 32 of row 3")


def test_another_matrix_is_chosen_and_stands_in_the_address(open_page: Pages) -> None:
    page = opened(open_page)
    root = page.exhibit("smaller")
    root.locator("select").select_option("blocks.1.mlp.w_in")
    page.page.wait_for_function("cutaway.lastFrame.smaller.matrix.name === 'blocks.1.mlp.w_in'")
    expect(root.locator(".matrices .told")).to_contain_text("the first expert’s, 384 rows of 192 weights")
    page.page.wait_for_function("location.hash.includes('matrix=blocks.1.mlp.w_in')")


def test_the_curves_say_what_was_measured_and_a_click_sets_a_slider(open_page: Pages) -> None:
    page = opened(open_page)
    root = page.exhibit("smaller")
    canvas = root.locator(".curves canvas")
    canvas.scroll_into_view_if_needed()
    points = page.frame()["smaller"]["curves"]["bits"]["row"]
    expect(root.locator(".measured")).to_contain_text(f"{page.frame()['smaller']['curves']['predictions']:,}")
    box = canvas.bounding_box()
    assert box is not None
    x, y = place_of(page, points[-2], box["width"], box["height"])
    page.page.mouse.move(box["x"] + x, box["y"] + y)
    expect(root.locator(".curves figcaption p")).to_contain_text("3 bits, a scale for a row")
    page.page.mouse.down()
    page.page.mouse.up()
    page.page.wait_for_function("cutaway.lastFrame.smaller.bits === 3 && cutaway.lastFrame.smaller.grain === 'row'")


def place_of(page: CutawayPage, point: list[float], width: float, height: float) -> tuple[float, float]:
    """Where a point of the curves stands on the canvas: bytes fall to the right, divergences rise by decades."""
    told = smaller(page)
    curves = told["curves"]
    ways = [*curves["bits"].values(), curves["zeroed"], curves["heads"]["points"], curves["layers"]["points"]]
    drawn = [kl for points in ways for _, _, kl, _ in points if kl >= 1e-4]
    low, high = math.floor(math.log10(min(*drawn, 0.1))), math.ceil(math.log10(max(*drawn, 1)))
    left, right, top, bottom = 52, width - 178, 14, height - 40
    _, size, kl, _ = point
    return (
        left + (1 - size / told["bytes"]["before"]) * (right - left),
        bottom - (math.log10(kl) - low) / (high - low) * (bottom - top),
    )


def test_the_race_names_its_machine_and_that_it_is_not_live(open_page: Pages) -> None:
    page = opened(open_page, "t5")
    root = page.exhibit("smaller")
    expect(root.locator(".race-row:visible")).to_have_count(3)
    race = smaller(page)["race"]
    expect(root.locator(".raced")).to_contain_text(race["machine"])
    expect(root.locator(".raced")).to_contain_text("not live")


def test_the_machine_leads_here(open_page: Pages) -> None:
    page = open_page(exhibit="machine", text=TEXT)
    page.page.locator(".to-smaller").click()
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'smaller'")


def test_a_link_from_elsewhere_never_breaks_the_page(open_page: Pages) -> None:
    page = opened(open_page, bits="-7", zeroed="1e9", grain="sideways", matrix="<script>")
    told = smaller(page)
    assert (told["bits"], told["zeroed"], told["grain"]) == (2, 95, "group")
    assert told["matrix"]["name"] == "blocks.0.attn.q.weight"
