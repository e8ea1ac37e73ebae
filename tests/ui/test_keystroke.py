"""One keystroke, end to end: what is typed is what is computed is what is drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.engine import Engine
from app.exhibits import WALK
from app.wire.patterns import WHOLE
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"


def test_each_key_changes_tokens_attention_and_prediction(page: CutawayPage, engine: Engine):
    page.open("attention")
    page.type("The little dog")
    tokens, candidates, picture = page.chips(), page.candidates(), page.picture_of("attention")
    page.type("The little dog ran")
    assert page.chips()[: len(tokens)] == tokens
    assert len(page.chips()) == len(engine.trace("The little dog ran").tokens) > len(tokens)
    assert page.candidates() != candidates
    assert page.picture_of("attention") != picture


def test_the_prediction_on_screen_is_the_softmax_of_the_logits(page: CutawayPage, engine: Engine):
    page.type(SENTENCE)
    trace = engine.trace(SENTENCE)
    probabilities = softmax(trace.logits[0, -1])
    order = np.argsort(-probabilities, kind="stable")
    shown = page.candidates()
    assert len(shown) == 12
    for (_, percentage), id in zip(shown, order, strict=False):
        low, high = screen_percentages(percentage)
        assert low <= 100 * probabilities[id] <= high, f"{percentage} for {probabilities[id]}"
    listed = page.frame()["next"]["top"]
    assert [entry["id"] for entry in listed] == list(order[: len(listed)])
    assert [entry["probability"] for entry in listed] == pytest.approx(probabilities[order[: len(listed)]], rel=1e-4)


def test_the_attention_sent_is_the_pattern_of_the_trace(page: CutawayPage, engine: Engine):
    """Every step of the causal half of one head, every byte of all of them."""
    page.open("attention")
    page.type(SENTENCE)
    trace = engine.trace(SENTENCE)
    half = np.tril_indices(len(trace.tokens))
    expected = np.stack([trace.pattern(layer)[:, *half] for layer in range(trace.config.n_layers)])
    layer, head = page.page.evaluate("[window.cutaway.lastFrame.layer, window.cutaway.lastFrame.head]")
    small, sent = page.page.evaluate(
        "(({ pattern, pattern_head }) => [pattern, pattern_head].map(({ values }) => Array.from(values)))"
        "(window.cutaway.lastFrame.arrays)"
    )
    assert np.abs(np.array(sent) + 0.5 - WHOLE * expected[layer, head]).max() <= 0.6
    assert np.abs(np.array(small) - 255 * expected.reshape(-1) / expected.max()).max() <= 0.6


@pytest.mark.parametrize("delay_ms", [0, 4, 15])
def test_typing_fast_ends_with_the_picture_of_the_final_text(page: CutawayPage, engine: Engine, delay_ms: int):
    text = "Once upon a time there was a little girl who wanted to see the big blue sea, and one day"
    page.open("attention")
    page.type(text, delay_ms)
    page.page.wait_for_timeout(400)
    assert page.box.input_value() == page.shown_text() == page.frame()["text"] == text
    expected = engine.trace(text)
    assert [token["id"] for token in page.frame()["tokens"]] == [token.id for token in expected.tokens]
    assert page.chips()[-1] == expected.tokens[-1].text.replace(" ", "·")
    low, high = screen_percentages(page.candidates()[0][1])
    assert low <= 100 * softmax(expected.logits[0, -1]).max() <= high


COUNT_FRAMES = """() => {
  const { server } = cutaway.store;
  window.frames_asked = { all: 0, crowded: 0 };
  const waited = new Set();
  const frame = async (request) => {
    frames_asked.all += 1;
    if (request.instead_of !== undefined) waited.delete(request.instead_of);
    if (waited.size > 0) frames_asked.crowded += 1;
    waited.add(request.seq);
    const answer = await server.frame(request);
    waited.delete(request.seq);
    return answer;
  };
  cutaway.store.server = Object.create(server, { frame: { value: frame } });
}"""
"""Counts where the page asks: what a browser tells of its network comes in no fixed order.

