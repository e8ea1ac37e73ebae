"""`show`: what is asked for as a widget."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.notebook.widgets import Exhibit, Patterns


def show(
    text: str | None = None,
    *,
    exhibit: str | None = None,
    model: str | None = None,
    patterns: Any = None,
    tokens: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    caption: str = "",
    **state: Any,
) -> Exhibit | Patterns:
    """An exhibit of the page on a text, or attention arrays of any model, as a widget.

    Its traits are the state: `layer`, `head`, `query`, `key`, `view` and `theme`; of an exhibit also `exhibit`,
    `model`, `text`, `sampling`, `interventions` and `link`. They can be read, set and observed from cells, and given
    here.

    Args:
        text: what the model reads; the page's own text unless given.
        exhibit: its name, as in the address of the page; the first of the walk unless given.
        model: its name; the page's own unless given.
        patterns: attention probabilities in the place of a text. *Shape:* (layer, head, query, key).
        tokens: the text of each query of `patterns`, and of each key where `keys` does not say otherwise.
        keys: the text of each key, where they are others than the queries.
        caption: what a picture of `patterns` says under it.
        state: other traits, such as `layer=2`.

    Raises:
        ImportError: anywidget is not installed.
        ValueError: arrays and tokens do not fit together; the message says what would.
        traitlets.TraitError: there is no such exhibit, model or trait.
    """
    if find_spec("anywidget") is None:
        raise ImportError("A notebook needs a package more: pip install 'cutaway[notebook]'.")

    from app.notebook import widgets
    from app.notebook.kernel import kernel
    from app.notebook.packed import Arrays

    if patterns is not None:
        if text is not None or exhibit is not None or model is not None:
            raise ValueError("patterns are drawn in the place of a text, an exhibit and a model; leave those out.")
        if tokens is None:
            raise ValueError("patterns need the text of their tokens: show(patterns=array, tokens=[...]).")
        return widgets.Patterns(Arrays(patterns, tokens, keys, caption), **state)
    running = kernel()
    first = running.answers.catalog()["default"]
    asked = {"text": text, "exhibit": exhibit, "model": model}
    return widgets.Exhibit(
        running, **{name: first[name] if said is None else said for name, said in asked.items()}, **state
    )
