"""The page in a browser behind the door: under its policy, under a path, and with yesterday's files in the cache."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from app.exhibits import WALK
from app.page import assets, shell
from tests.ui.page import Pages
from tests.ui.proxy import proxy
from tests.ui.server import ROOT, free_port, serve

FRONT = "/cutaway"


def test_all_that_the_page_does_is_allowed_by_its_policy(open_page: Pages):
    """`Pages` fails on any message in the console, and the browser writes one for all that a policy stops."""
    page = open_page(exhibit="cache")
    page.page.evaluate("""() => {
        window.stopped = [];
        addEventListener("securitypolicyviolation", (event) => window.stopped.push(event.effectiveDirective));
    }""")
    page.page.locator(".open-large:visible").first.click()
    page.page.locator(".chart-large .main-svg").first.wait_for()
    for kind in ("svg", "png", "csv"):
        with page.page.expect_download() as download:
            page.page.locator(f'.chart-large [data-does="{kind}"]').click()
        assert download.value.path().stat().st_size > 500
    page.page.locator(".chart-large .close").click()
    page.type("The dog")
    stopped = page.page.evaluate("window.stopped")
    assert stopped == []


def test_the_policy_stops_what_is_not_ours(open_page: Pages):
    """The ear of the test above works: what an injected text could try is stopped, and heard."""
    page = open_page()
    heard = page.page.evaluate("""async () => {
        const heard = [];
        addEventListener("securitypolicyviolation", (event) => heard.push(event.effectiveDirective));
        const made = (name, set) => document.body.append(Object.assign(document.createElement(name), set));
        made("script", { textContent: "window.injected = true" });
        made("img", { src: "https://example.invalid/a.png" });
        made("div", { innerHTML: '<img src="data:," onerror="window.injected = true">' });
        await fetch("https://example.invalid/").catch(() => null);
        await new Promise((done) => setTimeout(done, 300));
        return [window.injected === undefined, ...new Set(heard)];
    }""")
    assert heard[0] is True
    assert {"script-src-elem", "img-src", "script-src-attr", "connect-src"} <= set(heard)
    open_page.faults.clear()


@pytest.fixture(scope="module")
def under_a_path() -> Iterator[str]:
    with serve(settings={"GRADIO_ROOT_PATH": FRONT}) as url:
        yield url


@pytest.mark.parametrize("strip", [True, False])
def test_the_page_comes_up_under_a_path(browser: Browser, under_a_path: str, strip: bool):
    pages = Pages(browser, under_a_path)
    with proxy(under_a_path, FRONT, strip) as url:
        page = pages(url=url)
        page.type("The little dog")
        page.open("attention")
        addresses = page.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        pages.close()
    assert len(addresses) > 20
    assert all(address.startswith(url) for address in addresses)


@pytest.fixture(scope="module")
def built() -> Iterator[str]:
    """The address of a server of the built files: plain modules are asked for anew each time, and come all together."""
    with serve(settings={assets.SOURCES_VARIABLE: ""}) as url:
        yield url


def test_a_second_visit_asks_only_whether_the_page_is_still_the_same(open_page: Pages, built: str):
    page = open_page(url=built)
    page.rest()  # what the first picture does without has come
    asked: list[tuple[str, int]] = []
    page.page.on("response", lambda response: asked.append((response.url, response.status)))
    page.page.goto("about:blank")
    page.page.goto(built)
    page.page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
    sizes = page.page.evaluate("""performance.getEntriesByType("resource")
        .filter(({ name }) => /\\/(v|assets)\\//.test(name)).map(({ transferSize }) => transferSize)""")
    assert len(sizes) > 30
    assert set(sizes) == {0}
    assert (built, 304) in asked or (built, 200) in asked


def test_the_open_exhibit_comes_before_its_picture_and_the_others_behind_it(open_page: Pages, built: str):
    page = open_page(url=built, exhibit="tokens")
    page.rest()
    asked: list[tuple[str, bool]] = page.page.evaluate("""() => {
        const [{ startTime: painted }] = performance.getEntriesByName("cutaway:painted");
        return performance.getEntriesByType("resource")
            .filter(({ name }) => /exhibits\\/\\w+\\/index.js/.test(name))
            .map(({ name, startTime }) => [/exhibits\\/(\\w+)/.exec(name)[1], startTime < painted]);
    }""")
    assert dict(asked) == {name: name == "tokens" for name in WALK}
    assert len(asked) == len(WALK)
    page.open("attention")


def test_who_was_here_before_gets_the_new_version(browser: Browser, tmp_path: Path):
    """At the same address, with the old scripts in the browser's cache; and a page that stayed open goes on."""
    for place in ("app", "static"):
        shutil.copytree(ROOT / place, tmp_path / place)
    for place in ("export", "model"):
        (tmp_path / place).symlink_to(ROOT / place)
    script, port = tmp_path / "static" / assets.BUILT / "js" / "main.js", free_port()
    settings = {assets.SOURCES_VARIABLE: "", "PYTHONPATH": str(tmp_path)}
    with serve(root=tmp_path, settings=settings, port=port) as url:
        pages = Pages(browser, url)
        before = pages(exhibit="experts")
        before.rest()  # all exhibits are there
    script.write_text(script.read_text() + "window.isNew = true;")
    with serve(root=tmp_path, settings=settings, port=port):
        assert pages(exhibit="experts").page.evaluate("window.isNew") is True
        before.type("The dog")
        assert before.page.evaluate("window.isNew") is None
        pages.close()


def not_reached(route: Route) -> None:
    route.abort()


def test_an_exhibit_whose_script_does_not_come_says_so_and_is_asked_for_again(
    open_page: Pages, context: BrowserContext, built: str
):
    script = "**/exhibits/tokens/index.js*"
    context.route(script, not_reached)
    page = open_page(url=built)
    page.page.locator('[data-to="tokens"]').click()
    root = page.exhibit("tokens")
    expect(root.locator(".absent")).to_contain_text("This part of the page could not be loaded.")
    expect(root.locator(".picture")).to_be_hidden()
    context.unroute(script)
    page.page.wait_for_function("window.cutaway.lastFrame?.exhibit === 'tokens'")
    expect(root.locator(".picture")).to_be_visible()
    expect(root.locator(".absent")).to_be_hidden()
    context.route(script, not_reached, times=2)
    assert open_page(url=built, exhibit="tokens").frame()["exhibit"] == "tokens", "the first that is opened comes too"
    open_page.faults[:] = [fault for fault in open_page.faults if "Failed to" not in fault]  # the ones made here


def test_a_page_whose_script_does_not_come_says_so(open_page: Pages, context: BrowserContext, built: str):
    context.route("**/js/main.js", not_reached, times=2)  # named in the head, and asked for
    page = context.new_page()
    page.goto(built)
    expect(page.locator(".notice")).to_have_text(shell.NOT_STARTED)
    page.reload()
    page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
    page.close()


def test_what_is_typed_before_the_script_is_there_is_the_text(context: BrowserContext, built: str):
    held: list[Route] = []
    typed: list[str] = []
    page = context.new_page()
    page.route("**/js/main.js", lambda route: route.continue_() if typed else held.append(route))
    page.goto(built, wait_until="commit")
    box = page.locator(".shell textarea.text")
    box.press_sequentially("The dog")
    typed.append("The dog")  # it is named in the head and asked for: the second may come from now on
    assert held, "the script was there before anything was typed"
    for route in held:
        route.continue_()
    page.wait_for_function("document.documentElement.dataset.frameText === 'The dog'")
    box.press_sequentially(" ran")
    page.wait_for_function("document.documentElement.dataset.frameText === 'The dog ran'")
    page.close()