A frame is crowded that is asked for while another is in flight which it does not take the place of.
"""


def test_at_most_one_frame_is_in_flight_that_is_waited_for(page: CutawayPage):
    page.page.evaluate(COUNT_FRAMES)
    page.type("the newest text wins, and no key is lost on the way", delay_ms=2)
    asked = page.page.evaluate("frames_asked")
    assert asked["all"] >= 2
    assert asked["crowded"] == 0


def test_a_key_in_the_middle_of_the_text_keeps_the_caret_there(page: CutawayPage):
    page.type("The dog ran")
    for _ in range(len(" ran")):
        page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.type("gy", delay=30)
    page.wait_for_picture_of("The doggy ran")
    assert page.box.evaluate("box => box.selectionStart") == len("The doggy")


@pytest.mark.parametrize("exhibit", WALK)
def test_a_frame_of_32_tokens_stays_below_150_kb(open_page: Pages, engine: Engine, exhibit: str):
    text = (
        "The little dog ran to the park because he wanted to play with his friend Tom and the red ball that his mom "
        "gave him on his birthday last week"
    )
    n_tokens = len(engine.trace(text).tokens)
    assert 30 <= n_tokens <= 34
    page = open_page(exhibit=exhibit, text=text)
    page.wait_for_picture_of(text)
    size = page.page.evaluate("frame => JSON.stringify(frame).length + window.cutaway.lastFrame.bytes", page.frame())
    assert 1_000 < size < 150_000


def test_an_address_opens_what_it_says(open_page: Pages):
    page = open_page(exhibit="sampling", text="Tom and", temperature="0.5", theme="blueprint")
    page.wait_for_picture_of("Tom and")
    page.exhibit("sampling")
    assert page.page.evaluate("document.documentElement.dataset.theme") == "blueprint"
    assert page.page.evaluate("window.cutaway.store.state.sampling.temperature") == 0.5


SETTLED = """async () => {
  const answers = () => performance.getEntriesByType("resource").length;
  for (let known = -1; known !== answers(); ) {
    known = answers();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}"""
"""Until nothing more has come for a while: what a pause brings is then drawn, and each part measured once."""


@pytest.mark.parametrize("exhibit", ["machine", "attention", "residual", "sampling"])
def test_a_key_makes_no_script_wait_for_a_layout(open_page: Pages, exhibit: str):
    """A layout in the middle of a drawing has a script on its stack; the one before the picture has none."""
    page = open_page(exhibit=exhibit, text="The little dog")
    page.exhibit(exhibit)
    page.box.press("End")
    page.page.evaluate(SETTLED)
    kinds = ["devtools.timeline", "disabled-by-default-devtools.timeline.stack"]
    open_page.browser.start_tracing(page=page.page, categories=kinds)
    page.page.keyboard.type(" ran to")
    page.wait_for_picture_of("The little dog ran to")
    events = json.loads(open_page.browser.stop_tracing())["traceEvents"]
    layouts = [event["args"].get("beginData", {}) for event in events if event["name"] == "Layout"]
    assert layouts
    assert [layout["stackTrace"][0] for layout in layouts if layout.get("stackTrace")] == []


def test_the_row_of_tokens_follows_the_end_of_a_long_text(open_page: Pages):
    page = open_page(width=800, exhibit="attention", text="word " * 30)
    ribbon = page.page.locator(".ribbon")
    page.wait_for_picture_of("word " * 30)
    page.box.press("End")
    page.page.keyboard.type("and so on")
    page.wait_for_picture_of("word " * 30 + "and so on")
    beyond, within = ribbon.evaluate("row => [row.scrollWidth - row.clientWidth, row.scrollLeft]")
    assert beyond > 100
    assert within == pytest.approx(beyond, abs=1)


NOTED = """() => {
  window.noted = [];
  const note = (owner, name, said) => {
    const real = owner[name];
    owner[name] = function (...given) {
      window.noted.push(said(given));
      return real.apply(this, given);
    };
  };
  note(history, "replaceState", () => "address");
  note(Element.prototype, "checkVisibility", () => "layout");
  note(performance, "mark", ([name]) => name.replace("cutaway:", ""));
}"""


def test_no_picture_waits_for_the_address_or_for_what_is_measured_of_the_layout(page: CutawayPage):
    page.page.evaluate(NOTED)
    page.type("The little dog", delay_ms=30)
    page.page.wait_for_function("['address', 'layout'].every((what) => noted.includes(what))")
    noted = page.page.evaluate("noted")
    last = len(noted) - 1 - noted[::-1].index("painted")
    assert noted[last - 1 : last + 1] == ["decoded", "painted"]
    is_asked = False
    for what in noted:
        is_asked = what == "sent" or (is_asked and what != "received")
        assert not (is_asked and what in ("address", "layout")), f"{what} while an answer was on its way"
