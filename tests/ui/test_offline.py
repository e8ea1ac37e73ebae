"""Cutaway works with no network at all: page and server reach nobody but each other. And serving needs no torch."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.exhibits import WALK
from tests.ui.page import Pages
from tests.ui.server import serve

LOOPBACK = ("127.0.0.1", "::1", "localhost", "None", "0.0.0.0")


@pytest.fixture(scope="module")
def events(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a server did on the network, and whether it imported torch, while all that the page offers was used."""
    log: Path = tmp_path_factory.mktemp("audit") / "events"
    with serve(("-m", "tests.ui.audited", str(log))) as url:
        pages = Pages(browser, url)
        page = pages()
        for exhibit in WALK:
            page.open(exhibit)
            page.type(f"The little dog saw {exhibit}")
        page.open("sampling").locator(".draw").click()
        page.page.wait_for_function("window.cutaway.store.drawn !== null")
        page.open("attention")
        page.page.wait_for_function("window.cutaway.store.cell?.probability > 0")
        pages.close()
    return log.read_text(encoding="utf-8").splitlines()


def test_the_server_reaches_for_no_other_host(events: list[str]):
    reached = {event.split()[-1] for event in events if not event.startswith("import")}
    assert reached, "nothing was heard, not even the server's own loopback connections"
    assert reached <= set(LOOPBACK)


def test_serving_never_imports_torch(events: list[str]):
    imports = {event for event in events if event.startswith("import")}
    assert imports == {"import gradio"}


def test_the_page_asks_only_its_own_server(open_page: Pages):
    """`Pages` notes every request to elsewhere; here the requests are counted, so that it cannot pass unseen."""
    page = open_page()
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.page.reload()
    page.page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
    page.page.wait_for_timeout(1500)
    assert any(".woff2" in url for url in asked), "fonts come from the page's own server"
    assert any("component_server" in url for url in asked)


def test_the_plain_modules_show_what_the_built_script_shows(
    browser: Browser, open_page: Pages, monkeypatch: pytest.MonkeyPatch
):
    built = open_page(text="The old dog sat", exhibit="attention", layer="3", head="2")
    monkeypatch.setenv("CUTAWAY_SOURCES", "1")
    with serve() as url:
        plain = open_page(url=url, text="The old dog sat", exhibit="attention", layer="3", head="2")
        for shown in (built, plain):
            shown.rest()  # the steps to the open cell have come
        loaded = [
            shown.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
            for shown in (built, plain)
        ]
        assert [any(name.endswith("js/state/store.js") for name in names) for names in loaded] == [False, True]
        assert plain.candidates() == built.candidates()
        assert plain.chips() == built.chips()
        page = [shown.exhibit("attention").inner_text() for shown in (built, plain)]
        assert page[0] == page[1]
