"""The walk: the rail with its map, and the way on at the end of each exhibit."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import expect

from app.exhibits import WALK
from app.exhibits.registry import PLATES
from tests.ui.page import CutawayPage, Pages


def test_the_way_on_leads_through_all_exhibits_in_order(page: CutawayPage) -> None:
    for here, there in itertools.pairwise(WALK):
        on = page.exhibit(here).locator(".onward-walk .on")
        expect(on).to_contain_text(PLATES[there].TITLE)
        on.click()
        page.page.wait_for_function("name => window.cutaway.lastFrame?.exhibit === name", arg=there)
        expect(page.page).to_have_title(f"{PLATES[there].TITLE} · Cutaway")
    page.page.go_back()
    page.exhibit(WALK[-2]).locator(".onward-walk a", has_text="←").click()
    page.exhibit(WALK[-3])


@pytest.mark.parametrize("exhibit", [name for name in WALK if hasattr(PLATES[name], "MAP")])
def test_the_map_shows_where_one_is_and_leads_there(open_page: Pages, exhibit: str) -> None:
    page = open_page(exhibit="tokens" if exhibit == "machine" else "machine")
    part = page.page.locator(f'.map a[href="#exhibit={exhibit}"]')
    part.locator("path, rect, circle").first.dispatch_event("click")
    page.page.wait_for_function("name => window.cutaway.lastFrame?.exhibit === name", arg=exhibit)
    expect(page.page.locator(".map [aria-current]")).to_have_count(1)
    expect(part).to_have_attribute("aria-current", "page")
    expect(page.page.locator(f'.rail [data-to="{exhibit}"]')).to_have_attribute("aria-current", "page")


def test_a_narrow_page_has_no_map(open_page: Pages) -> None:
    page = open_page(width=390, height=844)
    expect(page.page.locator(".map")).to_be_hidden()
