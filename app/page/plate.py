"""The plate that every exhibit is mounted on: title, lead, picture, the row of notes below it, and the way on.

Where a family needs other words, both stand in the markup with `data-for`, and the style sheet shows those of the model
on the page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from app.exhibits.registry import Plate
from app.page import guide, walk
from model.config import FAMILIES

WORDS = ("lead", "formula", "computed", "attempt", "setting")
"""What an exhibit says, and may say otherwise to a family."""


def plate(name: str, exhibit: Plate) -> str:
    """The markup of one exhibit: a section with `data-exhibit`, which `static/js/exhibits/<name>/` brings to life.

    Args:
        name: its name in the address, `#exhibit=name`.
        exhibit: its module `plate`.
    """
    common = {word: getattr(exhibit, word.upper()) for word in WORDS}
    own: Mapping[str, Mapping[str, Any]] = getattr(exhibit, "BY_FAMILY", {})
    words = {family: {**common, **own.get(family, {})} for family in FAMILIES}
    return f"""
<section class="exhibit" data-exhibit="{name}" aria-labelledby="exhibit-{name}" hidden>
  <header class="lead">
    <h1 id="exhibit-{name}">{escape(exhibit.TITLE)}</h1>
    {_each(words, lambda said: f"<p>{escape(said['lead'])}</p>")}
    {guide.offers(name)}
  </header>
  <p class="absent" hidden></p>
  <div class="picture">{exhibit.PICTURE}</div>
  <footer class="notes">
    <div><h2>The formula</h2>{_each(words, lambda said: f'<p class="formula">{said["formula"]}</p>')}</div>
    <div><h2>Try this</h2>{_each(words, _attempt)}</div>
    <div><h2>How this is computed</h2>{_each(words, lambda said: f"<p>{said['computed']}</p>")}</div>
    {walk.onward(name)}
  </footer>
</section>"""


def _attempt(said: Mapping[str, Any]) -> str:
    setting = escape(json.dumps(said["setting"]))
    return f"""<p>{escape(said["attempt"])}</p>
      <button type="button" class="try" data-setting="{setting}">Set it up</button>"""


def _each(words: Mapping[str, Mapping[str, Any]], markup: Callable[[Mapping[str, Any]], str]) -> str:
    """The markup for each family; once, if it is the same for all."""
    families: dict[str, list[str]] = {}
    for family, said in words.items():
        families.setdefault(markup(said), []).append(family)
    if len(families) == 1:
        return next(iter(families))
    return "".join(f'<div data-for="{" ".join(names)}">{html}</div>' for html, names in families.items())
