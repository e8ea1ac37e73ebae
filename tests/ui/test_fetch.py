"""A model of the hub is fetched on the page, from a hub on this machine, over HTTP."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from export.runtime.ready import MANIFEST
from export.upload import described
from model import zoo
from tests.model.fake_hub import Hub
from tests.ui.page import CutawayPage, Pages
from tests.ui.server import serve

REPOSITORY, COMMIT = "someone/gpt-rope-ready", "c" * 40
OTHER = next(entry.name for entry in zoo.HUB if entry.family == "gpt")
BUSY = {"error": "The server is busy.", "again": True}
PATIENCE_MS = 60_000
COMING = "MB of 2 MB; choose again to cancel"
N_BUSY = 5
"""Answers in a row: one call of the page asks four times."""


class Trickling(Hub):
    """Sends weights byte by byte until it is let go."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, {"main": COMMIT})
        self.goes = threading.Event()

    def parts(self, path: str, content: bytes) -> Iterator[bytes]:
        at = 0
        while path.endswith("model.safetensors") and not self.goes.wait(0.02) and at < len(content) // 2:
            yield content[at : at + 1]
            at += 1
        yield content[at:]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Trickling]:
    """A hub that has a model ready to be read without torch."""
    folder = tmp_path / "hub" / REPOSITORY / COMMIT
    shutil.copytree(zoo.CHECKPOINTS / "gpt-rope", folder)
    (folder / MANIFEST).write_bytes(described(folder, "gpt-rope"))
    with Trickling(tmp_path / "hub") as hub:
        yield hub
        hub.goes.set()


@pytest.fixture
def url(hub: Trickling, tmp_path: Path) -> Iterator[str]:
    """A server that offers it, once it has asked the hub what it is."""
    digest = hashlib.sha256((hub.root / REPOSITORY / COMMIT / MANIFEST).read_bytes()).hexdigest()
    settings = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hf"), "CUTAWAY_CACHE": str(tmp_path / "cache")}
    with serve(settings=settings | {"CUTAWAY_MODELS": f"{REPOSITORY}@{digest}"}) as url:
        deadline = time.monotonic() + 60
        while REPOSITORY not in httpx.get(url).text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield url


def row(page: CutawayPage, name: str) -> Locator:
    return page.page.locator(".models [role=option]").filter(has=page.page.get_by_text(name, exact=True))


def test_a_model_is_fetched_and_cancelled_and_known_after_a_reload(browser: Browser, hub: Trickling, url: str) -> None:
    pages = Pages(browser, url)
    page = pages(exhibit="attention", text="The little dog")
    page.page.locator(".about").click()
    mine, other = row(page, REPOSITORY), row(page, OTHER)
    mine.click()
    expect(mine).to_contain_text(COMING, timeout=PATIENCE_MS)
    mine.click()
    expect(mine).to_contain_text(f"Fetching {REPOSITORY} was cancelled.")
    expect(mine.locator("[data-kind=error]")).to_be_visible()

    mine.click()
    expect(mine).to_contain_text(COMING, timeout=PATIENCE_MS)
    other.click()
    expect(other).to_contain_text(f"{REPOSITORY} is being fetched; one model is fetched at a time.")
    mine.click()  # it is wanted again, and goes on

    answered: list[Route] = []

    def is_busy(route: Route) -> None:
        answered.append(route)
        route.fulfill(body=json.dumps(BUSY), content_type="application/json")

    page.page.route("**/component_server/", is_busy, times=N_BUSY)
    while len(answered) < N_BUSY:
        page.page.wait_for_timeout(50)
    expect(mine).to_contain_text(COMING, timeout=PATIENCE_MS)
    hub.goes.set()
    page.page.wait_for_function("name => window.cutaway.lastFrame.model === name", arg=REPOSITORY)
    assert page.shown_text() == "The little dog"

    page.page.reload()
    page.page.wait_for_function("name => window.cutaway?.lastFrame?.model === name", arg=REPOSITORY)
    expect(page.page.locator(".away")).to_be_hidden()
    page.page.locator(".about").click()
    expect(row(page, REPOSITORY)).to_contain_text("on this machine")
    pages.close()
