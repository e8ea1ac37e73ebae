"""The frame that stands around every exhibit: the bar, the rail, the token ribbon and the column "What comes next".

How the page is put together. `app/page/page.py` makes the hosts, `static/js/main.js` makes them move, and this is all
that they know of each other:

- One `gr.HTML(shell.html(catalog), js_on_load=shell.ON_LOAD, server_functions=[frame, cell, draw], script=URL)`, where
  URL is the address of the script that `app/page/assets.py` names, from the page's own. It receives the server
  functions.
- One `gr.HTML(plate(name, exhibit), js_on_load=None)` for each of `app.exhibits.registry.PLATES`, in any order and
  place. All hosts take `apply_default_css=False, padding=False`.
- Gradio is given `head=assets.find(static/).head(its URL)`: the style sheets, and with them the fonts, by relative
  addresses. `.hints(its URL)` stands in the page itself.
- The style sheets take Gradio's own boxes out of the layout (`display: contents`) and lay the parts out on one grid,
  by their class names. Exactly one exhibit is visible at a time; main.js sets `hidden` on the others.

The catalog, described with `frame`, `cell` and `draw` in `app/wire/payload.py`, rides in the `data-catalog` attribute,
the glossary in `data-terms`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from app.page import card, charts, glossary, guide, walk
from app.page.markup import radios
from model.config import FAMILIES

NOT_STARTED = "The page could not be started; reload it."
ON_LOAD = f"""const main = import(new URL(props.script, document.baseURI));
main.then(({{ start }}) => start(element, server)).catch((error) => {{
  element.querySelector(".notice").textContent = {json.dumps(NOT_STARTED)};
  throw error;
}});"""


def html(
    catalog: Mapping[str, Any],
    files: str = "static",
    figures: str = "js/figures/sheet.js",
    lecture: str = "js/lecture/index.js",
    space: str = "",
) -> str:
    """The markup of bar, rail, ribbon and column.

    Args:
        catalog: what the browser must know before its first request.
        files: the address of `static/`, from the page's own.
        figures: the script that is loaded when a person takes a figure away, from there.
        lecture: the script that is loaded when one gives a lecture, likewise.
        space: the Space that the page is served from, "owner/name"; "" elsewhere.
    """
    models: Mapping[str, Mapping[str, Any]] = catalog["models"]
    return f"""
<div class="shell" data-catalog="{escape(json.dumps(catalog))}" data-terms="{escape(json.dumps(glossary.FOR_SCRIPTS))}"
  data-figures="{files}/{figures}" data-lecture="{files}/{lecture}" data-space="{escape(space)}">
  {_bar(models)}
  {walk.rail()}
  <div class="ribbon" role="listbox" aria-label="Tokens" aria-orientation="horizontal" tabindex="0"></div>
  {_NEXT}
  <p class="glossary" id="cutaway-glossary" role="tooltip" hidden></p>
  {guide.panel()}
  {charts.dialog(files)}
  {card.dialog()}
  <p class="live visually-hidden" role="status" aria-live="polite"></p>
</div>"""


def _bar(models: Mapping[str, Mapping[str, Any]]) -> str:
    there = {model["family"] for model in models.values()}
    families = radios("family", {family: family.upper() for family in FAMILIES if family in there})
    return f"""<header class="bar">
    <p class="wordmark">Cutaway<small>A language model at work on your own text.</small></p>
    <div class="box"><div class="sheet">
      <textarea class="text" rows="1" wrap="off" spellcheck="false" autocomplete="off" autocapitalize="off"
        aria-label="Your text" aria-describedby="cutaway-notice" placeholder="Type a sentence"></textarea>
      <div class="resting" aria-hidden="true" hidden></div>
      <output class="count" aria-hidden="true"></output>
      <p class="notice" id="cutaway-notice" role="status"></p>
      <button type="button" class="skip">Skip to the exhibit</button>
      <button type="button" class="examples-button" aria-haspopup="menu" aria-expanded="false">Examples</button>
      <div class="examples" role="menu" aria-label="Examples" hidden></div>
    </div></div>
    <div class="answer"><span class="answer-to"></span><bdi></bdi><b></b><span class="answer-more"></span></div>
    <p class="bar-note changed" role="status" hidden><span></span><button type="button" class="plain">Undo</button></p>
    <p class="bar-note away" role="status" hidden><span></span><button type="button" class="plain"></button></p>
    <div class="models">
      <div class="families" role="radiogroup" aria-label="Family">{families}</div>
      <button type="button" class="about" aria-haspopup="listbox" aria-expanded="false"><b></b><span></span></button>
      <button type="button" class="plain card" aria-haspopup="dialog">Card</button>
      <a class="card" target="_blank" rel="noopener" hidden>Card</a>
      <div class="menu" hidden><ul role="listbox" tabindex="0" aria-label="Model"></ul>
        <p>Models of the Hugging Face hub are downloaded and exported on first use, then kept on this machine.</p></div>
    </div>
    <div class="tools">
      <button type="button" class="plain theme"></button>
      <button type="button" class="plain share">Share</button>
    </div>
  </header>"""


_NEXT = """<aside class="next" aria-labelledby="cutaway-next">
    <h2 id="cutaway-next">What comes next</h2>
    <div class="wrote" role="listbox" aria-label="What it writes" aria-orientation="horizontal" tabindex="0"
      hidden></div>
    <p class="settings"></p>
    <p class="masking" hidden><button type="button">Mask it</button><span>or double-click a word of the row</span></p>
    <p class="unsaid" hidden></p>
    <ol class="candidates"></ol>
    <p class="rest"><span></span><b></b></p>
    <p class="dot"></p>
    <p class="entropy"></p>
    <p class="timing"></p>
    <section class="pinned idle" aria-label="Pinned state"><p class="pinned-words"></p>
      <button type="button" aria-pressed="false">Pin this</button>
      <p class="pinned-note"><span class="then"></span><span></span></p>
      <div class="effect" hidden><p class="bits"></p><p class="words"></p><ol></ol><p class="refusal"></p></div>
    </section>
  </aside>"""
