"""The page in a Chromium without windows, at a state, and what its own sheet makes of one of its figures.

A figure carries the link that opens its state again. So that it leads somewhere afterwards, a server that was started
for one picture is reached under the address at which `cutaway serve` answers, whatever its port is.
"""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError

from app.running.version import version
from app.shooting import chromium
from app.shooting.child import serve
from app.shooting.resting import Requests

ADDRESS = "http://127.0.0.1:7860/"
"""Where `cutaway serve` answers unless told otherwise."""
DESK: ViewportSize = {"width": 1440, "height": 900}
WITHIN_MS = 60_000
"""For a picture; a published model may have to be opened first."""
KINDS = {"svg": "svg", "png": "png2", "pdf": "pdf", "html": "html", "csv": "csv", "npz": "npz"}
"""What the sheet calls what a file's ending asks for; a PNG is twice as large as on the page unless told otherwise."""

_SHOWN = """() => {
  const { store, lastFrame } = window.cutaway ?? {};
  if (!store || store.inFlight) return false;
  return store.error !== null || (lastFrame?.seq === store.frame?.seq && lastFrame.exhibit === store.state.exhibit);
}"""
_SAID = """() => {
  const { store } = window.cutaway;
  return { error: store.error, away: store.away?.model ?? null, amiss: store.amiss?.said ?? null,
           absent: store.frame?.absent ?? null, models: Object.keys(store.catalog.models) };
}"""
_PARTS = """() => window.cutaway.page.parts().map(({ name, node }, at) =>
  ({ name, called: at ? [...node.classList].find((one) => !one.startsWith("is-")) ?? null : "picture" }))"""
_TO_STEP = """async ([at, ms]) => {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("its focus is not there")), ms));
  const { says, foci } = await Promise.race([window.cutaway.page.toStep(at), late]);
  window.foci = foci;
  return says;
}"""
_MAKE = """async ([at, kind, theme, isCaptioned]) => {
  const { page } = window.cutaway;
  const { Figure } = await import(new URL(document.querySelector(".shell").dataset.figures, document.baseURI).href);
  const parts = page.parts();
  const one = new Figure(page, parts[at], parts[0].name, { theme, isCaptioned, isClear: false, foci: window.foci });
  const { blob, name } = await one.file(kind);
  const address = await new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
  return { name, data: address.slice(address.indexOf(",") + 1), caption: await one.caption(), link: one.link };
}"""


class ShootingError(Exception):
    """There is no such figure, or nothing to draw it with; the message says why, and what to do."""


@dataclass(frozen=True)
class Figure:
    """What the sheet made."""

    data: bytes
    caption: str
    link: str


