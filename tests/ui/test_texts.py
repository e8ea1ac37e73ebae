"""Any text a person can bring gives a sensible picture or a clear message, and never runs."""

from __future__ import annotations

import pytest

from app.engine import Engine
from app.exhibits import WALK
from tests.ui.page import CutawayPage, Pages

MARKUP = '<script>window.ran = 1</script><img src="x" onerror="window.ran = 1"><b onmouseover="window.ran = 1">bold</b>'

TEXTS = {
    "empty": "",
    "one character": "a",
    "spaces and tabs": " \t  \t ",
    "line ends": "one\n\ntwo\n",
    "emoji": "a family 👨‍👩‍👧, a flag 🇫🇷 and a thumb 👍🏽",
    "right to left": "שלום עולם, مرحبا بالعالم",
    "Chinese": "你好，世界",
    "combining marks": "e\u0301 n\u0303 Z\u0351\u036b\u0343",
    "control characters": "a\x01\x07\x1b[31mb\x7f",
    "NUL": "before\x00after",
    "bidi overrides": "abc\u202edef\u2066ghi",
    "markup": MARKUP,
    "a special token in plain letters": "a<|endoftext|>b",
    "a template": "{{constructor.constructor('window.ran = 1')()}} ${1+1} {text}",
    "one long word": "a" * 300,
}


@pytest.mark.parametrize("exhibit", WALK)
def test_every_text_gets_its_picture_or_a_message(page: CutawayPage, engine: Engine, exhibit: str):
    page.open(exhibit)
    for name, text in TEXTS.items():
        page.paste(text)
        frame = page.frame()
        expected = engine.trace(text).tokens
        assert [token["id"] for token in frame["tokens"]] == [token.id for token in expected] or frame["notice"], name
        shown = page.page.locator(".next").is_visible()  # the trio says itself what comes next, three times over
        assert shown != (exhibit == "trio")
        assert len(page.candidates()) == (12 if shown else 0), name
        body = page.page.locator("body").inner_text()
        for alarm in ("Traceback", "undefined", "NaN", "[object"):
            assert alarm not in body, f"{name}: {alarm} on screen"
    assert page.page.evaluate("window.ran") is None


def test_markup_stays_text(page: CutawayPage):
    page.open("tokens")
    elements = page.page.evaluate("document.querySelectorAll('script, img, b[onmouseover]').length")
    page.paste(MARKUP)
    assert page.page.evaluate("document.querySelectorAll('script, img, b[onmouseover]').length") == elements
    assert page.page.evaluate("window.ran") is None
    shown = "".join(page.exhibit("tokens").locator(".pieces .chip:visible").all_inner_texts())
    assert "onerror" in shown


def test_markup_in_the_address_stays_text(open_page: Pages):
    page = open_page(text=MARKUP, exhibit="attention")
    page.wait_for_picture_of(MARKUP)
    assert page.page.evaluate("window.ran") is None
    assert page.box.input_value() == MARKUP


def test_ten_thousand_pasted_characters_are_clipped_where_one_can_see_it(page: CutawayPage, engine: Engine):
    page.open("attention")
    page.paste("The quick brown fox jumps over the lazy dog. " * 223)
    n_ctx = engine.trace("").config.n_ctx
    assert len(page.chips()) == n_ctx
    notice = page.page.locator(".notice")
    assert f"last {n_ctx - 1} tokens" in notice.inner_text()
    page.type("short again")
    assert notice.inner_text() == ""


def test_a_lone_surrogate_is_read_as_the_replacement_character(page: CutawayPage):
    page.box.evaluate("box => { box.value = 'a\\ud800b'; box.dispatchEvent(new Event('input', { bubbles: true })); }")
    page.wait_for_picture_of("a\ufffdb")


def test_the_page_recovers_after_the_server_was_away(open_page: Pages):
    """A request that fails leaves the last picture, says so beside the box, and the next key asks again."""
    page = open_page(exhibit="experts")  # which asks for nothing but frames
    page.type("The dog")
    page.page.route("**/frame", lambda route: route.abort())
    page.page.keyboard.type(" r")
    page.page.wait_for_function("document.querySelector('.notice').textContent !== ''")
    assert page.shown_text() == "The dog"
    page.page.unroute("**/frame")
    page.page.keyboard.type("an")
    page.wait_for_picture_of("The dog ran")
    assert page.page.locator(".notice").inner_text() == ""
    open_page.faults[:] = [fault for fault in open_page.faults if "Failed to" not in fault]  # the ones made here
