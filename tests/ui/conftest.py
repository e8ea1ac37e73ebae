"""The real page in a real browser: fixtures for a server, a browser, and pages that are watched for faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from app.engine import Engine
from tests.ui import chromium
from tests.ui.page import CutawayPage, Pages, Walk, context_of
from tests.ui.server import serve

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, and run it last: the quick tests should speak first."""
    ui = [item for item in items if HERE in item.path.parents]
    for item in ui:
        item.add_marker(pytest.mark.ui)
    items[:] = [item for item in items if item not in ui] + ui


@pytest.fixture(scope="package")
def engine() -> Engine:
    """The engine of this process: what the page shows must equal what it says."""
    return Engine()


@pytest.fixture(scope="package")
def url() -> Iterator[str]:
    """The address of a server that lives as long as the tests."""
    with serve() as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    """What the pages of `open_page` share."""
    return context_of(browser)


@pytest.fixture
def open_page(browser: Browser, url: str, context: BrowserContext) -> Iterator[Pages]:
    """`open_page(width=390, theme="blueprint", text="Hello")`."""
    pages = Pages(browser, url, context)
    yield pages
    pages.close()


@pytest.fixture(scope="module")
def _walked(browser: Browser, url: str) -> Iterator[tuple[Pages, Walk]]:
    pages = Pages(browser, url)
    yield pages, Walk(pages)
    pages.close()


@pytest.fixture
def walk(_walked: tuple[Pages, Walk]) -> Iterator[Walk]:
    """`walk("attention", "Hello", theme="blueprint")`: a page that the tests of a module share."""
    pages, walk = _walked
    yield walk
    pages.blame()


@pytest.fixture
def page(open_page: Pages) -> CutawayPage:
    """The page as it opens, at 1440 pixels."""
    return open_page()
