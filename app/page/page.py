"""The page: which host stands where, and how the browser's calls reach the answers.

Gradio runs a server function in a thread of its own pool, bounds how many run at once only by that pool, and turns an
exception into `undefined` in the browser. So every call here passes a limiter, and none raises.
"""

from __future__ import annotations

import functools
import gzip
import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from fastapi import Response

from app.engine import Engine
from app.exhibits.registry import PLATES
from app.page import assets, charts, glossary, shell
from app.page.answers import Answers
from app.page.plate import plate
from app.wire.fields import RequestError, sequence_number

STATIC = Path(__file__).resolve().parents[2] / "static"
STATIC_URL = f"/gradio_api/file={quote(STATIC.as_posix())}"
ASSETS = assets.find(STATIC)
AT_ONCE = 2
"""How many answers are computed at the same time: one for each core of the smallest host."""
PATIENCE_S = 3.0
"""How long a call waits for its turn."""
COMPRESSED_FROM = 100_000
"""Bytes of a reply. Below, compressing takes longer than sending; a frame of 32 tokens stays below."""

BUSY = "The server is busy with other visitors; type on, or try again in a moment."
BROKEN = "This text could not be computed: the fault is on the server, which has written it to its log."

Answer = Callable[[object], Mapping[str, Any]]
logger = logging.getLogger(__name__)


class Desk:
    """Where calls wait for their turn, and where every one of them gets a reply."""

    def __init__(self) -> None:
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def reply(self, answer: Answer, request: object) -> bytes:
        """What `answer` gives, or why it gave nothing, as JSON with the number of the request. Never raises.

        Everything outside ASCII is escaped, so that a text comes back exactly as it was sent: Gradio's own encoder
        refuses lone surrogates.
        """
        seq = sequence_number(request)
        if not self._turns.acquire(timeout=PATIENCE_S):
            return _json({"seq": seq, "error": BUSY})
        try:
            return _json({"seq": seq, **answer(request)})
        except RequestError as error:
            return _json({"seq": seq, "error": str(error)})
        except Exception:
            logger.exception("no answer to %s", getattr(answer, "__name__", answer))
            return _json({"seq": seq, "error": BROKEN})
        finally:
            self._turns.release()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, allow_nan=False).encode("ascii")


def server_function(desk: Desk, answer: Answer) -> Callable[[Any, gr.Request], Response]:
    """An answer in the form that `gr.HTML(server_functions=...)` takes; the browser calls it by the answer's name.

    It gives a finished response. A large one is compressed, because many heads on many tokens are mostly zeros, and a
    hosted page is far from its browser.
    """

    def call(request: Any, connection: gr.Request) -> Response:
        body, headers = desk.reply(answer, request), {}
        if len(body) > COMPRESSED_FROM and "gzip" in connection.headers.get("accept-encoding", ""):
            body, headers = gzip.compress(body, compresslevel=1), {"Content-Encoding": "gzip"}
        return Response(body, headers=headers, media_type="application/json")

    call.__name__ = answer.__name__
    return call


def build(engine: Engine) -> gr.Blocks:
    """The page over an engine's models."""
    answers, desk = Answers(engine), Desk()
    gr.set_static_paths([STATIC, charts.script()])
    host = functools.partial(gr.HTML, apply_default_css=False, padding=False)
    page: gr.Blocks
    with gr.Blocks(title="Cutaway", analytics_enabled=False, fill_width=True) as page:
        host(
            shell.html(answers.catalog()),
            js_on_load=shell.ON_LOAD,
            server_functions=[server_function(desk, answers.named(name)) for name in answers.names],
            script=f"{STATIC_URL}/{ASSETS.script}",
        )
        for name, exhibit in PLATES.items():
            host(glossary.annotated(plate(name, exhibit)), js_on_load=None)
    page.space_id = None  # on a Space, Gradio would load the host's banner, and fonts for it, from elsewhere
    return page
