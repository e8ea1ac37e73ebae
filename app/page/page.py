"""The page: which host stands where."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from app.engine import Engine
from app.exhibits.registry import PLATES
from app.page import assets, glossary, shell
from app.page.answers import Answers
from app.page.calls import server_function
from app.page.desk import Answer, Desk
from app.page.plate import plate

STATIC = Path(__file__).resolve().parents[2] / "static"
ASSETS = assets.find(STATIC)
SPACE = os.environ.get("SPACE_ID", "")
"""The Space that this runs on, "owner/name", which the hub says in the environment."""


def build(
    engine: Engine,
    *,
    files: str = "static",
    answers: Answers | None = None,
    desk: Desk | None = None,
    watched: Callable[[Answer], Answer] = lambda answer: answer,
    besides: Callable[[], None] = lambda: None,
) -> gr.Blocks:
    """The page over an engine's models.

    Args:
        engine: the models.
        files: the address of `static/`, from the page's own.
        answers: what it is answered with; made of the engine unless given.
        desk: where its calls wait for their turn; one of its own unless given.
        watched: what is put around every answer, to count it.
        besides: called while the page is built, to add what is not on it: endpoints for programs.
    """
    answers, desk = answers or Answers(engine), desk or Desk()
    host = functools.partial(gr.HTML, apply_default_css=False, padding=False)
    page: gr.Blocks
    with gr.Blocks(title="Cutaway", analytics_enabled=False, fill_width=True) as page:
        host(
            shell.html(answers.catalog(), files, ASSETS.figures, ASSETS.lecture, SPACE),
            js_on_load=shell.ON_LOAD,
            server_functions=[
                server_function(desk, watched(answers.named(name))) for name in answers.names if name != "frame"
            ],
            script=f"{files}/{ASSETS.script}",
        )
        for name, exhibit in PLATES.items():
            host(glossary.annotated(plate(name, exhibit)), js_on_load=None)
        besides()
    page.space_id = None  # on a Space, Gradio would load the host's banner, and fonts for it, from elsewhere
    return page


def functions(page: gr.Blocks) -> dict[int, tuple[str, ...]]:
    """The names of the server functions of a page, by the number of the component that has them."""
    components = {number: block for number, block in page.blocks.items() if isinstance(block, gr.HTML)}
    return {
        number: names
        for number, block in components.items()
        if (names := tuple(call.__name__ for call in block.server_fns))
    }


def describe_anew(page: gr.Blocks, answers: Answers, files: str) -> None:
    """Has the page tell of the models that are there now: one was fetched since, or proved broken."""
    shell_host = next(block for block in page.blocks.values() if isinstance(block, gr.HTML))
    shell_host.value = shell.html(answers.catalog(), files, ASSETS.figures, ASSETS.lecture, SPACE)
    page.config = page.get_config_file()
