"""What one state of the page shows, and the pass that it is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, Page

from tests.ui.audit.claims import Picture
from tests.ui.audit.leaves import Array
from tests.ui.audit.parts import UNTOUCHED, Changes, Pass
from tests.ui.audit.passes import Checkpoint

CHECKPOINTS = Path(__file__).resolve().parents[3] / "model" / "checkpoints"
PATIENCE_MS = 60_000
WHOLE = 60_000
"""The steps that a probability of 1 is sent as: a printed percentage changes at one of them (app/wire/patterns.py)."""

AT_REST = """wanted => {
  const { store, lastFrame: frame } = window.cutaway ?? {};
  if (!frame || store.inFlight || store.cellInFlight || store.frame.seq !== frame.seq) return false;
  if (!store.asked || store.differ(store.state, store.asked)) return false;
  return Object.entries(wanted).every(([name, value]) => frame[name] === value);
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
FRAME = """() => {
  const { arrays, ...rest } = window.cutaway.lastFrame;
  const plain = ([name, array]) => {
    const values = ArrayBuffer.isView(array) ? array : array.values;
    return [name, { values: Array.from(values), whole: !(values instanceof Float32Array), causal: array.causal }];
  };
  return { ...rest, arrays: Object.fromEntries(Object.entries(arrays).map(plain)) };
}"""
SWEEP = """async ([states, root, selectors]) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const seen = [];
  for (const state of states) {
    window.cutaway.store.set(state);
    await painted();
    const nodes = selectors.map((one) => [...document.querySelectorAll(`${root} ${one}`)]);
    seen.push(nodes.map((found) => found.filter((node) => node.checkVisibility()).map((node) => node.textContent)));
  }
  return seen;
}"""
TEXTS = """([selector, attribute]) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility())
  .map((node) => attribute ? node.getAttribute(attribute) : node.textContent)"""


class Passes:
    """The checkpoints, read once, and their passes, each made once."""

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole
        """Whether there is time for what takes long."""
        self._checkpoints: dict[str, Checkpoint] = {}
        self._passes: dict[tuple[Any, ...], Pass] = {}

    def checkpoint(self, model: str) -> Checkpoint:
        """The model's files."""
        if model not in self._checkpoints:
            self._checkpoints[model] = Checkpoint(CHECKPOINTS / model)
        return self._checkpoints[model]

    def of(
        self,
        model: str,
        ids: Sequence[int],
        written: Sequence[int] = (),
        changes: Changes = UNTOUCHED,
        segments: Sequence[int] = (),
    ) -> Pass:
        """A pass over these tokens."""
        mask = None if changes.mask is None else changes.mask.tobytes()
        changed = (mask, changes.heads_off, changes.expert_bias, changes.neurons)
        key = (model, tuple(ids), tuple(written), *changed, tuple(segments))
        if key not in self._passes:
            checkpoint = self.checkpoint(model)
            run = checkpoint.turned(changes.neurons) if changes.neurons else checkpoint
            self._passes[key] = run(ids, written, changes, segments)
        return self._passes[key]


@dataclass
class Sight:
    """An exhibit of a page, at rest."""

    page: Page
    exhibit: str
    passes: Passes
    frame: dict[str, Any] = field(init=False)
    """The last frame, as the page has it; its arrays by name: `values`, and whether they are `whole` numbers."""

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """Waits until the page is at rest, and takes its frame."""
        self.page.wait_for_function(AT_REST, arg={"exhibit": self.exhibit}, timeout=PATIENCE_MS)
        self.page.evaluate(PAINTED)
        self.frame = self.page.evaluate(FRAME)

    def set(self, **state: Any) -> None:
        """Changes the page's state as its own controls do, and looks again."""
        self.page.evaluate("state => window.cutaway.store.set(state)", state)
        self.look()

    def sweep(self, states: Sequence[Mapping[str, Any]], *selectors: str) -> list[list[list[str]]]:
        """What the nodes of each selector say in each of these states, none of which asks for another frame."""
        root = f'[data-exhibit="{self.exhibit}"]'
        seen: list[list[list[str]]] = self.page.evaluate(SWEEP, [list(states), root, list(selectors)])
        return seen

    def texts(self, selector: str, attribute: str | None = None) -> list[str]:
        """What the visible nodes of the exhibit say, in the order of the page."""
        found: list[str] = self.page.evaluate(TEXTS, [f'[data-exhibit="{self.exhibit}"] {selector}', attribute])
        return found

    def text(self, selector: str, attribute: str | None = None) -> str:
        """What the first of them says; "" where there is none."""
        return next(iter(self.texts(selector, attribute)), "")

    def array(self, name: str) -> Array:
        """An array of the frame as it came."""
        return np.array(self.frame["arrays"][name]["values"], dtype=np.float64)

    def pattern(self, name: str, where: str, expected: Array) -> Picture:
        """Probabilities in steps, each rounded down, held against those of a pass."""
        assert self.frame["arrays"][name]["whole"], f"{name} comes in steps"
        steps = self.array(name)
        middle = np.minimum(1.0, (steps + 0.5) / WHOLE)
        return Picture(where, middle, expected, 0.5 / WHOLE + 1e-5)

    def thumbnails(self, name: str, where: str, expected: Array, largest: float, block: int = 1) -> Picture:
        """Probabilities as parts of the largest, in 255 steps, each cell the largest of a block."""
        assert self.frame["arrays"][name]["whole"], f"{name} comes in steps"
        rows, columns = (-(-side // block) for side in expected.shape[-2:])
        room = np.zeros((*expected.shape[:-2], rows * block, columns * block))
        room[..., : expected.shape[-2], : expected.shape[-1]] = expected
        cells = room.reshape(*expected.shape[:-2], rows, block, columns, block).max(axis=(-3, -1))
        half = self.frame["arrays"][name]["causal"]
        sent = cells[..., *np.tril_indices(rows)] if half else cells
        return Picture(where, largest * self.array(name) / 255, sent, 0.5 * largest / 255 + 1e-5)

    @property
    def model(self) -> str:
        """The name of the model that is shown."""
        name: str = self.frame["model"]
        return name

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """Its files."""
        return self.passes.checkpoint(self.model)

    @property
    def config(self) -> dict[str, Any]:
        """What its config.json says."""
        return self.checkpoint.config

    @property
    def ids(self) -> list[int]:
        """The tokens that were read."""
        return [token["id"] for token in self.frame["tokens"]]

    @property
    def written(self) -> list[int]:
        """What a T5 wrote, its start token first."""
        return [token["id"] for token in self.frame["written"] or ()]

    @property
    def left(self) -> Pass:
        """The pass over what the page shows, with the model as it was trained."""
        return self.passes.of(self.model, self.ids, self.written)

    def under(self, changes: Changes) -> Pass:
        """The pass of the changed model over the same, what a T5 wrote included."""
        return self.passes.of(self.model, self.ids, self.written, changes)

    @property
    def places(self) -> list[str]:
        """The kinds of attention, by the names of the passes."""
        return ["encoder", "decoder", "cross"] if self.config["family"] == "t5" else ["text"]

    @property
    def speaker(self) -> str:
        """The place whose stream the prediction is read from."""
        return "decoder" if self.config["family"] == "t5" else "text"


def open_page(browser: Browser, url: str) -> Page:
    """A page with the time that a loaded machine takes."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
    return page


def look_at(page: Page, passes: Passes, exhibit: str, **state: Any) -> Sight:
    """Follows a link to a state of the page."""
    asked = {"exhibit": exhibit, **state}
    page.evaluate("link => { location.hash = link; }", urlencode(asked))
    wanted = {name: value for name, value in asked.items() if name in ("exhibit", "model", "text")}
    page.wait_for_function(AT_REST, arg=wanted, timeout=PATIENCE_MS)
    return Sight(page, exhibit, passes)
