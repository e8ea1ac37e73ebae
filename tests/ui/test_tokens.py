"""The tokens exhibit: the ruler, every piece with its id and bytes, how words were cut, what languages cost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from app.engine import Engine
from model import tokenizers
from model.study.ruler import Axis, Rule
from model.tokenizers.languages import ARTICLE_1
from tests.ui.page import CutawayPage, Pages

TEXT = "unbelievable\ttabs, naïve cafés, 你好 and a 👨‍👩‍👧 family"
UNPACKED_MS = 90_000
"""All vocabularies are unpacked within, also on a machine that does other work besides."""


@pytest.fixture
def tokens(open_page: Pages) -> CutawayPage:
    page = open_page(exhibit="tokens", text=TEXT)
    page.wait_for_picture_of(TEXT)
    return page


@pytest.fixture
def unpacked(tokens: CutawayPage) -> CutawayPage:
    """The exhibit with every vocabulary there."""
    expect(root(tokens).locator(".row-label.waiting:visible")).to_have_count(0, timeout=UNPACKED_MS)
    expect(root(tokens).locator(".languages tbody tr:visible")).to_have_count(len(ARTICLE_1))
    return tokens


def root(page: CutawayPage) -> Locator:
    return page.exhibit("tokens")


def rule(name: str) -> Rule:
    vocabulary = next(one for one in tokenizers.available() if one.name == name)
    return Rule(tokenizers.load(tokenizers.read(vocabulary)))


def column(page: CutawayPage, name: str) -> list[str]:
    """One row of the pieces: "id", "bytes" or "chip"."""
    return root(page).locator(f".pieces > :visible .{name}").all_inner_texts()


def numbers(page: CutawayPage, name: str) -> dict[str, str]:
    """A column of the table by the label of the row."""
    cells: dict[str, str] = (
        root(page)
        .locator(".vocabularies tbody tr")
        .evaluate_all(
            """(rows, name) => Object.fromEntries(rows.filter((row) => !row.hidden)
            .map((row) => [row.firstElementChild.textContent, row.querySelector(`td.${name}`).textContent]))""",
            name,
        )
    )
    return cells


def written(page: CutawayPage, what: str) -> Locator:
    return root(page).locator(f'[data-piece="{what}"]')


def test_the_pieces_have_the_ids_of_the_tokens_and_all_bytes_of_the_text(tokens: CutawayPage, engine: Engine):
    """Nothing is lost and nothing is invented: tabs, accents, CJK and the parts of an emoji are all accounted for."""
    assert [int(id.replace(",", "")) for id in column(tokens, "id")] == [t.id for t in engine.trace(TEXT).tokens]
    pieces = [bytes.fromhex(piece) for piece in column(tokens, "bytes") if piece != "none"]
    assert b"".join(pieces).decode("utf-8") == TEXT
    shown = zip(column(tokens, "chip"), engine.trace(TEXT).tokens, strict=True)
    whole = "".join(chip for chip, token in shown if not token.special and "\ufffd" not in token.text)
    assert whole.startswith("unbelievable⇥tabs,·na")
    assert not set(whole) & set(" \t")


def test_a_clicked_piece_tells_its_place_in_the_text(tokens: CutawayPage, engine: Engine):
    index, token = next(
        (index, token) for index, token in enumerate(engine.trace(TEXT).tokens) if "ï" in TEXT[token.start : token.end]
    )
    root(tokens).locator(".pieces > :visible .chip").nth(index).click()
    expect(written(tokens, "position")).to_have_text(str(index))
    expect(written(tokens, "id")).to_have_text(f"{token.id:,}")
    expect(written(tokens, "span")).to_have_text(f"{token.start} to {token.end}")
    expect(written(tokens, "points")).to_contain_text("U+00EF")


def test_every_vocabulary_counts_what_it_cuts(unpacked: CutawayPage, engine: Engine):
    axis = Axis(TEXT)
    counts, lost, returns = (numbers(unpacked, name) for name in ("tokens", "lost", "returns"))
    assert len(counts) == len(tokenizers.available())
    for vocabulary in tokenizers.available():
        if vocabulary.name in ("Qwen/Qwen2-VL-7B-Instruct", "Xenova/gpt-4"):
            continue  # slow to unpack once more; tests of the frame hold every row against its vocabulary
        ruled = rule(vocabulary.name)
        cut = ruled.cut(axis)
        assert counts[vocabulary.label] == f"{len(cut.ids):,}", vocabulary.name
        assert lost[vocabulary.label] == str(ruled.lost(axis, cut)), vocabulary.name
        assert (returns[vocabulary.label] == "exactly") is cut.returns, vocabulary.name


def test_another_row_is_walked_with_the_keyboard_alone(unpacked: CutawayPage):
    page, scroller = unpacked.page, root(unpacked).locator(".ruler-scroll")
    scroller.focus()
    page.keyboard.press("Home")
    expect(scroller).to_have_attribute("aria-label", re.compile(r"^Cutaway GPT: token 1 of \d+, un"))
    names = [one.label for one in tokenizers.available()]
    for name in names[1 : names.index("GPT-2") + 1]:
        page.keyboard.press("ArrowDown")
        expect(root(unpacked).locator('.row-name[aria-checked="true"]')).to_have_text(name)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    cut = rule("openai-community/gpt2").cut(Axis(TEXT))
    expect(written(unpacked, "vocabulary")).to_have_text("GPT-2")
    expect(written(unpacked, "id")).to_have_text(f"{cut.ids[1]:,}")
    expect(scroller).to_have_attribute("aria-label", re.compile(f"^GPT-2: token 2 of {len(cut.ids)},"))


def test_a_word_is_cut_step_by_step(open_page: Pages, engine: Engine):
    page = open_page(exhibit="tokens", text="a dog")
    steps = root(page).locator(".cutting .step:visible")
    expect(steps.last.locator(".row-chips")).to_have_text("·dog")
    assert steps.first.locator(".chip:visible").all_inner_texts() == ["·", "d", "o", "g"]
    slider = root(page).get_by_role("slider", name="Step")
    slider.focus()
    page.page.keyboard.press("Home")
    expect(steps.nth(1)).to_have_class("step ahead")
    page.page.keyboard.press("ArrowRight")
    expect(steps.nth(1)).to_have_class("step now")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^step 1 of 3: rank "))


def test_languages_cost_what_each_vocabulary_counts(unpacked: CutawayPage):
    table = root(unpacked).locator(".languages")
    labels = table.locator("thead th:visible").all_inner_texts()
    at = labels.index("GPT-2")
    of = rule("openai-community/gpt2")
    cells = table.locator("tbody tr").evaluate_all("(rows, at) => rows.map((row) => row.children[at].textContent)", at)
    assert cells == [f"{len(of.cut(Axis(one.text)).ids):,}" for one in ARTICLE_1]


def test_a_name_that_cannot_be_had_is_said_and_the_rows_stay(unpacked: CutawayPage):
    before = root(unpacked).locator(".row-label:visible").count()
    root(unpacked).get_by_role("textbox").fill("owner/vocabulary")
    unpacked.page.keyboard.press("Enter")
    expect(root(unpacked).locator(".said")).to_contain_text("is not in the cache, and the hub is out of reach")
    expect(root(unpacked).locator(".row-label:visible")).to_have_count(before)
    root(unpacked).get_by_role("textbox").fill("nonsense")
    root(unpacked).get_by_role("button", name="Add", exact=True).click()
    expect(root(unpacked).locator(".said")).to_contain_text("'nonsense' is no name on the hub")


def test_ten_thousand_characters_are_counted_and_the_end_is_shown(tokens: CutawayPage):
    text = "The quick brown fox. " * 476
    tokens.paste(text)
    expect(root(tokens).locator(".ruler-words")).to_contain_text("The rows show the text from character 9,")
    tokens.type("short again")
    expect(root(tokens).locator(".ruler-words")).to_contain_text("11 characters, 11 bytes")


def test_the_selected_piece_is_the_one_whose_prediction_is_read(open_page: Pages, engine: Engine):
    """A BERT's sequence ends in a special token; selected is, as in all exhibits, the last word before it."""
    text = "Tom saw an unbelievable"
    page = open_page(exhibit="tokens", text=text, model="bert")
    page.wait_for_picture_of(text)
    position = page.frame()["position"]
    token = engine.trace(text, model="bert").tokens[position]
    assert position == len(page.frame()["tokens"]) - 2
    expect(root(page).locator('[data-piece="id"]')).to_have_text(f"{token.id:,}")
    expect(root(page).locator(".cutting h2 bdi")).to_have_text("unbelievable")


def test_the_end_of_many_merges_is_in_sight(open_page: Pages):
    text = "The little dog ran to the park because"
    page = open_page(exhibit="tokens", text=text)
    page.wait_for_picture_of(text)
    last = root(page).locator(".cutting .step.now")
    expect(last.locator(".chip:visible")).to_have_text(["·because"])
    inside, steps = last.bounding_box(), root(page).locator(".cutting ol").bounding_box()
    assert inside is not None
    assert steps is not None
    assert steps["y"] - 1 <= inside["y"]
    assert inside["y"] + inside["height"] <= steps["y"] + steps["height"] + 1
