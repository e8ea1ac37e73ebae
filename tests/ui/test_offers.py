"""What can be pressed means the same beside every exhibit, and what scrolls keeps what is chosen in sight."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.page import CutawayPage, Pages

SHORT = "The little dog ran to the park because"
LONG = " ".join(["The little dog ran to the park because it was fun."] * 5)


def offered(page: CutawayPage, nth: int, name: str) -> Locator:
    """What a candidate of the column offers, once the pointer is on its row."""
    row = page.page.locator(".next .candidate").nth(nth)
    row.hover()
    return row.get_by_role("button", name=name)


def test_a_candidate_offers_to_be_added_and_to_be_taken_apart(open_page: Pages) -> None:
    page = open_page(exhibit="machine", text=SHORT)
    second = page.frame()["next"]["top"][1]
    offered(page, 1, "add").click()
    page.wait_for_picture_of(SHORT + second["text"])
    third = page.frame()["next"]["top"][2]["id"]
    page.page.locator(".next .candidate").first.focus()
    for key in ("ArrowDown", "ArrowDown", "Tab", "Tab", "Enter"):
        page.page.keyboard.press(key)
    page.exhibit("residual")
    page.page.wait_for_function("id => window.cutaway.lastFrame.residual?.target.id === id", arg=third)


def test_a_berts_candidate_is_put_in_where_it_was_asked_for(open_page: Pages) -> None:
    page = open_page(model="bert", exhibit="attention", text="The [MASK] ran home.", hidden="dog")
    token = page.candidates()[0][0]
    offered(page, 0, "put in").click()
    page.wait_for_picture_of(f"The {token} ran home.")
    assert page.page.evaluate("window.cutaway.store.state.hidden") is None


def test_a_row_keeps_the_chosen_token_in_sight_from_one_exhibit_to_the_next(open_page: Pages) -> None:
    page = open_page(width=1024, exhibit="attention", text=LONG, query="30")
    chosen = page.page.locator(".ribbon .chip.selected")
    expect(chosen).to_be_in_viewport()
    page.open("sampling")
    expect(chosen).to_be_in_viewport()


def test_a_draw_is_taken_back(open_page: Pages) -> None:
    page = open_page(exhibit="sampling", text=SHORT)
    root = page.exhibit("sampling")
    back, told = root.get_by_role("button", name="Take it back"), root.locator(".drawn")
    expect(back).to_be_disabled()
    root.get_by_role("button", name="Draw the next token").click()
    expect(told).to_contain_text(re.compile(r"^Drawn: .* The random number 0\.\d{4} fell into its part of the bar"))
    back.click()
    page.wait_for_picture_of(SHORT)
    expect(told).to_contain_text("Random number 1 of seed 0 decides")
    assert page.box.input_value() == SHORT


def test_a_link_to_the_calculator_opens_at_it(open_page: Pages) -> None:
    page = open_page(exhibit="cache", precision="int4")
    expect(page.exhibit("cache").locator(".published-head")).to_be_in_viewport()


def test_what_is_left_below_of_a_t5s_output_has_a_sign(open_page: Pages) -> None:
    page = open_page(width=390, height=844, model="t5", exhibit="attention", text=LONG)
    wrote = page.page.locator(".next .wrote")
    cut = wrote.evaluate("list => list.scrollHeight - list.clientHeight > 4")
    expect(wrote).to_have_class(re.compile(r"\bmore\b") if cut else re.compile(r"^wrote$"))
    wrote.evaluate("list => { list.style.height = '40px'; list.dispatchEvent(new Event('scroll')); }")
    expect(wrote).to_have_class(re.compile(r"\bmore\b"))
    wrote.evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(wrote).not_to_have_class(re.compile(r"\bmore\b"))


def column_offers(page: CutawayPage, family: str, nth: int, name: str) -> Locator:
    """What a candidate of one of the three columns offers, once the pointer is on its row."""
    row = page.page.locator(f'.trio-model[data-family="{family}"] .candidate').nth(nth)
    row.hover()
    return row.get_by_role("button", name=name)


def test_the_candidates_of_the_trio_are_put_in_where_each_stands(open_page: Pages) -> None:
    page = open_page(exhibit="trio", text="The [MASK] ran home because", hidden="dog")
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'trio'")
    word = page.frame()["trio"]["bert"]["next"]["top"][1]["text"]
    column_offers(page, "bert", 1, "put in").click()
    page.wait_for_picture_of(f"The {word} ran home because")
    assert page.page.evaluate("window.cutaway.store.state.hidden") is None
    goes_on = page.frame()["trio"]["gpt"]["next"]["top"][0]["text"]
    column_offers(page, "gpt", 0, "add").click()
    page.wait_for_picture_of(f"The {word} ran home because{goes_on}")
    expect(column_offers(page, "t5", 0, "add")).to_be_hidden()


@pytest.mark.parametrize(("family", "nth"), [("gpt", 1), ("bert", 1), ("t5", 0)])
def test_a_candidate_of_the_trio_is_taken_apart_in_its_own_model_where_it_spoke(
    open_page: Pages, family: str, nth: int
) -> None:
    text = "The little dog ran to the park because"
    page = open_page(
        exhibit="trio", text=text, query="3", task="sentiment", model="gpt" if family == "bert" else "bert"
    )
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'trio'")
    told = page.frame()["trio"][family]
    candidate = told["next"]["top"][nth]
    column_offers(page, family, nth, "take apart").click()
    page.exhibit("residual")
    page.wait_for_picture_of(told["read"])
    page.page.wait_for_function("window.cutaway.lastFrame.residual")
    frame = page.frame()
    assert (frame["model"], frame["residual"]["target"]["id"]) == (family, candidate["id"])
    assert frame["residual"]["depths"][-1]["probability"] == pytest.approx(candidate["probability"], abs=2e-6)
    read = {"gpt": text, "bert": text.replace("dog", "[MASK]"), "t5": f"sentiment: {text}"}
    assert told["read"] == read[family]
    assert page.page.evaluate("window.cutaway.store.state.hidden") == ("dog" if family == "bert" else None)
