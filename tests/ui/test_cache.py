"""The cache exhibit: what is on screen against the trace, the formula and the server's own clock."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from app.engine import Engine
from tests.ui.page import CutawayPage, Pages
from tests.ui.test_keyboard import tab_to

SENTENCE = "The little dog ran to the park because"
TASK = "translate English to German: The house is small and the man is here."


def open_cache(open_page: Pages, text: str = SENTENCE, **address: str) -> tuple[CutawayPage, Locator]:
    page = open_page(1440, 900, exhibit="cache", text=text, **address)
    page.wait_for_picture_of(text)
    return page, page.exhibit("cache")


def written(value: float, digits: int = 2) -> str:
    """A number as the page writes it."""
    return f"{value:.{digits}f}".replace("-", "\u2212")


def test_the_arrow_keys_read_the_numbers_of_the_trace(open_page: Pages, engine: Engine) -> None:
    page, cache = open_cache(open_page, layer="3", head="5")
    keys, values = engine.trace(SENTENCE).cache(2)
    expect(cache.locator(".own h2")).to_have_text("Layer 3, KV head 2 of 2")
    cache.locator(".own canvas").focus()
    for token, number, press in ((8, 0, "ArrowRight"), (7, 0, "ArrowLeft"), (7, 1, "ArrowDown")):
        page.page.keyboard.press(press)
        key, value = (written(float(tensor[token, 1, number])) for tensor in (keys, values))
        expect(cache.locator(".own figcaption p")).to_contain_text(
            f"number {number + 1} of 32: key {key}, value {value}"
        )


def test_the_bytes_on_screen_are_those_of_the_real_tensors(open_page: Pages, engine: Engine) -> None:
    _, cache = open_cache(open_page)
    trace = engine.trace(SENTENCE)
    held = sum(tensor.nbytes for layer in range(trace.config.n_layers) for tensor in trace.cache(layer))
    expect(cache.locator(".memory .words")).to_contain_text(f"bytes = {held:,}; the tensors hold {held:,} bytes.")
    own = cache.locator(".variant.own")
    expect(own.locator(".name")).to_have_text("GQA")
    expect(own.locator(".bytes")).to_have_text(re.compile(rf"{held / 1024:.1f}.KiB"))
    expect(cache.locator(".variant").first.locator(".bytes")).to_have_text(re.compile(rf"{3 * held / 1024:.1f}.KiB"))


def test_the_clock_shows_what_the_server_measured(open_page: Pages) -> None:
    _, cache = open_cache(open_page)
    expect(cache.locator(".with dd")).to_have_text(re.compile(r"^[\d.]+ ms$"), timeout=30_000)
    expect(cache.locator(".without dd")).to_have_text(re.compile(r"^[\d.]+ ms$"))
    expect(cache.locator(".same dd")).to_have_text(re.compile(r"^(\d\.\d · 10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+|0\.0e\+0)$"))
    expect(cache.locator(".stopwatch .words")).to_contain_text("on the server (")


def test_a_step_with_the_keyboard_adds_a_column_of_the_longer_text(open_page: Pages, engine: Engine) -> None:
    page, cache = open_cache(open_page, seed="3")
    page.box.focus()
    tab_to(page, "Next token")
    page.page.keyboard.press("Enter")
    page.page.wait_for_function("text => document.documentElement.dataset.frameText.length > text.length", arg=SENTENCE)
    text = page.shown_text()
    n_tokens = len(engine.trace(text).tokens)
    expect(cache.locator(".own canvas")).to_have_attribute("aria-label", re.compile(f"^keys and values of {n_tokens} "))
    shown = page.page.evaluate("Array.from(window.cutaway.lastFrame.arrays.cache_keys.slice(-32))")
    assert [round(value, 3) for value in shown] == [
        round(value, 3) for value in engine.trace(text).cache(0)[0][-1, 0].tolist()
    ]


def test_a_t5_fills_its_self_cache_and_keeps_its_cross_cache(open_page: Pages, engine: Engine) -> None:
    _, cache = open_cache(open_page, model="t5", text=TASK)
    n_read = len(engine.trace(TASK, "t5").tokens)
    own, cross = cache.locator(".own canvas"), cache.locator(".cross canvas")
    expect(own).to_have_attribute("aria-label", re.compile("^keys and values of 1 token "))
    expect(cross).to_have_attribute("aria-label", re.compile(f"^keys and values of all that was read, {n_read} tokens"))
    cache.get_by_role("button", name="Next token").click()
    expect(own).to_have_attribute("aria-label", re.compile("^keys and values of 2 tokens "))
    expect(cross).to_have_attribute("aria-label", re.compile(f"^keys and values of all that was read, {n_read} tokens"))


def test_bert_has_no_cache_and_says_why(open_page: Pages) -> None:
    _, cache = open_cache(open_page, model="bert")
    expect(cache.locator(".absent")).to_contain_text("BERT has no cache: it reads the whole text at once")
    expect(cache.locator(".picture")).to_be_hidden()


def test_the_calculator_holds_what_the_formula_gives(open_page: Pages) -> None:
    page, cache = open_cache(open_page, context="131072", batch="4", precision="int8")
    row = cache.locator(".published-row", has_text="Llama 3 70B")
    gib = 4 * 2 * 80 * 8 * 128 * 131_072 / 2**30
    expect(row.locator(".bytes b")).to_have_text(re.compile(rf"^{gib:.1f}.GiB$"))
    expect(row.locator(".sum span")).to_have_text("2 · 80 · 8 · 128 · 131,072 · 4 · 1")
    expect(row.locator(".mha")).to_have_text(re.compile(r"^640.GiB$"))
    expect(cache.locator(".bar-scale")).to_have_text(re.compile(r"^holds; a full bar: 126.GiB(; outline: before)?$"))
    cache.get_by_role("radio", name="fp16, bf16").click()
    expect(row.locator(".bytes b")).to_have_text(re.compile(rf"^{2 * gib:.0f}.GiB$|^{2 * gib:.1f}.GiB$"))
    cache.get_by_label("texts at once").focus()
    page.page.keyboard.press("ArrowLeft")
    expect(row.locator(".bytes b")).to_have_text(re.compile(rf"^{gib:.1f}.GiB$"))
    expect(cache.locator(".published-row", has_text="DeepSeek-V3").locator(".sum span")).to_contain_text("(512 + 64)")
