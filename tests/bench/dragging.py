"""How long the browser is kept while the window on a long head is dragged.

Starts the real server and a real headless browser on this machine, opens Attention on a text of so many tokens, and
drags the window across the overview. For each move it takes the time from when the browser hands it over to the page
until the end of the rendering task that shows the window there: what has to fit into a frame, which is 16 ms long.

Usage: python -m tests.bench.dragging [--model NAME|FOLDER] [--tokens 1000]. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from app.engine import Engine
from app.running.model import Model
from app.running.offered import offered
from tests.bench.keystroke import PATIENCE_MS, opening
from tests.ui import chromium
from tests.ui.server import serve

PACE_MS, MOVES = 40, 90
SETTLED_MS = 2000
"""After which the bar stands as high as a long text makes it."""
OVERVIEW_PX = 120
"""Less than the overview's side, which stands in the upper right corner of the head's canvas."""

LISTEN = """
window.drags = [];
let start = null;
// A task posted while the browser prepares a frame runs after it has rendered that frame.
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()(performance.now());
addEventListener("pointermove", () => { start = performance.now(); }, { capture: true });
addEventListener("pointermove", (event) => {
  if (!event.buttons) return;
  const begun = start;
  requestAnimationFrame(() => {
    waiting.push((end) => window.drags.push(end - begun));
    channel.port2.postMessage(null);
  });
});
"""
"""Runs in the page before its own scripts: for each move with a button down, until it is rendered."""


def main() -> None:
    """Drags, and prints the median and the 95th percentile."""
    parser = argparse.ArgumentParser(description="Measure a frame while the window on a long head is dragged.")
    parser.add_argument("--model", default="gpt", help="a bundled model, OWNER/NAME on the hub, or a folder (gpt)")
    parser.add_argument("--tokens", type=int, default=1000)
    given = parser.parse_args()
    bundled = given.model in Engine().names
    name, folder = (given.model, Engine().folder(given.model)) if bundled else offered(given.model)
    text = opening(Model.load(name, folder), given.tokens).rstrip()
    command = ("-m", "app.main") if bundled else ("-m", "app.main", "--model", given.model)
    with sync_playwright() as playwright, serve(command) as url:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(LISTEN)
        page.goto(f"{url}#{urlencode({'exhibit': 'attention', 'model': name, 'text': text})}")
        page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=text)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLED_MS)
        box = page.get_by_role("grid", name="attention matrix").locator("canvas").bounding_box()
        assert box
        right, top = box["x"] + box["width"] - 10, box["y"] + 14
        page.mouse.move(right - OVERVIEW_PX, top)
        page.mouse.down()
        for move in range(1, MOVES + 1):
            along = OVERVIEW_PX * move / MOVES
            page.mouse.move(right - OVERVIEW_PX + along, top + along)
            page.wait_for_timeout(PACE_MS)
        page.mouse.up()
        taken: list[float] = page.evaluate("window.drags")
        browser.close()
    if len(taken) < MOVES:
        raise SystemExit(f"of {MOVES} moves {len(taken)} were told: the window was not dragged")
    median, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"{given.tokens} tokens, {MOVES} moves: {median:.1f} ms in the median, {p95:.1f} in the 95th percentile")
    print(json.dumps({"model": name, "tokens": given.tokens, "median_ms": round(median, 1), "p95_ms": round(p95, 1)}))


if __name__ == "__main__":
    main()
