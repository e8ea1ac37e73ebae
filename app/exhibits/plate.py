"""The plate that every exhibit is mounted on: title, lead, picture, and the row of notes below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any


def plate(
    name: str,
    *,
    title: str,
    lead: str,
    picture: str,
    formula: str,
    computed: str,
    attempt: str,
    setting: Mapping[str, Any],
) -> str:
    """The markup of one exhibit.

    Args:
        name: its name in the address, `#exhibit=name`.
        title, lead: plain text.
        picture: markup that `static/js/exhibits/<name>.js` brings to life.
        formula: markup of the formula that the picture draws.
        computed: markup that says how it is computed, with the source.
        attempt: plain text of the thing to try.
        setting: the state that one click on it sets; keys as in `static/js/state.js`.
    """
    return f"""
<section class="exhibit" data-exhibit="{name}" aria-labelledby="exhibit-{name}" hidden>
  <header class="lead">
    <h1 id="exhibit-{name}">{escape(title)}</h1>
    <p>{escape(lead)}</p>
  </header>
  <p class="absent" hidden></p>
  <div class="picture">{picture}</div>
  <footer class="notes">
    <div><h2>The formula</h2><p class="formula">{formula}</p></div>
    <div><h2>Try this</h2><p>{escape(attempt)}</p>
      <button type="button" class="try" data-setting="{escape(json.dumps(setting))}">Set it up</button></div>
    <div><h2>How this is computed</h2><p>{computed}</p></div>
  </footer>
</section>"""
