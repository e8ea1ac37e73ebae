"""The machine as a test speaks of it: open it, read its words, its layout, its canvas and its card."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator

from tests.ui.page import CutawayPage, Pages

SENTENCE = "The little dog ran to the park because"
EXPERT_LAYER, DENSE_LAYER, HEAD = 3, 2, 4
LAYOUT = """async ([models, tokens, widths]) => {
    const [{ layout }, { describe }] = [await moduleOf("machine/layout.js"), await moduleOf("machine/anatomy.js")];
    const places = [];
    for (const model of models) for (const count of tokens) for (const width of widths) {
        const machine = describe(model, model.anatomy);
        const counts = { text: count, encoder: count, decoder: Math.min(33, count) };
        const each = Object.fromEntries(Object.keys(counts).map((name) => [name, { every: 1 }]));
        for (const stack of machine.stacks) for (let layer = 0; layer < stack.layers; layer++) {
            for (const below of [false, true]) {
                places.push({ model, ...layout(machine, counts, width, { stack, layer }, below, false, each) });
            }
        }
    }
    return JSON.stringify(places);
}"""
"""The page's own layout, for every combination of models, numbers of tokens and widths, and every block open; as JSON,
which is quicker than a browser's own way of handing so many objects over.
"""
ANATOMY = {"norm": "RMSNorm", "post_norm": False, "parallel": False, "feed": "MLP", "embeddings": ["token"]}
ANATOMY |= {"summary": False, "reads_normed": True, "adds_normed": False}
"""The plainest anatomy that there is."""


def stacks(depths: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The stacks of a model of the catalog, from how many blocks each has; a "text" is a GPT's."""
    streams = {"cross": ("decoder", "encoder")}
    return {
        place: {"layers": layers, "causal": place in ("text", "decoder"), "windows": [None] * layers}
        | dict(zip(("asks", "reads"), streams.get(place, (place, place)), strict=True))
        for place, layers in depths.items()
    }


def open_machine(open_page: Pages, text: str = SENTENCE, layer: int = EXPERT_LAYER, **address: Any) -> CutawayPage:
    """The exhibit with one head of one block open."""
    page = open_page(exhibit="machine", text=text, layer=str(layer + 1), head=str(HEAD + 1), **address)
    page.wait_for_picture_of(text)
    return page


def words(page: CutawayPage, kind: str) -> list[str]:
    """What the drawing says in one group of words."""
    return page.exhibit("machine").locator(f".word.{kind}:visible").all_inner_texts()


def number(text: str) -> float:
    """The number at the end of a text, with a true minus sign and commas."""
    return float(text.split()[-1].replace("\u2212", "-").replace(",", ""))


def length(vector: NDArray[Any]) -> float:
    """Euclidean, one number at a time."""
    return float(sum(float(x) ** 2 for x in vector) ** 0.5)


def layout(page: CutawayPage) -> Any:
    """Where everything stands on the wide page, the block of experts open; in CSS pixels of the stage."""
    width = page.exhibit("machine").locator(".stage").evaluate("stage => stage.clientWidth")
    return json.loads(page.page.evaluate(LAYOUT, [[model(page)], [n_tokens(page)], [width]]))[2 * EXPERT_LAYER]


def model(page: CutawayPage) -> Any:
    """The open model as the catalog has it, with its anatomy."""
    return page.page.evaluate(
        "(({ catalog, frame }) => ({ ...catalog.models[frame.model], anatomy: frame.anatomy }))(window.cutaway.store)"
    )


def n_tokens(page: CutawayPage) -> int:
    """How many tokens the picture has."""
    return len(page.frame()["tokens"])


def state(page: CutawayPage, *names: str) -> list[Any]:
    """Parts of the state."""
    values: list[Any] = page.page.evaluate(
        "names => names.map((name) => window.cutaway.store.state[name])", list(names)
    )
    return values


def picture(page: CutawayPage) -> NDArray[np.float64]:
    """The canvas of the drawing as it is, [y, x, channel], colour premultiplied on the card's."""
    url = page.exhibit("machine").locator(".drawing").evaluate("canvas => canvas.toDataURL()")
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGBA")).astype(float)


ABOVE = 64
"""The canvas begins this much above the stage."""


def wait_for_card(page: CutawayPage, query: int, key: int) -> Locator:
    """The card, once it shows the numbers of this cell."""
    page.page.wait_for_function(
        "([query, key]) => { const cell = window.cutaway.store.cell; return cell?.query === query && cell.key === key"
        " && !document.querySelector('.cell-card.stale'); }",
        arg=[query, key],
    )
    return page.exhibit("machine").locator(".cell-card")
