"""The guide: each step reaches its state with its focus in light, keys and buttons lead on, closing gives all back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from app.exhibits import WALK
from tests.ui.page import CutawayPage, Pages

TEXT = "The little dog ran to the park because"
STEP = """([walk, at]) => {
  const { store } = window.cutaway;
  const steps = (walk === "follow" ? store.catalog.follow : store.catalog.steps[walk]).filter(
    ({ families, feed, trait }) => {
      const model = store.catalog.models[store.state.model];
      const fed = !feed || (feed === "experts") === Boolean(model.experts);
      return families.includes(model.family) && fed && (!trait || model.traits.includes(trait));
    },
  );
  const { exhibit, focus, state } = steps[at];
  const root = document.querySelector(`[data-exhibit="${exhibit}"]`);
  const seen = (one) => [...root.querySelectorAll(one), ...document.querySelectorAll(`.shell ${one}`)].some((node) => {
    const { top, bottom, width, height } = node.getBoundingClientRect();
    return node.checkVisibility() && width > 0 && height > 0 && bottom > 90 && top < innerHeight - 100;
  });
  const { find, sampling, interventions, ...plain } = state;
  return {
    count: steps.length,
    exhibit: [store.state.exhibit, exhibit],
    unseen: focus.split(",").filter((one) => !seen(one.trim())),
    unknown: Object.keys(state).filter((name) => name !== "find" && !(name in store.state)),
    unset: Object.keys(plain).filter((name) => plain[name] !== store.state[name]),
    unsampled: Object.keys(sampling ?? {}).filter((name) => sampling[name] !== store.state.sampling[name]),
    wanted: store.wanted !== null,
    mask: [store.state.interventions.mask ?? null, interventions?.mask ?? store.state.interventions.mask ?? null],
    says: document.querySelector(".guide-says").textContent,
  };
}"""
ADDRESS = "window.cutaway.store.address()"


def settled(page: CutawayPage, at: int) -> None:
    page.page.wait_for_function("at => document.querySelector('.veil').dataset.step === String(at)", arg=at)
    page.page.wait_for_function("() => window.cutaway.store.wanted === null && !window.cutaway.store.inFlight")


def through(page: CutawayPage, walk: str) -> int:
    """Walks with the key to the end and out; gives how many steps there were."""
    before = page.page.evaluate(ADDRESS)
    page.page.locator(f'.exhibit:not([hidden]) [data-guide="{walk}"]').click()
    at, said = 0, set()
    while True:
        settled(page, at)
        step: dict[str, Any] = page.page.evaluate(STEP, [walk, at])
        assert step["exhibit"][0] == step["exhibit"][1]
        assert not step["unseen"] + step["unknown"] + step["unset"] + step["unsampled"], f"{walk} {at}: {step}"
        assert not step["wanted"]
        assert step["mask"][0] == step["mask"][1]
        assert "{" not in step["says"]
        said.add(step["says"])
        at += 1
        page.page.keyboard.press("ArrowRight")
        if at == step["count"]:
            break
    expect(page.page.locator(".guide")).to_be_hidden()
    page.page.wait_for_function("address => window.cutaway.store.address() === address", arg=before)
    assert len(said) == at
    return at


@pytest.mark.parametrize("model", ["gpt", "bert", "t5"])
def test_every_step_of_every_exhibit_reaches_its_state_and_shows_its_focus(open_page: Pages, model: str):
    page = open_page(model=model, text=TEXT)
    page.wait_for_picture_of(TEXT)
    assert through(page, "follow") == 5
    for exhibit in WALK:
        page.open(exhibit)
        if page.page.locator(f'.exhibit:not([hidden]) [data-guide="{exhibit}"]').is_visible():
            assert 4 <= through(page, exhibit) <= 8


def test_a_first_visitor_is_led_with_keys_on_the_text_and_token_of_their_own(open_page: Pages):
    page = open_page(exhibit="attention", text="Tom saw a red fox", query="4", layer="2", head="3", view="lines")
    expect(page.page.get_by_text("New here?").locator("visible=true")).to_have_count(1)
    before = page.page.evaluate(ADDRESS)
    page.page.get_by_role("button", name="Follow one word").locator("visible=true").click()
    settled(page, 0)
    guide = page.page.get_by_role("region", name="Follow one word")
    expect(guide).to_be_focused()
    expect(guide.get_by_role("status")).to_contain_text("Follow “red”")
    expect(guide.get_by_role("button", name="Back")).to_be_disabled()
    page.page.keyboard.press("ArrowRight")
    settled(page, 1)
    guide.get_by_role("button", name="Next").click()
    settled(page, 2)
    page.page.keyboard.press("ArrowLeft")
    settled(page, 1)
    page.box.focus()
    page.page.keyboard.type(" run")  # the text that stands in the box is the one that is shown
    page.page.keyboard.press("ArrowLeft")
    settled(page, 1)
    page.page.keyboard.press("Backspace")
    page.page.keyboard.press("Escape")
    expect(guide).to_be_hidden()
    after = page.page.evaluate(ADDRESS)
    assert after.replace("+run", "").replace("+rn", "") == before
    expect(page.page.get_by_role("button", name="Follow one word").locator("visible=true")).to_be_focused()
    expect(page.page.get_by_text("New here?").locator("visible=true")).to_have_count(0)


def test_a_step_into_another_exhibit_by_hand_ends_the_walk_there(open_page: Pages):
    page = open_page(exhibit="sampling", text=TEXT)
    page.page.locator('[data-exhibit="sampling"] [data-guide="sampling"]').click()
    for at in range(3):
        settled(page, at)
        page.page.keyboard.press("ArrowRight")
    settled(page, 3)
    assert page.page.evaluate("window.cutaway.store.state.sampling.top_p") < 1
    page.open("tokens")
    expect(page.page.locator(".guide")).to_be_hidden()
    assert page.page.evaluate("window.cutaway.store.state.sampling.top_p") == 1


def test_a_link_to_a_step_opens_the_exhibit_there_and_the_address_says_where_the_guide_stands(open_page: Pages):
    page = open_page(exhibit="sampling", text=TEXT, step="4")
    settled(page, 3)
    expect(page.page.locator(".guide-place")).to_have_text("Show me · 4 of 8 · Sampling")
    assert page.page.evaluate("window.cutaway.store.state.sampling.top_p") < 1
    page.page.keyboard.press("ArrowRight")
    settled(page, 4)
    page.page.wait_for_function("location.hash.includes('&step=5')")
    page.page.evaluate("location.hash = location.hash.replace('step=5', 'step=99')")
    settled(page, 7)
    page.page.keyboard.press("Escape")
    page.page.wait_for_function("!location.hash.includes('step')")
    assert "top_p" not in page.page.evaluate(ADDRESS)


def test_a_page_that_is_driven_from_outside_goes_to_each_step_in_turn(open_page: Pages):
    page = open_page(exhibit="tokens", text=TEXT).page
    says = page.evaluate("window.cutaway.page.steps()")
    assert len(says) == 6
    for at in (5, 2):
        reached = page.evaluate(
            """async (n) => {
              const { foci, ...rest } = await window.cutaway.page.toStep(n);
              return { ...rest, seen: foci.map(([node]) => node.className) };
            }""",
            at,
        )
        assert (reached["at"], reached["of"], reached["says"]) == (at, 6, says[at])
    assert reached["seen"] == ["pieces-side"]
