"""The model picker: the family, then the model, with the pointer and with the keyboard."""

from __future__ import annotations

from urllib.parse import parse_qsl

from playwright.sync_api import expect

from app.engine import Engine
from model import zoo
from tests.ui.page import CutawayPage, Pages, screen_percentages, softmax

SENTENCE = "The little dog ran to the park because"


def test_a_family_brings_its_bundled_model(open_page: Pages, engine: Engine) -> None:
    page = open_page(text=SENTENCE, exhibit="attention")
    page.page.get_by_role("radio", name="BERT").click()
    page.page.wait_for_function("window.cutaway.lastFrame.model === 'bert'")
    expect(page.page.locator(".about b")).to_have_text("bert")
    trace = engine.trace(SENTENCE, "bert")
    low, high = screen_percentages(page.candidates()[0][1])
    position = page.frame()["position"]
    assert low <= 100 * softmax(trace.logits[0, position]).max() <= high
    page.page.get_by_role("radio", name="GPT").click()
    page.page.wait_for_function("window.cutaway.lastFrame.model === 'gpt'")


def test_the_menu_lists_what_is_here_and_what_the_hub_has_with_size_and_licence(page: CutawayPage) -> None:
    page.page.locator(".about").click()
    options = page.page.locator(".models [role=option]:visible")
    hub = [entry for entry in zoo.HUB if entry.family == "gpt"]
    bundled = [entry for entry in zoo.bundled() if entry.family == "gpt"]
    expect(options).to_have_count(len(hub) + len(bundled))
    for entry in hub:
        row = options.filter(has_text=entry.name)
        expect(row).to_contain_text(f"{entry.n_bytes / 1e6:,.0f} MB to fetch, {entry.licence}")
        expect(row).to_contain_text(f"{entry.n_parameters / 1e6:.1f} M")
    expect(options.filter(has_text="gpt-rope")).to_contain_text("on this machine")


def test_the_keyboard_chooses_a_model_and_escape_leaves_the_menu(page: CutawayPage) -> None:
    page.page.locator(".about").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.locator(".models .menu")).to_be_visible()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    page.page.wait_for_function("window.cutaway.lastFrame.model.startsWith('gpt-')")
    expect(page.page.locator(".models .menu")).to_be_hidden()
    expect(page.page.locator(".about")).to_be_focused()
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Escape")
    expect(page.page.locator(".models .menu")).to_be_hidden()


def test_a_menu_taller_than_the_window_can_be_read_to_its_end(open_page: Pages) -> None:
    page = open_page(height=500)
    page.page.locator(".about").click()
    options = page.page.locator(".models [role=option]:visible")
    expect(options.first).to_be_visible()  # the rows are drawn in the frame after the click, all at once
    expect(options.last).not_to_be_in_viewport()
    for _ in range(options.count()):
        page.page.keyboard.press("ArrowDown")
    expect(options.last).to_be_in_viewport(ratio=1)
    options.first.scroll_into_view_if_needed()
    expect(options.first).to_be_in_viewport(ratio=1)


def test_an_address_opens_a_model_by_its_name(open_page: Pages, engine: Engine) -> None:
    page = open_page(text=SENTENCE, model="gpt-nope", exhibit="sampling")
    page.page.wait_for_function("window.cutaway.lastFrame.model === 'gpt-nope'")
    assert [token["id"] for token in page.frame()["tokens"]] == [
        token.id for token in engine.trace(SENTENCE, "gpt-nope").tokens
    ]


def test_a_link_to_a_model_that_is_not_here_says_so_offers_to_fetch_it_and_leaves_the_address_alone(
    open_page: Pages,
) -> None:
    entry = next(entry for entry in zoo.HUB if entry.family == "gpt")
    page = open_page(exhibit="attention", model=entry.name, layer="11", text=SENTENCE)
    page.rest()
    note, address = page.page.locator(".away"), page.page.evaluate("location.hash")
    expect(note).to_contain_text(f"Not on this server: {entry.name}, which the link is to. What you see is gpt.")
    expect(note.get_by_role("button", name="Fetch it")).to_be_visible()
    assert dict(parse_qsl(address[1:]))["model"] == entry.name
    assert dict(parse_qsl(address[1:]))["layer"] == "11"
    page.paste("A cat")
    page.page.wait_for_function("location.hash.includes('A+cat')")
    assert dict(parse_qsl(page.page.evaluate("location.hash")[1:])) == dict(parse_qsl(address[1:])) | {"text": "A cat"}
    page.page.evaluate(  # it has come
        "name => { const { catalog } = cutaway.store; catalog.models[name] = catalog.models['gpt-nope'];"
        " cutaway.store.changed(); }",
        entry.name,
    )
    page.page.wait_for_function("name => cutaway.store.state.model === name", arg=entry.name)
    expect(note).to_be_hidden()


def test_who_chooses_another_model_has_left_the_link(open_page: Pages) -> None:
    page = open_page(exhibit="attention", model="somebody/else", text=SENTENCE)
    note = page.page.locator(".away")
    expect(note).to_be_visible()
    expect(note.get_by_role("button")).to_have_count(0)
    page.page.get_by_role("radio", name="BERT").click()
    page.page.wait_for_function("location.hash.includes('model=bert')")
    expect(note).to_be_hidden()
