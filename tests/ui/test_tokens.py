"""The tokens exhibit: every piece with its id and bytes, none of them lost."""

from __future__ import annotations

import pytest

from app.engine import Engine
from tests.ui.page import CutawayPage, Pages

TEXT = "unbelievable\ttabs, naïve cafés, 你好 and a 👨‍👩‍👧 family"


@pytest.fixture
def tokens(open_page: Pages) -> CutawayPage:
    page = open_page(exhibit="tokens", text=TEXT)
    page.wait_for_picture_of(TEXT)
    return page


def column(page: CutawayPage, name: str) -> list[str]:
    """One row of the ruler: "id", "bytes" or "chip"."""
    return page.exhibit("tokens").locator(f".ruler > :visible .{name}").all_inner_texts()


def written(page: CutawayPage, what: str) -> str:
    return page.exhibit("tokens").locator(f'[data-piece="{what}"]').inner_text()


def test_ids_are_those_of_the_tokenizer(tokens: CutawayPage, engine: Engine):
    expected = [token.id for token in engine.trace(TEXT).tokens]
    assert [int(id.replace(",", "")) for id in column(tokens, "id")] == expected


def test_the_bytes_of_all_pieces_are_the_bytes_of_the_text(tokens: CutawayPage):
    """Nothing is lost and nothing is invented: tabs, accents, CJK and the parts of an emoji are all accounted for."""
    pieces = [bytes.fromhex(piece) for piece in column(tokens, "bytes") if piece != "none"]
    assert b"".join(pieces).decode("utf-8") == TEXT


def test_spaces_and_tabs_can_be_seen(tokens: CutawayPage, engine: Engine):
    pieces = zip(column(tokens, "chip"), engine.trace(TEXT).tokens, strict=True)
    shown = "".join(chip for chip, token in pieces if not token.special and "\ufffd" not in token.text)
    assert shown.startswith("unbelievable⇥tabs,·na")
    assert " " not in shown
    assert "\t" not in shown


def test_the_sums_count_tokens_characters_and_bytes(tokens: CutawayPage, engine: Engine):
    trace = engine.trace(TEXT)
    sums = {
        name: tokens.exhibit("tokens").locator(f'[data-sum="{name}"]').inner_text()
        for name in ("tokens", "characters", "bytes", "vocabulary")
    }
    assert sums == {
        "tokens": str(len(trace.tokens)),
        "characters": str(len(TEXT)),
        "bytes": str(len(TEXT.encode())),
        "vocabulary": f"{trace.config.d_vocab:,}",
    }


def test_a_clicked_piece_tells_its_place_in_the_text(tokens: CutawayPage, engine: Engine):
    index, token = next(
        (index, token) for index, token in enumerate(engine.trace(TEXT).tokens) if "ï" in TEXT[token.start : token.end]
    )
    tokens.exhibit("tokens").locator(".ruler > :visible .chip").nth(index).click()
    tokens.page.wait_for_function(
        "index => document.querySelector('[data-piece=position]').textContent === String(index)", arg=index
    )
    assert written(tokens, "id") == f"{token.id:,}"
    assert written(tokens, "span") == f"{token.start} to {token.end}"
    assert "U+00EF" in written(tokens, "points")


def test_the_arrow_keys_walk_along_the_pieces(tokens: CutawayPage):
    tokens.exhibit("tokens").locator(".ruler").focus()
    tokens.page.keyboard.press("Home")
    tokens.page.keyboard.press("ArrowRight")
    tokens.page.keyboard.press("ArrowRight")
    tokens.page.wait_for_function("document.querySelector('[data-piece=position]').textContent === '2'")
    assert tokens.exhibit("tokens").locator(".ruler .chip.selected").count() == 1
