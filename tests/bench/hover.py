"""How long what follows the pointer keeps the browser.

Starts the real server and a real headless browser on this machine, opens every exhibit on a text of 32 tokens, and
moves the pointer over all of it: over each token of the ribbon, and up and down over what is on screen. For each move
that changes something in the picture it takes two times, both until the end of the rendering task that shows it:

    work     from when the browser hands the move over to the page: what has to fit into a frame, which is 16 ms long
    total    from the browser's own stamp on the move, which waits for the browser's next frame first

Usage: python tests/bench/hover.py. The last line is JSON.
"""

from __future__ import annotations

import json
import statistics
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from app.engine import Engine
from app.exhibits import WALK
from tests.bench.keystroke import LENGTH_OF_ALL, opening
from tests.ui import chromium
from tests.ui.server import serve

PACE_MS = 40
COLUMNS, ROWS = 24, 12
"""Where the pointer stops on its way over the screen."""

LISTEN = """
window.moves = [];
let handed = null;
const nextFrame = requestAnimationFrame.bind(window);
// A task posted while the browser prepares a frame runs after it has rendered that frame.
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()(performance.now());
// What is drawn later was asked for while the move was handled.
window.requestAnimationFrame = (draw) => {
  if (handed) shown(handed);
  handed = null;
  return nextFrame(draw);
};
function shown({ stamp, start }) {
  nextFrame(() => {
    waiting.push((end) => window.moves.push({ work: end - start, total: end - stamp }));
    channel.port2.postMessage(null);
  });
}
for (const move of ["pointermove", "pointerover"]) {
  const begin = (event) => { handed = { stamp: event.timeStamp, start: performance.now() }; };
  addEventListener(move, begin, { capture: true });
  addEventListener(move, () => { handed = null; });
}
"""
"""Runs in the page before its own scripts: for each move after which a frame is asked for, when that is rendered."""


def along(page: Page, part: Locator) -> None:
    """Moves the pointer up and down over what of a part is on screen."""
    box, size = part.bounding_box(), page.viewport_size
    assert box
    assert size
    left, right = max(0, box["x"]), min(size["width"], box["x"] + box["width"])
    top, bottom = max(0, box["y"]), min(size["height"], box["y"] + box["height"])
    for column in range(COLUMNS):
        for row in range(ROWS):
            x = left + (right - left) * (column + 0.5) / COLUMNS
            page.mouse.move(x, top + (bottom - top) * (row + 0.5) / ROWS)
            page.wait_for_timeout(PACE_MS)


def measure(browser: Browser, url: str, exhibit: str, text: str) -> list[Any]:
    """Moves the pointer over one exhibit; gives one record a move that changed something, in milliseconds."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(LISTEN)
    page.goto(f"{url}#{urlencode({'exhibit': exhibit, 'text': text})}")
    page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=text, timeout=120_000)
    page.wait_for_load_state("networkidle")
    for token in page.locator(".ribbon:visible [role=option]").all():
        token.hover()
        page.wait_for_timeout(PACE_MS)
    picture = page.locator(f'[data-exhibit="{exhibit}"] .picture')
    picture.scroll_into_view_if_needed()
    along(page, picture)
    records: list[Any] = page.evaluate("window.moves")
    page.close()
    return records


def summarize(exhibit: str, records: list[Any]) -> dict[str, Any]:
    """One row of the table."""
    row: dict[str, Any] = {"exhibit": exhibit, "moves": len(records)}
    for time in ("work", "total"):
        values = [record[time] for record in records]
        drawn = len(values) > 1  # nothing follows the pointer in a room that has tables alone
        row[f"{time}_median_ms"] = round(statistics.median(values), 1) if drawn else None
        row[f"{time}_p95_ms"] = round(statistics.quantiles(values, n=20)[-1], 1) if drawn else None
    return row


def main() -> None:
    """Measures every exhibit and prints the table."""
    assert __doc__ is not None
    print(__doc__.partition("Usage:")[0])
    text = opening(Engine().model("gpt"), LENGTH_OF_ALL).strip()
    with sync_playwright() as playwright, serve() as url:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        rows = [summarize(exhibit, measure(browser, url, exhibit, text)) for exhibit in WALK]
        browser.close()
    print("| exhibit | moves | work, median | work, p95 | total, median | total, p95 |\n| --- |" + " ---: |" * 5)
    for row in rows:
        print("| " + " | ".join("none" if value is None else str(value) for value in row.values()) + " |")
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
