"""The residual exhibit: every number on screen recomputed here from the trace and the weights, in float64."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect
from safetensors.numpy import load_file

from app.engine import Engine
from app.wire.interventions import Interventions
from model import taps, zoo
from model.study import sampling
from model.trace import ForwardTrace
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"
LAST_SHOWN = 4
"""How many of the likeliest a row lists at 1440 pixels."""


def number(written: str) -> float:
    """+0.87 or −0.40, as a number."""
    return float(written.replace("\u2212", "-").replace("+", ""))


class Reference:
    """The lens and the parts at one position, by the formulas on the page."""

    def __init__(self, trace: ForwardTrace, position: int) -> None:
        self.trace, self.position, self.config = trace, position, trace.config
        weights = load_file(zoo.CHECKPOINTS / "gpt" / "model.safetensors")
        self.weights = {name: weight.astype(np.float64) for name, weight in weights.items()}
        self.layers = range(trace.config.n_layers)
        self.final = self.at(taps.RESID_POST, self.layers[-1])

    def at(self, tap: taps.Tap, layer: int) -> NDArray[np.float64]:
        return self.trace.read(tap, layer)[self.position].astype(np.float64)

    def rms(self, x: NDArray[np.float64]) -> float:
        return float(np.sqrt(np.mean(x**2) + self.config.norm_eps))

    def lens(self) -> list[NDArray[np.float64]]:
        """The probabilities of the whole vocabulary at every depth."""
        streams = [self.at(taps.RESID_PRE, 0)]
        for layer in self.layers:
            streams += [self.at(taps.RESID_MID, layer), self.at(taps.RESID_POST, layer)]
        norm, unembed = self.weights["ln_final.weight"], self.weights["embed.weight"]
        return [softmax(unembed @ (x / self.rms(x) * norm)) for x in streams]

    def adds(self, vector: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
        return float(wanted @ (vector / self.rms(self.final) * self.weights["ln_final.weight"]))

    def head(self, layer: int, head: int, wanted: NDArray[np.float64]) -> float:
        d_head = self.config.head_width
        o = self.weights[f"blocks.{layer}.attn.o.weight"][:, head * d_head : (head + 1) * d_head]
        return self.adds(o @ self.at(taps.Z, layer)[head], wanted)

    def rows(self, wanted: NDArray[np.float64]) -> list[float]:
        """What the embedding, and in each layer attention, then the MLP or the experts, add."""
        vectors = [self.at(taps.RESID_PRE, 0)]
        for layer in self.layers:
            vectors += [self.at(taps.ATTN_OUT, layer), self.at(taps.MLP_OUT, layer)]
        return [self.adds(vector, wanted) for vector in vectors]


def open_residual(open_page: Pages, **address: Any) -> CutawayPage:
    page = open_page(exhibit="residual", text=SENTENCE, **address)
    page.wait_for_picture_of(SENTENCE)
    return page


def lens_rows(page: CutawayPage) -> Locator:
    return page.exhibit("residual").locator(".lens .depth-row")


def wait_for(page: CutawayPage, condition: str) -> None:
    page.page.wait_for_function(f"(({{ residual }}) => {condition})(window.cutaway.lastFrame)")


@pytest.mark.parametrize("query", [None, 3])
def test_each_row_is_what_the_model_would_say_there(open_page: Pages, engine: Engine, query: int | None):
    page = open_residual(open_page, **({} if query is None else {"query": str(query)}))
    trace = engine.trace(SENTENCE)
    position = len(trace.tokens) - 1 if query is None else query
    depths = Reference(trace, position).lens()
    target = int(trace.logits[0, position].argmax())
    rows = lens_rows(page)
    assert rows.count() == len(depths) == 13
    for index, probabilities in enumerate(depths):
        order = np.argsort(-probabilities)
        shown = rows.nth(index).locator(".said:visible")
        assert shown.count() == LAST_SHOWN
        for place, name in zip(order, shown.evaluate_all("all => all.map((cell) => cell.ariaLabel)"), strict=False):
            low, high = screen_percentages(name.rpartition(", ")[2])
            assert low <= 100 * probabilities[place] <= high
        low, high = screen_percentages(rows.nth(index).locator(".p").inner_text())
        assert low <= 100 * probabilities[target] <= high
        rank = int(rows.nth(index).locator(".rank").inner_text().replace(",", ""))
        assert order[rank - 1] == target
    np.testing.assert_allclose(depths[-1], softmax(trace.logits[0, position]), atol=1e-5)


@pytest.mark.parametrize("of", ["logit", "difference"])
def test_the_parts_on_screen_are_those_of_the_formula_and_sum_to_the_logit(open_page: Pages, engine: Engine, of: str):
    page = open_residual(open_page, of=of)
    trace = engine.trace(SENTENCE)
    logits = trace.logits[0, -1].astype(np.float64)
    first, second = np.argsort(-logits)[:2]
    reference = Reference(trace, len(trace.tokens) - 1)
    unembed = reference.weights["embed.weight"]
    wanted = unembed[first] - (unembed[second] if of == "difference" else 0)
    moves = page.exhibit("residual").locator(".moves .depth-row")
    sums = reference.rows(wanted)
    assert [number(text) for text in moves.locator(".signed b").all_inner_texts()] == pytest.approx(sums, abs=0.0051)
    for layer in reference.layers:
        names = moves.nth(1 + 2 * layer).locator(".head-cell").evaluate_all("all => all.map((cell) => cell.ariaLabel)")
        heads = [number(name.rpartition(", ")[2]) for name in names]
        expected = [reference.head(layer, head, wanted) for head in range(trace.config.n_heads)]
        assert heads == pytest.approx(expected, abs=0.0051)
    logit = logits[first] - (logits[second] if of == "difference" else 0)
    assert sum(sums) == pytest.approx(logit, abs=1e-4)
    residual = page.frame()["residual"]
    assert residual["sum"] == pytest.approx(residual["logit"], abs=1e-4)
    total, whole = f"{residual['sum']:.4f}", f"{residual['logit']:.4f}"
    relation = "=" if total == whole else "≈"
    written = f"Sum of all parts {total} {relation} {of} {whole}".replace("-", "\u2212")
    assert written in page.exhibit("residual").locator(".sum").inner_text()


def take_apart(page: CutawayPage, nth: int) -> None:
    """Press what a candidate of the column offers while the pointer is on it."""
    row = page.page.locator(".next .candidate").nth(nth)
    row.hover()
    row.get_by_role("button", name="take apart").click()


def test_a_click_on_a_token_here_or_in_what_comes_next_takes_that_one_apart(open_page: Pages, engine: Engine):
    page = open_residual(open_page)
    order = np.argsort(-engine.trace(SENTENCE).logits[0, -1])
    lens_rows(page).last.locator(".said").nth(2).click()
    wait_for(page, f"residual.target.id === {order[2]}")
    take_apart(page, 5)
    wait_for(page, f"residual.target.id === {order[5]}")
    page.page.get_by_role("button", name="Follow the likeliest").click()
    wait_for(page, f"residual.target.id === {order[0]}")


def test_two_tokens_are_chosen_for_a_difference_and_stand_in_the_address(open_page: Pages, engine: Engine):
    page = open_residual(open_page)
    order = np.argsort(-engine.trace(SENTENCE).logits[0, -1])
    root = page.exhibit("residual")
    root.get_by_role("radio", name="A difference").click()
    wait_for(page, f"residual.against?.id === {order[1]}")
    root.locator("[data-sets=against]").click()
    take_apart(page, 4)
    wait_for(page, f"residual.against.id === {order[4]} && residual.target.id === {order[0]}")
    page.page.wait_for_function(f"location.hash.includes('against={order[4]}') && location.hash.includes('of=diff')")


def test_with_the_keyboard_a_token_is_chosen_and_a_head_opened(open_page: Pages):
    page = open_residual(open_page)
    root = page.exhibit("residual")
    root.locator(".lens [data-press][tabindex='0']").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowUp")
    chosen = page.frame()["residual"]["depths"][-2]["top"][1]["id"]
    page.page.keyboard.press("Enter")
    wait_for(page, f"residual.target.id === {chosen}")
    root.locator(".moves [data-press][tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.page.keyboard.press(key)
    page.exhibit("attention")
    state = page.page.evaluate("window.cutaway.store.state")
    assert (state["layer"], state["head"]) == (2, 1)


def test_no_element_is_rebuilt_while_one_types(open_page: Pages):
    page = open_residual(open_page)
    page.page.evaluate("""() => {
        window.rebuilt = 0;
        const count = (records) => records.forEach(({ addedNodes }) => {
            window.rebuilt += [...addedNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE).length;
        });
        const plate = document.querySelector(".residual-plate");
        new MutationObserver(count).observe(plate, { childList: true, subtree: true });
    }""")
    page.type(SENTENCE + " he was")
    assert page.page.evaluate("window.rebuilt") == 0


@pytest.mark.parametrize("text", ["", SENTENCE * 3, "word " * 300])
def test_the_picture_holds_for_one_token_and_for_a_full_context(open_page: Pages, text: str):
    page = open_residual(open_page)
    page.paste(text)
    residual = page.frame()["residual"]
    assert residual["query"] == len(page.frame()["tokens"]) - 1
    assert residual["sum"] == pytest.approx(residual["logit"], abs=1e-4)
    assert lens_rows(page).last.locator(".p").inner_text().endswith("%")


def test_heads_and_rows_are_switched_off_where_they_stand_and_each_once_on_request(open_page: Pages, engine: Engine):
    page = open_residual(open_page)
    root = page.exhibit("residual")
    root.get_by_role("radio", name="switches it off").click()
    root.get_by_role("radio", name="its mean").click()
    root.locator(".moves .depth-row").nth(7).locator(".head-cell").nth(2).click()
    wait_for(page, "residual.untouched !== null")
    root.get_by_role("gridcell", name="all of layer 2, experts").click()
    page.page.wait_for_function("location.hash.includes('heads=text.4.3&mlps=text.2&by=mean')")
    wait_for(page, "residual.parts.heads[3][2] !== 0")
    assert root.locator(".moves .head-cell.is-off").evaluate_all("all => all.map((cell) => cell.ariaLabel)") == [
        root.get_by_role("gridcell", name=re.compile(r"^head 3, .*, off$")).get_attribute("aria-label")
    ]
    struck = "all => all.filter((row) => getComputedStyle(row.querySelector('.depth span')).textDecorationLine "
    rows = root.locator(".lens .depth-row").evaluate_all(struck + "=== 'line-through').map((row) => row.innerText)")
    assert len(rows) == 1
    assert rows[0].startswith("experts")

    changed = page.frame()["interventions"]
    assert changed == {"text.3.2": "off", "mlp.text.1": "off", "by": "mean"}
    root.get_by_role("button", name="Switch each off once").click()
    page.page.wait_for_function("[...document.querySelectorAll('.cost-cell')].every((cell) => cell.textContent)")
    model = engine.model("gpt")
    off = Interventions(heads_off=(("text", 3, 2),), mlps_off=(("text", 1),), by_mean=True, means=model.means)
    before = engine.read(SENTENCE, "gpt", off).trace.logits[0, -1]
    less = dataclasses.replace(off, heads_off=(("text", 3, 2), ("text", 4, 3)))
    cost = sampling.kl_bits(before, engine.read(SENTENCE, "gpt", less).trace.logits[0, -1])
    cell = root.locator('.cost-cell[data-layer="4"][data-head="3"]')
    assert cell.inner_text() == f"{cost:.2f}"
    assert cell.get_attribute("aria-label") == f"layer 5, head 4, {cost:.2f} bits"
    page.type(SENTENCE + " he")
    assert cell.inner_text() == "", "what another text cost is not this one's"


OFF_IN_PLACE = {
    "bert": (["head 2", "all of layer 2, MLP", "all of layer 3, attention"], "text.1.2%2Ctext.3", "text.2"),
    "t5": (
        ["head 2", "all of encoder layer 1, MLP", "all of encoder layer 2, attention", "all of layer 3, MLP"],
        "encoder.1.2%2Cencoder.2",
        "encoder.1%2Cdecoder.3",
    ),
}
"""By model: what is pressed where it stands, and the parts of the address that name it: heads, MLPs."""


@pytest.mark.parametrize("model", OFF_IN_PLACE)
def test_in_every_family_heads_and_layers_are_switched_off_where_they_stand(
    open_page: Pages, engine: Engine, model: str
):
    pressed, heads, mlps = OFF_IN_PLACE[model]
    page = open_residual(open_page, model=model, click="off", instead="mean")
    root = page.exhibit("residual")
    rows = root.locator(".encoder" if model == "t5" else ".moves:not(.encoder)")
    before = page.frame()["next"]["top"][0]["probability"]
    for name in pressed:
        cell = (root if name.startswith("all") else rows).locator(f"[role=gridcell][aria-label^='{name}']").first
        cell.click()
        expect(cell).to_have_attribute("aria-label", re.compile(", off$"))
    named = [f"mlps={mlps}&by=mean", f"heads={heads}."]
    page.page.wait_for_function("parts => parts.every((part) => location.hash.includes(part))", arg=named)
    n_heads = engine.model(model).config.n_heads
    struck = root.locator(".moves .head-cell.is-off")
    expect(struck).to_have_count(1 + n_heads)
    assert "gradient" in struck.first.evaluate("cell => getComputedStyle(cell).backgroundImage")
    expect(page.page.locator(".bar")).to_contain_text("its mean instead")
    wait_for(page, "Object.keys(window.cutaway.lastFrame.interventions).length > 3")
    page.rest()
    assert page.frame()["next"]["top"][0]["probability"] != before
