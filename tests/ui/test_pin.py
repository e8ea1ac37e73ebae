"""The pin: the difference since it was set, kept through the address."""

from __future__ import annotations

from playwright.sync_api import expect

from app.engine import Engine
from model import sampling
from tests.ui.page import CutawayPage, Pages

BEFORE, AFTER = (
    "Tom and Anna went to the park. Anna gave the ball to",
    "Tom and Anna went to the park. Tom gave the ball to",
)


def test_a_pinned_text_stays_beside_the_live_one_as_a_difference(page: CutawayPage, engine: Engine) -> None:
    page.type(BEFORE)
    page.page.get_by_role("button", name="Pin this").click()
    page.type(AFTER)
    kl = sampling.kl_bits(engine.trace(BEFORE).logits[0, -1], engine.trace(AFTER).logits[0, -1])
    expect(page.page.locator(".pinned .bits")).to_have_text(f"{kl:.3f} bits")
    expect(page.page.locator(".pinned .pinned-words")).to_contain_text("Anna gave the ball to”")
    page.page.get_by_role("button", name="Unpin").click()
    expect(page.page.locator(".pinned .bits")).not_to_be_visible()


def test_an_address_brings_the_pin_back(open_page: Pages) -> None:
    page = open_page(text=AFTER, pin=f"model=gpt&text={BEFORE}")
    expect(page.page.locator(".pinned button")).to_have_text("Unpin")
    expect(page.page.locator(".pinned .effect li.moved:visible").first).to_contain_text("Anna")
    page.page.wait_for_function("location.hash.includes('pin=model')")
