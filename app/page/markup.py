"""Markup that several plates share: what a change did to the prediction, choices of which one holds, and sliders.

Scripts bring each to life: `static/js/page/effect.js`, and `radios` of `static/js/dom.js`.
"""

from __future__ import annotations

from collections.abc import Mapping


def effect(exhibit: str) -> str:
    """The panel of what the changes to the model did to its prediction; `frame` answers with `change` for it."""
    return f"""<section class="effect" aria-labelledby="{exhibit}-effect">
      <h2 id="{exhibit}-effect">Change in prediction</h2>
      <p class="bits"></p>
      <p class="words"></p>
      <ol></ol>
      <p class="refusal" role="status"></p>
    </section>"""


def by_positions(words: Mapping[str, str]) -> str:
    """Markup of which the part is shown that holds for the model on the page, by its scheme of positions.

    Args:
        words: markup by one scheme or several, as `model.config.Scheme` names them: {"rope": ..., "alibi t5": ...}.
    """
    return "".join(f'<span data-positions="{schemes}">{markup}</span>' for schemes, markup in words.items())


def trait(name: str, markup: str) -> str:
    """Markup that is shown where the model on the page has a trait: see `app.page.traits`."""
    return f'<span data-trait="{name}">{markup}</span>'


def radios(field: str, choices: Mapping[str, str]) -> str:
    """A button for each choice, with its name in `data-<field>` and its label; the script says which one holds."""
    return "".join(
        f'<button type="button" role="radio" aria-checked="false" data-{field}="{name}">{label}</button>'
        for name, label in choices.items()
    )


def switch(field: str, choices: Mapping[str, str], label: str, kind: str = "") -> str:
    """A row of choices under a name that only a screen reader hears; `kind` is a class of its own."""
    classes = f"switch {kind}".strip()
    return f'<div class="{classes}" role="radiogroup" aria-label="{label}">{radios(field, choices)}</div>'


def slider(label: str, field: str, id: str, ends: tuple[int, int] | None = None) -> str:
    """A slider with its label and its value; between whole numbers, or over stops that its script knows.

    Args:
        label: what is set.
        field: what it is called in the state, `data-field`.
        id: the input's id on the page.
        ends: the least and the most.
    """
    limits = "" if ends is None else f' min="{ends[0]}" max="{ends[1]}" step="1"'
    return (
        f'<div class="slider" data-field="{field}"><label for="{id}">{label}</label><output></output>'
        f'<input id="{id}" type="range"{limits}></div>'
    )
