"""The page as a test speaks of it: type, wait for the picture of that text, read what is on screen."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page

from app.shooting.resting import Requests

MODULE_OF = r"""performance.setResourceTimingBufferSize(1_000); // plain modules are more than it notes by itself
window.moduleOf = (path) => {
    const main = /(built\/)?js\/main\.js$/;
    const [script] = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => main.test(name));
    return import(script.replace(main, `js/exhibits/${path}`));
};"""
"""For a test that asks the page's own layout: a plain module of an exhibit, which a built page has not loaded."""
UNUSED_YET = "was preloaded using link preload but not used within a few seconds"
"""What Chromium warns of by its clock, on a machine with other work: no fault of the page."""


class CutawayPage:
    """One opened page.

    Attributes:
        page: Playwright's handle, for what is not named here.
        box: the text box.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.get_by_role("textbox").first
        self._requests = Requests(page, pause_s=0.6)  # but for what Positions reads far

    def rest(self) -> None:
        """Until what is asked for when typing has rested is there."""
        self._requests.rest()

    def shown_text(self) -> str:
        """The text that the picture shows."""
        text: str = self.page.evaluate("document.documentElement.dataset.frameText")
        return text

    def wait_for_picture_of(self, text: str) -> None:
        """Until the picture belongs to the text."""
        self.page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=text)

    def type(self, text: str, delay_ms: float = 0) -> None:
        """Replace the text, one key at a time, and wait for its picture.

        The picture of the empty text comes first: the page may have shown this very text before, and that picture must
        not be taken for the one that is waited for.
        """
        self.box.focus()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.wait_for_picture_of("")
        self.page.keyboard.type(text, delay=delay_ms)
        self.wait_for_picture_of(text)

    def paste(self, text: str) -> None:
        """Replace the text in one go and wait for its picture."""
        self.box.fill("")
        self.wait_for_picture_of("")
        self.box.fill(text)
        self.wait_for_picture_of(text)

    def open(self, exhibit: str) -> Locator:
        """Go to an exhibit by its link and wait until its picture is there; gives its root."""
        self.page.locator(f'[data-to="{exhibit}"]').click()
        self.page.wait_for_function("name => window.cutaway.lastFrame?.exhibit === name", arg=exhibit)
        return self.exhibit(exhibit)

    def exhibit(self, name: str) -> Locator:
        """The root of an exhibit, once it can be seen."""
        root = self.page.locator(f'[data-exhibit="{name}"]')
        root.wait_for(state="visible")
        return root

    def frame(self) -> Any:
        """The last frame as the browser decoded it, without its arrays."""
        return self.page.evaluate("(({arrays, ...rest}) => rest)(window.cutaway.lastFrame)")

    def chips(self) -> list[str]:
        """What stands on the tokens of the ribbon."""
        return self.page.locator(".ribbon [role=option]:visible").all_inner_texts()

    def candidates(self) -> list[tuple[str, str]]:
        """The rows of "What comes next": token and percentage, as written."""
        rows = self.page.locator(".next .candidates > li:visible")
        texts: list[list[str]] = rows.evaluate_all(
            "rows => rows.map((row) => [row.firstElementChild.textContent, row.lastElementChild.textContent])"
        )
        return [(token, percentage) for token, percentage in texts]

    def picture_of(self, exhibit: str) -> list[str]:
        """The pixels of every canvas of an exhibit, as data URLs."""
        canvases = self.page.locator(f'[data-exhibit="{exhibit}"] canvas')
        urls: list[str] = canvases.evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
        return urls


def context_of(browser: Browser) -> BrowserContext:
    """What pages share that come one after the other: above all what the browser keeps of a page's files."""
    context = browser.new_context(reduced_motion="reduce", color_scheme="light")
    context.add_init_script(MODULE_OF)
    return context


class Pages:
    """Opens pages, and remembers what none may do: an error in the console, a dialog, a request to another host.

    Args:
        browser: where.
        url: the page's address.
        context: one that others use too, before and after; one of its own unless given.
    """

    def __init__(self, browser: Browser, url: str, context: BrowserContext | None = None) -> None:
        self.browser = browser
        self.url = url
        self.faults: list[str] = []
        self._is_shared = context is not None
        self._context = context or context_of(browser)
        self._opened: list[Page] = []

    def __call__(self, width: int = 1440, height: int = 900, url: str | None = None, **address: str) -> CutawayPage:
        """A page of this size, opened at the state `address`, once its first picture is painted."""
        page = self._context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(60_000)
        self._opened.append(page)
        self._watch(page)
        page.goto(f"{url or self.url}#{urlencode(address)}")
        page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
        return CutawayPage(page)

    def _watch(self, page: Page) -> None:
        def console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and UNUSED_YET not in message.text:
                self.faults.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

        def request(address: str) -> None:
            parts = urlsplit(address)
            if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
                self.faults.append(f"request to {address}")

        def dismiss(dialog: Dialog) -> None:
            self.faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.on("console", console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", lambda made: request(made.url))
        page.on("websocket", lambda made: request(made.url))
        page.on("dialog", dismiss)

    def close(self) -> None:
        """Close all pages, leave nothing of theirs behind, and report what they did wrong."""
        for page in self._opened:
            if self._is_shared and not page.is_closed():
                page.evaluate("localStorage.clear()")
                page.close()
        if not self._is_shared:
            self._context.close()
        self.blame()

    def blame(self) -> None:
        """Report what the pages did wrong so far, once."""
        faults, self.faults = self.faults, []
        assert not faults, "\n".join(faults)


class Walk:
    """Pages that many tests look at one after the other: to follow a link is quicker than to open a page anew.

    For tests that only look, or type: what is chosen on such a page stays chosen.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._opened: dict[tuple[int, tuple[tuple[str, str], ...]], CutawayPage] = {}

    def __call__(self, exhibit: str, text: str, width: int = 1440, **address: str) -> CutawayPage:
        """The page of this width and address, at an exhibit, with a text."""
        key = (width, tuple(sorted(address.items())))
        page = self._opened.get(key)
        if page is None:
            page = self._opened[key] = self._pages(width, 900, None, exhibit=exhibit, text=text, **address)
        else:
            page.open(exhibit)
            if page.shown_text() != text:
                page.paste(text)
        page.exhibit(exhibit)
        page.wait_for_picture_of(text)
        return page


def screen_percentages(written: str) -> tuple[float, float]:
    """The percentages that a reader may take `written` for: "31.0 %" is anything that rounds to it."""
    match = re.fullmatch(r"(<?)\s*([\d.]+)\s*%", written)
    if match is None:
        raise ValueError(f"{written!r} is no percentage")
    below, digits = match.groups()
    value = float(digits)
    if below:
        return 0, value
    half = 0.5 * 10 ** -len(digits.partition(".")[2]) + 1e-3
    return value - half, value + half


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities, computed here in float64, so that the page is held against the formula and not against itself."""
    unnormalized = np.exp(logits.astype(np.float64) - logits.max())
    probabilities: NDArray[np.float64] = unnormalized / unnormalized.sum()
    return probabilities
