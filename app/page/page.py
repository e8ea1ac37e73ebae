"""The page: which host stands where, and how the browser's calls reach the desk where they are answered."""

from __future__ import annotations

import functools
import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import anyio.to_thread
import gradio as gr
from fastapi import Request, Response

from app.engine import Engine
from app.exhibits.registry import PLATES
from app.page import assets, glossary, shell
from app.page.answers import Answers
from app.page.desk import Answer, Desk
from app.page.plate import plate
from app.running.clients import client_of

STATIC = Path(__file__).resolve().parents[2] / "static"
ASSETS = assets.find(STATIC)
COMPRESSED_FROM = 100_000
"""Bytes of a reply. Below, compressing takes longer than sending; a frame of 32 tokens stays below."""


def server_function(desk: Desk, answer: Answer) -> Callable[[Any, gr.Request], Awaitable[Response]]:
    """An answer in the form that `gr.HTML(server_functions=...)` takes; the browser calls it by the answer's name.

    It gives a finished response. A large one is compressed, because many heads on many tokens are mostly zeros, and a
    hosted page is far from its browser.
    """

    async def call(request: Any, asked_by: gr.Request) -> Response:
        connection = cast(Request, asked_by)  # Gradio hands over Starlette's to whoever asks for its own
        session = (await connection.json()).get("session_hash")  # read already, and kept
        peer = connection.client.host if connection.client else ""
        client = client_of(peer, connection.headers, str(session), desk.limits)
        body, headers = await desk.call(answer, request, client, connection.is_disconnected), {}
        if len(body) > COMPRESSED_FROM and "gzip" in connection.headers.get("accept-encoding", ""):
            body = await anyio.to_thread.run_sync(gzip.compress, body, 1)
            headers = {"Content-Encoding": "gzip"}
        return Response(body, headers=headers, media_type="application/json")

    call.__name__ = answer.__name__
    return call


def build(
    engine: Engine,
    *,
    files: str = "static",
    answers: Answers | None = None,
    watched: Callable[[Answer], Answer] = lambda answer: answer,
) -> gr.Blocks:
    """The page over an engine's models.

    Args:
        engine: the models.
        files: the address of `static/`, from the page's own.
        answers: what it is answered with; made of the engine unless given.
        watched: what is put around every answer, to count it.
    """
    answers, desk = answers or Answers(engine), Desk()
    host = functools.partial(gr.HTML, apply_default_css=False, padding=False)
    page: gr.Blocks
    with gr.Blocks(title="Cutaway", analytics_enabled=False, fill_width=True) as page:
        host(
            shell.html(answers.catalog(), files),
            js_on_load=shell.ON_LOAD,
            server_functions=[server_function(desk, watched(answers.named(name))) for name in answers.names],
            script=f"{files}/{ASSETS.script}",
        )
        for name, exhibit in PLATES.items():
            host(glossary.annotated(plate(name, exhibit)), js_on_load=None)
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
    shell_host.value = shell.html(answers.catalog(), files)
    page.config = page.get_config_file()
