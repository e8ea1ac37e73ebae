"""The machine of a BERT and of a T5: what it writes is the trace of the same text, and its parts are theirs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from app.engine import Engine
from model import taps
from tests.ui.machine import ANATOMY, HEAD, SENTENCE, length, number, open_machine, stacks, state, wait_for_card, words
from tests.ui.page import CutawayPage, Pages, screen_percentages

MASKED = "The little dog [MASK] to the park."
READ = "The little <extra_id_0> ran to the park because it was <extra_id_1> today."


@pytest.fixture
def bert(open_page: Pages) -> CutawayPage:
    return open_machine(open_page, MASKED, layer=1, model="bert")


@pytest.fixture
def t5(open_page: Pages) -> CutawayPage:
    return open_machine(open_page, READ, layer=2, model="t5")


def added(page: CutawayPage, kind: str) -> list[float]:
    """The lengths that one group of words says are added."""
    return [number(text) for text in words(page, kind) if re.match("(heads )?add", text)]


def test_a_bert_reads_both_ways_and_is_lit_where_its_prediction_is_read(bert: CutawayPage, engine: Engine):
    trace = engine.trace(MASKED, "bert")
    mask = [token.text for token in trace.tokens].index("[MASK]")
    expect(bert.exhibit("machine").locator(".read .chip.selected")).to_have_text("[MASK]")
    out = [length(trace.read(tap, 1)[mask]) for tap in (taps.ATTN_OUT, taps.MLP_OUT)]
    assert added(bert, "sizes") == pytest.approx(out[:1], abs=0.51)
    assert added(bert, "feed") == pytest.approx(out[1:], abs=0.51)
    ahead = mask + 3
    bert.page.evaluate("key => window.cutaway.store.set({ key })", ahead)
    cell = wait_for_card(bert, mask, ahead)
    low, high = screen_percentages(cell.locator(".softmax b").inner_text())
    assert low <= 100 * trace.pattern(1)[HEAD, mask, ahead] <= high
    expect(cell.locator(".mask b")).to_have_text("none")


@pytest.mark.parametrize(("model", "text"), [("gpt", SENTENCE), ("bert", MASKED)])
def test_the_card_says_what_a_mask_that_was_laid_over_the_model_says_of_its_cell(
    open_page: Pages, model: str, text: str
):
    page = open_machine(open_page, text, layer=1, model=model, mask="window:2", query="5")
    for key, said in ((5, "may attend"), (4, "may attend"), (2, "not allowed")):
        page.page.evaluate("key => window.cutaway.store.set({ key })", key)
        expect(wait_for_card(page, 5, key).locator(".mask b")).to_have_text(said)


def test_a_bert_lane_that_is_chosen_is_where_the_prediction_is_read(bert: CutawayPage):
    bert.page.get_by_role("slider", name="Selected token").press("Home")
    bert.page.wait_for_function("window.cutaway.lastFrame.position === 0")
    expect(bert.exhibit("machine").locator(".read .chip.selected")).to_have_text("[CLS]")


def test_a_t5_writes_at_the_end_of_its_lanes_what_is_likeliest(t5: CutawayPage, engine: Engine):
    trace = engine.trace(READ, "t5")
    likeliest = trace.logits[0].argmax(axis=-1).tolist()
    assert [entry["id"] for entry in t5.frame()["outputs"]] == likeliest
    expect(t5.exhibit("machine").locator(".word.outputs:visible")).to_have_count(len(likeliest))
    said = words(t5, "outputs")
    assert said[-1].strip("·") in ("end", engine.model("t5").tokenizer.text_of(likeliest[-1]).strip())


def test_the_bridge_of_a_t5_is_its_cross_attention(t5: CutawayPage, engine: Engine):
    trace = engine.trace(READ, "t5")
    t5.page.get_by_role("slider", name="Selected token of what it writes").press("End")
    last = len(trace.streams["decoder"].tokens) - 1
    t5.page.wait_for_function("last => window.cutaway.lastFrame.position === last", arg=last)
    out = [trace.read(tap, 2, "decoder")[last] for tap in (taps.ATTN_OUT, taps.CROSS_OUT, taps.MLP_OUT)]
    assert added(t5, "sizes") == pytest.approx([length(vector) for vector in out[:2]], abs=0.51)
    assert added(t5, "feed") == pytest.approx([length(out[2])], abs=0.51)
    pattern = trace.pattern(2, "cross")[HEAD, last]
    key = int(pattern[:-1].argmax())
    t5.page.evaluate("key => window.cutaway.store.set({ key })", key)
    card = wait_for_card(t5, last, key)
    low, high = screen_percentages(card.locator(".softmax b").inner_text())
    assert low <= 100 * pattern[key] <= high


def test_a_block_of_the_encoder_opens_and_shows_its_own_attention(t5: CutawayPage, engine: Engine):
    t5.page.get_by_role("radio", name="encoder block 2:").click()
    expect(t5.exhibit("machine").locator(".word.serif")).to_have_text("Encoder block 2")
    assert state(t5, "kind", "layer") == ["encoder", 1]
    trace = engine.trace(READ, "t5")
    out = trace.read(taps.ATTN_OUT, 1, "encoder")[-1]
    assert added(t5, "sizes") == pytest.approx([length(out)], abs=0.51)
    t5.page.get_by_role("button", name="Open the exhibit Attention").click()
    t5.exhibit("attention")
    assert state(t5, "kind", "layer") == ["encoder", 1]


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_the_growth_of_the_stream_is_measured_on_the_text(open_page: Pages, engine: Engine, model: str):
    page = open_machine(open_page, model=model)
    trace = engine.trace(SENTENCE, model)
    said = page.exhibit("machine").locator(".why .measured").inner_text()
    numbers = [float(found) for found in re.findall(r"[\d.]*\d", said)]
    expected = []
    for place in ("encoder", "decoder") if model == "t5" else ("text",):
        if model == "bert":
            rows = [trace.read(taps.RESID_PRE, 0)]
            rows += [trace.read(tap, layer) for layer in range(4) for tap in (taps.POST_LN1, taps.POST_LN2)]
            sums = [trace.read(tap, layer) for layer in range(4) for tap in (taps.RESID_MID, taps.RESID_POST)]
            middles = [np.median(np.linalg.norm(row, axis=-1)) for row in rows]
            expected += [min(middles), max(middles), max(np.median(np.linalg.norm(row, axis=-1)) for row in sums)]
        else:
            ends = (taps.RESID_PRE, 0), (taps.RESID_POST, trace.config.n_layers - 1)
            first, last = (np.median(np.linalg.norm(trace.read(tap, layer, place), axis=-1)) for tap, layer in ends)
            expected += [first, last, last / first]
    assert numbers == pytest.approx(expected, rel=0.01, abs=0.51)


@pytest.mark.parametrize(
    ("model", "lines"), [("gpt", ["Attention", "MLP", "Expert"]), ("gpt-rope", ["Attention", "MLP"])]
)
def test_the_formula_is_that_of_the_blocks_on_the_page(open_page: Pages, model: str, lines: list[str]):
    page = open_machine(open_page, layer=0, model=model)
    formula = page.exhibit("machine").locator(".formula:visible")
    expect(formula).to_contain_text(lines[-1])
    assert re.findall("Attention|MLP|Expert", formula.inner_text()) == lines


PARALLEL = """async ([model, tokens, widths]) => {
    const [{ layout }, { describe }] = [await moduleOf("machine/layout.js"), await moduleOf("machine/anatomy.js")];
    const { attentionWords } = await moduleOf("machine/captions.js");
    const machine = describe(model, model.anatomy);
    const now = { open: new Float32Array(2 * tokens).fill(123) };
    const open = { stack: machine.stacks[0], layer: 1 };
    return widths.map((width) => {
        const place = layout(machine, { text: tokens }, width, open, false, false, { text: { every: 1 } });
        const [part] = place.attentions;
        const ends = attentionWords(part, place, machine, 0, now, 0).filter(({ anchor }) => anchor === "end");
        return { ends, block: place.block, card: part.card, sum: part.sum };
    });
}"""


def test_in_a_side_by_side_block_what_attention_adds_is_written_inside_of_it(open_page: Pages):
    page = open_machine(open_page).page
    anatomy = {**ANATOMY, "parallel": True}
    fixed = {"family": "gpt", "d_model": 512, "n_layers": 6, "n_heads": 8, "n_kv_heads": 8, "positions": "rope"}
    fixed |= {"stacks": stacks({"text": 6})}
    places = page.evaluate(PARALLEL, [{**fixed, "experts": None, "anatomy": anatomy}, 9, [840, 945, 1300]])
    for place in places:
        assert [word["text"] for word in place["ends"]] == ["eight heads", "add 123"]
        for word in place["ends"]:
            assert word["x"] <= place["block"]["x"] + place["block"]["width"] - 12
            assert place["card"]["bottom"] + 8 < word["y"] < place["sum"]["y"] - 11
