"""Links that leave the page: one figure alone in another page, the state on a Space, and links that are damaged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser

from tests.ui.page import CutawayPage, Pages

TEXT = "The little dog ran to the park because"
STATE = urlencode({"exhibit": "attention", "model": "gpt", "layer": "3", "head": "5", "text": TEXT})


FRAME = b"<!doctype html><body><iframe width=520 height=200></iframe></body>"


class Outside(BaseHTTPRequestHandler):
    """Another page of this machine, which frames ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(FRAME)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def outside() -> Iterator[str]:
    """The address of that page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Outside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_an_embed_shows_one_figure_and_tells_its_height(browser: Browser, url: str, outside: str) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 700}, reduced_motion="reduce", color_scheme="light")
    page = context.new_page()
    page.goto(outside)
    page.evaluate(
        """address => {
          window.heard = [];
          addEventListener("message", ({ data }) => data?.cutaway && window.heard.push(data.cutaway.height));
          document.querySelector("iframe").src = address;
        }""",
        f"{url}?embed=1&part=head&hide=sinks#{STATE}",
    )
    frame = page.frame_locator("iframe")
    frame.locator("figure.head canvas").first.wait_for()
    frame.locator(".head-name", has_text="Layer 3, head 5").wait_for()
    page.wait_for_function("window.heard.length > 0 && window.heard.at(-1) > 300")
    seen = frame.locator("body").inner_text()
    assert "Layer 3, head 5" in seen
    assert "Open in Cutaway" in seen
    for gone in ("All heads", "What comes next", "The formula", "Machine", "rest there"):
        assert gone not in seen
    height = page.evaluate("window.heard.at(-1)")
    inner = page.frames[1].evaluate("document.querySelector('.embed-foot').getBoundingClientRect().bottom")
    assert abs(height - inner) <= 2
    context.close()


def test_the_code_of_an_embed_opens_that_figure(open_page: Pages) -> None:
    page = open_page(exhibit="attention", text=TEXT, layer="3", head="5")
    page.rest()
    figure = {"part": "head", "title": 'A <b> "q"', "width": 400.2, "height": 500}
    code = page.page.evaluate("figure => window.cutaway.page.code(figure)", figure)
    assert "?embed=1&amp;part=head#exhibit=attention&amp;model=gpt&amp;layer=3" in code
    assert 'title="A &lt;b> &quot;q&quot;" width="401"' in code


def test_share_on_a_space_gives_the_address_of_the_page_around(browser: Browser, url: str, outside: str) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 700})
    page.goto(outside)
    page.evaluate("address => { document.querySelector('iframe').src = address; }", f"{url}#{STATE}")
    frame = page.frame_locator("iframe")
    frame.locator("figure.head canvas").first.wait_for()
    inner = page.frames[1]
    assert inner.evaluate("window.cutaway.page.link()").startswith(f"{url}#exhibit=attention")
    inner.evaluate("document.querySelector('.shell').dataset.space = 'somebody/cutaway'")
    link = inner.evaluate("window.cutaway.page.link()")
    assert link.startswith("https://huggingface.co/spaces/somebody/cutaway#exhibit=attention&model=gpt&layer=3&head=5")
    page.close()


def test_a_damaged_link_opens_the_page_with_one_sentence(open_page: Pages, url: str) -> None:
    page = open_page(exhibit="attention", view="gtp", layer="abc", head="2", theme="<script>", text=TEXT)
    notice = page.page.locator(".notice")
    said = "Part of this link could not be read and was left out: view=gtp, layer=abc, theme=<script>."
    assert notice.inner_text().startswith(said)
    assert page.exhibit("attention").locator(".head-name").inner_text().endswith("head 2")
    page.type("The dog")
    assert "could not be read" not in notice.inner_text()


def test_a_long_text_of_any_script_comes_back_from_a_short_link(open_page: Pages, url: str) -> None:
    text = "Маленькая собака бежала в парк. " * 15
    page: CutawayPage = open_page(exhibit="tokens", text="The dog")
    page.paste(text)
    link: str = page.page.evaluate("window.cutaway.page.link()")
    assert len(link) < 2000 < len(quote(text))
    page.page.goto("about:blank")
    page.page.goto(link)
    page.wait_for_picture_of(text)