class Shown:
    """The page at a state, with all that it asks for.

    Args:
        page: Playwright's handle of a page that is not open yet.
        link: where it opens.

    Raises:
        ShootingError: it shows something else, or why it shows nothing.
    """

    def __init__(self, page: Page, link: str) -> None:
        self.page = page
        self._requests = Requests(page)
        page.set_default_timeout(WITHIN_MS)
        try:
            page.goto(link)
            page.wait_for_function(_SHOWN)
        except BrowserError as error:
            raise ShootingError(f"{link} shows no picture: {error.message.splitlines()[0]}") from error
        self.rest()
        said = page.evaluate(_SAID)
        if said["away"]:
            there = ", ".join(said["models"])
            raise ShootingError(
                f"The model {said['away']} is not on this machine; fetch it on the page, or take {there}."
            )
        if said["error"]:
            raise ShootingError(said["error"])
        self.absent: str | None = said["absent"]
        """Why the exhibit does not apply to the model; None where it does."""
        self.amiss: str | None = said["amiss"]
        """What of the link could not be read."""

    def rest(self) -> None:
        """Until what it asks for has come and is drawn."""
        self._requests.rest()
        self.page.evaluate("document.fonts.ready")

    def steps(self) -> list[str]:
        """What the steps of the open exhibit say, with places in braces left open."""
        says: list[str] = self.page.evaluate("window.cutaway.page.steps()")
        return says

    def to_step(self, at: int) -> str:
        """Goes to a step, from 0: what is made from now on has in light what it is about. Gives what it says.

        Raises:
            ShootingError: what it is about does not appear.
        """
        try:
            says: str = self.page.evaluate(_TO_STEP, [at, WITHIN_MS])
        except BrowserError as error:
            raise ShootingError(f"Step {at + 1} was not reached: {error.message.splitlines()[0]}") from error
        self.rest()
        return says

    def make(self, kind: str, part: str = "picture", theme: str = "paper", captioned: bool = True) -> Figure:
        """What the sheet makes of a part of the open exhibit.

        Args:
            kind: "svg", "png1", "png2", "png4", "pdf", "html", "csv" or "npz".
            part: its heading, or the class by which an embed names it; "picture" is all of it.
            theme: "paper" or "blueprint".
            captioned: whether the line under it says what it was made of.

        Raises:
            ShootingError: there is no such part, or it cannot be made so.
        """
        if self.absent:
            raise ShootingError(self.absent)
        parts = self.page.evaluate(_PARTS)
        wanted = part.casefold()
        at = next((at for at, one in enumerate(parts) if wanted in (one["called"], one["name"].casefold())), None)
        if at is None:
            there = "; ".join(f"{one['called']} ({one['name']})" if one["called"] else one["name"] for one in parts)
            raise ShootingError(f"The exhibit has no part {part!r}; it has {there}.")
        try:
            made = self.page.evaluate(_MAKE, [at, kind, theme, captioned])
        except BrowserError as error:
            raise ShootingError(error.message.removeprefix("Page.evaluate: Error: ").splitlines()[0]) from error
        return Figure(base64.b64decode(made["data"]), made["caption"], made["link"])


class Studio:
    """A browser before a server.

    Args:
        browser: Playwright's.
        base: the page's address.
    """

    def __init__(self, browser: Browser, base: str) -> None:
        self.base = base
        self._browser = browser

    @contextmanager
    def shown(self, state: Mapping[str, str], size: ViewportSize = DESK) -> Iterator[Shown]:
        """The page at a state, by what stands in its address. Raises ShootingError."""
        context = self._browser.new_context(viewport=size, reduced_motion="reduce", color_scheme="light")
        try:
            yield Shown(context.new_page(), f"{self.base}#{urlencode(state)}")
        finally:
            context.close()


@contextmanager
def studio(link: str = ADDRESS) -> Iterator[Studio]:
    """A browser before the server of a link, where a Cutaway of this version answers, and else before one of its own.

    Raises:
        ShootingError: there is no Chromium that starts.
    """
    path = chromium.find()
    if path is None:
        raise ShootingError(f"There is no Chromium here. {chromium.INSTALL}")
    base = base_of(link)
    if runs(base):
        with _browser(path) as browser:
            yield Studio(browser, base)
        return
    if urlsplit(base).hostname not in ("127.0.0.1", "localhost"):
        base = ADDRESS
    with serve() as own:
        reached = [urlsplit(address).netloc for address in (base, own)]
        with _browser(path, f"--host-resolver-rules=MAP {' '.join(reached)}") as browser:
            yield Studio(browser, base)


@contextmanager
def _browser(path: str, *flags: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=[*chromium.FLAGS, *flags])
        except BrowserError as error:
            said = error.message.splitlines()[0].removeprefix("BrowserType.launch: ")
            raise ShootingError(f"{path} did not start: {said}. {chromium.INSTALL}") from error
        try:
            yield browser
        finally:
            browser.close()


def base_of(link: str) -> str:
    """A link without its state."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def runs(base: str) -> bool:
    """Whether a Cutaway of this version answers there."""
    try:
        with urllib.request.urlopen(f"{base}version", timeout=5) as response:
            told: Any = json.load(response)
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("cutaway") == version()
