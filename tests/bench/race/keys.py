"""From a key to the picture: the page of this project, and the one that most people would write.

Both in the same Chromium, at a person's pace, one after the other; for each key the time from the browser's own
stamp to the end of the rendering task after the picture of the text with that key is there.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from app.engine import Engine
from app.running.model import Model
from model import zoo
from tests.bench import keystroke
from tests.bench.race import models
from tests.bench.race.turns import ratios, rounded
from tests.ui import chromium
from tests.ui.server import serve

LENGTHS = (32, 128)
WATCH = (
    keystroke.KEYS
    + """
window.taken = [];
function look() {
  const title = document.querySelector(".gtitle")?.textContent.slice(0, -1); // behind the text stands a bar
  if (pending.some((key) => key.text === title)) {
    rendered(title, (keys, end) => { for (const key of keys) window.taken.push(end - key.stamp); });
  }
  requestAnimationFrame(look);
}
requestAnimationFrame(look);
"""
)
"""Looks before each frame whether a picture of the text is there; the title is drawn with the rest of the plot."""


def run(names: Sequence[str], quick: bool, note: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Types the same words into both pages; the model is the bundled GPT, whatever `names` are."""
    folder = models.prepare("gpt")
    model = Model.load("gpt", Engine().folder("gpt"))
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for n_tokens in LENGTHS[:1] if quick else LENGTHS:
            text = keystroke.opening(model, n_tokens - 2)
            with serve() as url:
                ours = [key["total"] for key in keystroke.measure(browser, url, "attention", text, "gpt")]
            with plain(folder / "hf") as url:
                theirs = typed(browser, url, text)
            told = {"ours": row(ours, ours), "plain": row(theirs, ours)}
            rows.append({"model": "gpt", "n_tokens": n_tokens, "contestants": told})
            note(rows[-1])
        browser.close()
    return rows


def row(taken: Sequence[float], ours: Sequence[float]) -> dict[str, Any]:
    """Median, quartiles and 95th percentile in milliseconds, and how many times ours' median."""
    low, middle, high = statistics.quantiles(taken, n=4)
    typical = statistics.median(ours)
    return {
        "ms": rounded(middle),
        "quartiles_ms": [rounded(low), rounded(high)],
        "p95_ms": rounded(statistics.quantiles(taken, n=20)[-1]),
        "ratio": ratios(taken, [typical] * len(taken)),
    }


@contextmanager
def plain(folder: Path) -> Iterator[str]:
    """The address of the plain page."""
    vocabulary = str(zoo.CHECKPOINTS / "gpt" / "tokenizer.json")
    command = ("-m", "tests.bench.race.plain_page", str(folder), vocabulary)
    with serve(command, settings={"GRADIO_ANALYTICS_ENABLED": "False"}) as url:
        yield url


def typed(browser: Browser, url: str, text: str) -> list[float]:
    """As `keystroke.measure`, in the plain page."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(keystroke.PATIENCE_MS)
    page.add_init_script(WATCH)
    page.goto(url)
    box = page.get_by_role("textbox").first
    page.wait_for_load_state("networkidle")
    shown = "text => document.querySelector('.gtitle')?.textContent === `${text}|`"
    taken: list[float] = []
    for words in (keystroke.WARM_UP, *keystroke.TYPED):
        box.fill(text[:-1])
        page.keyboard.type(text[-1])
        page.wait_for_function(shown, arg=text)
        page.evaluate("window.taken.length = 0")
        for character in words:
            page.keyboard.press(character)
            page.wait_for_timeout(keystroke.PACE_MS)
        page.wait_for_function("n => window.taken.length === n", arg=len(words))
        taken += page.evaluate("window.taken")
    page.close()
    return taken[len(keystroke.WARM_UP) :]
