"""How long a first visit takes from far away: requests, bytes and the time to the first picture, cold and again.

Starts the real server with the built files, opens the page in a headless browser whose network is throttled by
Chromium itself (1.6 Mbit/s down, 0.75 up, 150 ms for each request), and waits for the first picture. "Again" is the
same address in the same browser, which has kept what it may. What comes after the first picture, until nothing is under
way for a second, stands beside it; "theirs" is how much of all that is Gradio's. Usage:

    python tests/bench/first_visit.py [--exhibit NAME] [--here] [--list]

`--here` measures without throttling, `--list` shows every request. The last line is JSON: {"cold": {...}, "again":
{...}}, each {"picture_ms", "requests", "kb", "later_requests", "later_kb", "their_requests", "their_kb"}.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from app.exhibits import WALK
from tests.ui import chromium
from tests.ui.server import serve

FAR = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
"""Milliseconds for each request, and bytes a second."""
THEIRS = re.compile(r"/assets/|/static/js/|/theme\.css")
QUIET_S = 1.0
PAINTED = "performance.getEntriesByName('cutaway:painted').length > 0"
WHEN = "performance.getEntriesByName('cutaway:painted')[0].startTime"


@dataclass
class Requests:
    """What a page asks for: addresses by the browser's own numbers, and the bytes of each that came."""

    address: dict[str, str] = field(default_factory=dict)
    size: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    quiet_since: float = 0.0

    def heard_by(self, session: CDPSession) -> None:
        """Listens to a page's network."""
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.requestServedFromCache", lambda told: self._forget(told["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", lambda told: self._over(told["requestId"], told["encodedDataLength"]))
        session.on("Network.loadingFailed", lambda told: self._over(told["requestId"], 0))

    def _asked(self, told: Any) -> None:
        if told["request"]["url"].startswith("http"):
            self.address[told["requestId"]] = told["request"]["url"]
            self.begun[told["requestId"]] = told["timestamp"]
            self.under_way.add(told["requestId"])

    def _answered(self, told: Any) -> None:
        if told["response"].get("fromDiskCache"):
            self._forget(told["requestId"])

    def _forget(self, number: str) -> None:
        """One that the browser answers itself, out of what it has kept."""
        self.address.pop(number, None)
        self.under_way.discard(number)

    def _over(self, number: str, n_bytes: float) -> None:
        self.under_way.discard(number)
        if number in self.address:
            self.size[number] = n_bytes
        self.quiet_since = time.monotonic()

    def told(self, until_ms: float = math.inf) -> tuple[int, float]:
        """How many that were asked for until then, from the first on, and their kB."""
        first = min(self.begun.values())
        found = [number for number in self.address if 1e3 * (self.begun[number] - first) <= until_ms]
        return len(found), sum(self.size.get(number, 0) for number in found) / 1e3


def visit(page: Page, url: str, session: CDPSession, listed: bool) -> dict[str, Any]:
    """Opens the address and tells of it."""
    page.goto("about:blank")
    made = Requests()
    made.heard_by(session)
    page.goto(url, wait_until="commit")
    page.wait_for_function(PAINTED, polling=20)
    picture_ms = float(page.evaluate(WHEN))
    while made.under_way or time.monotonic() < made.quiet_since + QUIET_S:
        page.wait_for_timeout(50)
    (n_requests, kb), (all_requests, all_kb) = made.told(picture_ms), made.told()
    theirs = [number for number, address in made.address.items() if THEIRS.search(address)]
    if listed:
        first = min(made.begun.values())
        for number, address in made.address.items():
            print(f"{1e3 * (made.begun[number] - first):7.0f} ms {made.size.get(number, 0) / 1e3:7.1f} kB  {address}")
    return {
        "picture_ms": round(picture_ms),
        "requests": n_requests,
        "kb": round(kb, 1),
        "later_requests": all_requests - n_requests,
        "later_kb": round(all_kb - kb, 1),
        "their_requests": len(theirs),
        "their_kb": round(sum(made.size.get(number, 0) for number in theirs) / 1e3, 1),
    }


def main() -> None:
    """Measures a cold visit and a second one, and prints both."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--exhibit", default=WALK[0], choices=WALK)
    options.add_argument("--here", action="store_true", help="without throttling")
    options.add_argument("--list", action="store_true", help="show every request")
    chosen = options.parse_args()
    rows = {}
    with serve(settings={"CUTAWAY_SOURCES": ""}) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        if not chosen.here:
            session.send("Network.emulateNetworkConditions", FAR)
        for kind in ("cold", "again"):
            rows[kind] = visit(page, f"{url}#exhibit={chosen.exhibit}", session, chosen.list)
            print(f"{kind}: " + "  ".join(f"{name} {value}" for name, value in rows[kind].items()), flush=True)
        browser.close()
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
