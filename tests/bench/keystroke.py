"""How long a key takes to reach the screen.

Starts the real server and a real headless browser on this machine, opens one exhibit on a text of a given length, and
adds a few words at a person's pace; then other words to the same text, so that the length stays and no text comes
twice. For each key it takes the time from the browser's own stamp on the keydown event to the end of the rendering task
that follows the drawing, when the picture of exactly the text after that key is on screen. The first words warm the
caches and do not count.

The stages of one key, each as its median, so they need not sum to the total:

    input       keydown to the request leaving: the browser's key handling, and waiting while a request is in flight
    network     the request's round trip without the three stages below: browser, HTTP, waiting for a turn
    tokenizer   text to tokens
    graph       ONNX Runtime, every inner value included
    pack        the outputs into one packed frame
    decode      the packed frame into typed arrays in the browser
    paint       waiting for the browser's next frame, drawing, layout and paint

Beside them stands the frame's size: the bytes of the reply's body before it is compressed, the median too.

Usage: python tests/bench/keystroke.py [--exhibit NAME] [--model NAME|FOLDER] [--tokens N,...], one exhibit (attention)
on texts of several lengths, or "all", every exhibit at 32 tokens. The model is the bundled GPT, another bundled one,
one of the hub, or a folder in Hugging Face layout. The last line is JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

from app.engine import Engine
from app.exhibits import WALK
from app.running.model import Model
from app.running.offered import offered
from tests.ui import chromium
from tests.ui.server import serve

LENGTHS = (8, 32, 64, 128)
LENGTH_OF_ALL = 32
"""The length at which every exhibit is measured."""
PATIENCE_MS = 120_000
"""For which a picture is waited: a large model is loaded for the first."""
PACE_MS = 120
"""A key every 120 ms is 100 words a minute."""

STORY = (
    "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to the door "
    "and waited for his friend Tom. Tom was a kind boy. He liked to play with the dog after school. One day it was "
    "raining and they could not go outside. The dog was sad. He looked at the rain and did not want to eat. Tom had an "
    "idea. He took a red ball from his box and rolled it across the room. The dog was happy and ran after the ball. "
    "They played all day long until it was time to sleep. From that day on they were never sad when it was raining, "
    "and they played with the red ball in the house."
)
TYPED = ("and then she ran", "because it was so", "to find his friend", "in the big garden", "where nobody was")
WARM_UP = "laughing all day"

KEYS = """
const pending = [];
let stamp = null;
addEventListener("keydown", (event) => { stamp = event.timeStamp; }, { capture: true });
addEventListener("input", (event) => {
  if (stamp !== null) pending.push({ text: event.target.value, stamp });
  stamp = null;
}, { capture: true });
// A task posted while the browser prepares a frame runs after it has rendered that frame.
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()(performance.now());
/** Has `say(keys, end)` told of all keys up to that of a text, once the frame that is prepared has been rendered. */
function rendered(text, say) {
  const last = pending.map((key) => key.text).lastIndexOf(text);
  const keys = pending.splice(0, last + 1);
  waiting.push((end) => say(keys, end));
  channel.port2.postMessage(null);
}
"""
"""Runs in a page before its own scripts: stamps keys, and finds for each the rendered frame of the text after it."""

LISTEN = (
    KEYS
    + """
