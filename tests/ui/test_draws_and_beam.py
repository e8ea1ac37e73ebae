"""What Sampling shows below its chain: a thousand draws and a tree, against the engine's own numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect

from app.engine import Engine
from model.study import beam, sampling
from tests.ui.page import CutawayPage, Pages

SENTENCE = "The little dog ran to the park because"


def open_sampling(open_page: Pages, text: str = SENTENCE, **address: str) -> tuple[CutawayPage, Locator]:
    page = open_page(1440, 900, exhibit="sampling", text=text, **address)
    page.wait_for_picture_of(text)
    return page, page.exhibit("sampling")


def texts(rows: Locator) -> list[list[str]]:
    found: list[list[str]] = rows.evaluate_all(
        "rows => rows.filter((row) => row.checkVisibility())"
        ".map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    return found


def test_a_thousand_draws_are_those_of_the_seed_over_the_whole_vocabulary(open_page: Pages, engine: Engine) -> None:
    _, root = open_sampling(open_page, seed="9", temperature="1.5")
    chances = sampling.probabilities_of(engine.trace(SENTENCE).logits[0, -1], 1.5)
    drawn = [sampling.draw(chances, sampling.generator(9, index).random()) for index in range(1_000)]
    counts = np.bincount(drawn, minlength=len(chances))
    order = np.argsort(-chances, kind="stable")
    rows = texts(root.locator(".tally"))
    assert len(rows) == 14
    for id, (_, _, times, expected) in zip(order[:13], rows, strict=False):
        assert int(times) == counts[id]
        assert float(expected) == pytest.approx(1_000 * chances[id], abs=0.051)
    assert int(rows[-1][2]) == 1_000 - counts[order[:13]].sum()
    distance = 50 * np.abs(counts / 1_000 - chances).sum()
    expect(root.locator(".thousand .words")).to_contain_text(f"{distance:.1f}\u00a0%. A thousand fair draws")


def test_the_ranking_is_the_beam_search_of_the_running_model(open_page: Pages, engine: Engine) -> None:
    page, root = open_sampling(open_page, beam_width="2", beam_depth="3")
    expect(root.locator(".ranking-row").first).to_be_visible(timeout=30_000)

    def logits(ids: list[int]) -> NDArray[np.floating]:
        return np.asarray(engine.logits_after(engine.read(SENTENCE, "gpt"), ids))

    class Continuations:
        def __init__(self) -> None:
            self.rows: list[list[int]] = [[]]

        def __call__(self, rows: Sequence[int], ids: Sequence[int]) -> NDArray[np.floating]:
            self.rows = [[*self.rows[row], id] for row, id in zip(rows, ids, strict=True)]
            return np.stack([logits(row) for row in self.rows])

    tree = beam.search(logits([]), Continuations(), Continuations(), width=2, depth=3, ends=(0,))
    rows = texts(root.locator(".ranking-row"))
    for leaf, (rank, _, sum, each, _) in zip(tree.finished, rows, strict=False):
        assert rank == str(1 + tree.finished.index(leaf))
        assert float(sum.replace("\u2212", "-")) == pytest.approx(tree.nodes[leaf].score, abs=0.008)
        assert float(each.replace("\u2212", "-")) == pytest.approx(tree.nodes[leaf].normalized, abs=0.008)
    greedy = texts(root.locator(".ranking-row.greedy"))
    assert len(greedy) == 1
    assert float(greedy[0][2].replace("\u2212", "-")) == pytest.approx(tree.nodes[tree.greedy[-1]].score, abs=0.008)
    before = page.picture_of("sampling")[-1]
    root.get_by_role("slider", name="beams").focus()
    page.page.keyboard.press("ArrowRight")
    expect(root.locator(".tree canvas")).to_have_attribute("aria-label", re.compile("3 beams"), timeout=30_000)
    assert page.picture_of("sampling")[-1] != before


def test_bert_is_drawn_from_at_its_mask_and_has_no_beam(open_page: Pages) -> None:
    _, root = open_sampling(open_page, model="bert", text="The dog ran to the [MASK].")
    expect(root.locator(".refused")).to_contain_text("BERT fills a place of a text", timeout=30_000)
    expect(root.locator(".tree")).to_be_hidden()
    expect(root.get_by_role("button", name="Draw the next token")).to_be_disabled()
    assert sum(int(row[2]) for row in texts(root.locator(".tally"))) == 1_000


def test_a_t5s_tree_is_of_what_it_writes(open_page: Pages, engine: Engine) -> None:
    task = "translate English to German: The house is small."
    _, root = open_sampling(open_page, model="t5", text=task, beam_depth="12")
    expect(root.locator(".ranking-row").first).to_be_visible(timeout=30_000)
    written = engine.trace(task, "t5").streams["decoder"].tokens[1:]
    greedy = texts(root.locator(".ranking-row.greedy"))[0][1].split(" ")
    assert len(greedy) >= min(len(written), 12)