performance.setResourceTimingBufferSize(10_000);
window.keystrokes = [];
const marks = new Map();
const mark = performance.mark.bind(performance);
performance.mark = (name, options) => {
  const made = mark(name, options);
  if (name.startsWith("cutaway:")) marks.set(name.slice(8) + options.detail, made.startTime);
  if (name === "cutaway:painted") measured(options.detail, document.documentElement.dataset.frameText);
  return made;
};
function measured(seq, text) {
  rendered(text, (keys, end) => {
    const at = (name) => marks.get(name + seq);
    const { timing_ms: server, tokens } = window.cutaway.lastFrame;
    const trip = at("received") - at("sent");
    for (const key of keys) {
      window.keystrokes.push({
        tokens: tokens.length,
        total: end - key.stamp,
        sent: at("sent"),
        stages: {
          input: at("sent") - key.stamp,
          network: trip - server.tokenize - server.graph - server.pack,
          tokenizer: server.tokenize,
          graph: server.graph,
          pack: server.pack,
          decode: at("decoded") - at("received"),
          paint: end - at("decoded"),
        },
      });
    }
    for (const name of ["sent", "received", "decoded", "painted"]) marks.delete(name + seq);
  });
}
window.sized = () => {
  const replies = performance.getEntriesByType("resource");
  const bytes = (key) => replies.find((reply) => reply.startTime >= key.sent).decodedBodySize;
  return window.keystrokes.map((key) => ({ ...key, bytes: bytes(key) }));
};
"""
)
"""Tells of each key where its time went."""


def opening(model: Model, n_tokens: int) -> str:
    """The longest beginning of the story, told again and again, cut after a word, that has at most so many tokens."""
    words = itertools.cycle(STORY.split(" "))
    text = ""
    while True:
        longer = f"{text}{next(words)} "
        if len(model.tokenizer.encode(longer.rstrip()).tokens) > n_tokens:
            break
        text = longer
    if not text:
        raise ValueError(f"no beginning of the story has {n_tokens} tokens")
    return text


def measure(browser: Browser, url: str, exhibit: str, text: str, model: str = "gpt") -> list[Any]:
    """Add words to `text` with an exhibit open; gives one record a keystroke, in milliseconds."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(LISTEN)
    page.goto(f"{url}#{urlencode({'exhibit': exhibit, 'model': model, 'text': text})}")
    page.wait_for_function("document.documentElement.dataset.frameText !== undefined")
    box = page.get_by_role("textbox").first
    for words in (WARM_UP, *TYPED):
        box.fill(text)
        page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=text)
        for character in words:
            page.keyboard.press(character)
            page.wait_for_timeout(PACE_MS)
        page.wait_for_function("text => document.documentElement.dataset.frameText === text", arg=text + words)
    n_keys = sum(len(words) for words in TYPED)
    page.wait_for_function("n => window.keystrokes.length === n", arg=len(WARM_UP) + n_keys)
    records: list[Any] = page.evaluate("window.sized()")
    page.close()
    return records[-n_keys:]


def summarize(exhibit: str, n_tokens: int, records: list[Any]) -> dict[str, Any]:
    """One row of the table."""
    totals = [record["total"] for record in records]
    return {
        "exhibit": exhibit,
        "tokens": n_tokens,
        "median_ms": round(statistics.median(totals), 1),
        "p95_ms": round(statistics.quantiles(totals, n=20)[-1], 1),
        "keystrokes": len(records),
        "bytes": round(statistics.median(record["bytes"] for record in records)),
        "stages": {
            stage: round(statistics.median(record["stages"][stage] for record in records), 2)
            for stage in records[0]["stages"]
        },
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    stages = list(rows[0]["stages"])
    print(f"{rows[0]['keystrokes']} keystrokes a row, {PACE_MS} ms apart. Milliseconds; the frame in kB.\n")
    print(f"| exhibit | tokens | median | p95 | {' | '.join(stages)} | frame |")
    print("| --- |" + " ---: |" * (4 + len(stages)))
    for row in rows:
        numbers = " | ".join(f"{row['stages'][stage]:.1f}" for stage in stages)
        totals = f"{row['median_ms']:.1f} | {row['p95_ms']:.1f}"
        print(f"| {row['exhibit']} | {row['tokens']} | {totals} | {numbers} | {row['bytes'] / 1e3:.1f} |")
    print()


def main() -> None:
    """Measure what was asked for and print the table."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description="Measure the time from a key to the painted picture.")
    parser.add_argument("--exhibit", default="attention", choices=["all", *WALK], help="what is open (attention)")
    parser.add_argument("--model", default="gpt", help="a bundled model, OWNER/NAME on the hub, or a folder (gpt)")
    parser.add_argument("--tokens", help="lengths of the texts, with commas between them")
    given = parser.parse_args()
    asked = given.exhibit
    print(__doc__.partition("Usage:")[0])
    bundled = given.model in Engine().names and not Path(given.model).is_dir()
    name, folder = (given.model, Engine().folder(given.model)) if bundled else offered(given.model)
    model = Model.load(name, folder)
    command = ("-m", "app.main") if bundled else ("-m", "app.main", "--model", given.model)
    lengths = [int(n) for n in given.tokens.split(",")] if given.tokens else None
    exhibits = WALK if asked == "all" else [asked]
    default = [LENGTH_OF_ALL] if asked == "all" else LENGTHS
    cases = [(exhibit, n) for exhibit in exhibits for n in lengths or default]
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for exhibit, n_tokens in cases:
            # Halfway through the words, which are about four tokens, the text has the length that the row names.
            text = opening(model, n_tokens - 2)
            with serve(command) as url:  # a new server, which keeps no pass of a text of the row before
                rows.append(summarize(exhibit, n_tokens, measure(browser, url, exhibit, text, name)))
        browser.close()
    show(rows)
    print(json.dumps({"exhibit": asked, "model": name, "rows": rows}))


if __name__ == "__main__":
    main()
