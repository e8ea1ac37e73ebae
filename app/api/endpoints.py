"""The API's endpoints as Gradio knows them: their parameters, their schemas, and the way of each call to the desk.

A program waits for its turn at the page's desk, works within the page's budget, and is told the page's sentences. The
docstrings in here are what `gradio_client` and MCP clients show.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, get_type_hints

import anyio.to_thread
import gradio as gr
from gradio.events import api

from app.api.answers import Pattern, Programs, Sampled, Tokenized, Trace
from app.page.desk import BROKEN, Answer, Desk
from app.running.clients import client_of

SESSION = "cutaway.session"
"""The key in a connection's scope under which the name that a program gives itself stands."""
REFUSED = "cutaway.refused"
"""The key of a list in a connection's scope that takes the status of a refusal: Gradio would say 500 of each."""
UNSHAPED = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0}

Endpoint = Callable[..., Awaitable[Any]]


class Endpoints:
    """The endpoints of one server.

    Args:
        programs: what is answered.
        desk: where calls wait for their turn: the page's.
        watched: what is put around every answer, to count it.
    """

    def __init__(self, programs: Programs, desk: Desk, watched: Callable[[Answer], Answer]) -> None:
        self._desk = desk
        self._answers = {
            answer.__name__: watched(_named(f"api_{answer.__name__}", answer))
            for answer in (programs.tokenize, programs.trace, programs.attention, programs.sample)
        }
        self._model = programs.answers.catalog()["default"]["model"]

    def register(self) -> None:
        """Adds them to the Gradio page that is being built."""
        for endpoint in self.all():
            endpoint.__annotations__ = get_type_hints(endpoint)  # Gradio reads the return type unresolved
            api(endpoint, api_name=endpoint.__name__, queue=False)

    async def _ask(self, name: str, asked_by: gr.Request, fields: Mapping[str, Any]) -> Any:
        """One answer. Raises gr.Error with the sentence where there is none."""
        connection = getattr(asked_by, "request", asked_by)  # of an MCP call, Gradio hands over Starlette's own
        peer = connection.client.host if connection.client else ""
        session = str(connection.scope.get(SESSION, ""))
        client = client_of(peer, connection.headers, session, self._desk.limits)
        body = await self._desk.call(self._answers[name], fields, client, connection.is_disconnected)
        told = await anyio.to_thread.run_sync(json.loads, body)
        told.pop("seq", None)
        if error := told.get("error"):
            connection.scope.get(REFUSED, []).append(status_of(error, again="again" in told))
            raise gr.Error(error, print_exception=False)
        return told

    def all(self) -> tuple[Endpoint, ...]:
        """The endpoints, by what they do from the text to what comes next."""
        ask, default = self._ask, self._model

        async def tokenize(request: gr.Request, text: str, model: str = default) -> Tokenized:
            """Splits a text into the tokens that a model reads.

            Args:
                text: any text; of one longer than the model's context, its end is read.
                model: the name of a model, as the page's picker lists them.
            """
            told: Tokenized = await ask("tokenize", request, {"text": text, "model": model})
            return told

        async def trace(request: gr.Request, text: str, model: str = default, taps: list[str] = ()) -> Trace:  # type: ignore[assignment]
            """Runs a text through a model: the likeliest next tokens, and whichever inner values are asked for.

            Args:
                text: any text; of one longer than the model's context, its end is read.
                model: the name of a model, as the page's picker lists them.
                taps: names of inner values, as a reply lists them in "names"; at most 16.
            """
            fields = {"text": text, "model": model, "taps": taps, "sampling": UNSHAPED}
            told: Trace = await ask("trace", request, fields)
            return told

        async def attention(
            request: gr.Request, text: str, model: str = default, layer: int = 0, head: int = 0, kind: str = ""
        ) -> Pattern:
            """One attention head's probabilities on a text, a row for each querying token.

            Args:
                text: any text; of one longer than the model's context, its end is read.
                model: the name of a model, as the page's picker lists them.
                layer: which block, counted from 0.
                head: which head of it, counted from 0.
                kind: of a T5, "encoder", "decoder" or "cross"; nothing of the others.
            """
            fields = {"text": text, "model": model, "layer": layer, "head": head, "kind": kind}
            told: Pattern = await ask("attention", request, fields)
            return told

        async def sample(
            request: gr.Request,
            text: str,
            model: str = default,
            n: int = 1,
            temperature: float = 1.0,
            top_k: int = 0,
            top_p: float = 1.0,
            min_p: float = 0.0,
            seed: int = 0,
        ) -> Sampled:
            """Continues a text by drawing from a GPT's predictions, up to its end token.

            Args:
                text: any text; of one longer than the model's context, its end is read.
                model: the name of a GPT, as the page's picker lists them.
                n: how many characters or tokens to draw; at most 64.
                temperature: below 1, likely tokens win more often; above, others do.
                top_k: how many of the likeliest tokens may be drawn; 0 for all.
                top_p: the smallest set of likeliest tokens with at least this probability may be drawn; 1 for all.
                min_p: tokens of at least this fraction of the likeliest one's probability may be drawn; 0 for all.
                seed: the same seed draws the same text.
            """
            shaped = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p, "seed": seed}
            told: Sampled = await ask("sample", request, {"text": text, "model": model, "n": n, "sampling": shaped})
            return told

        return tokenize, trace, attention, sample


def status_of(error: str, again: bool) -> HTTPStatus:
    """What a refusal is called in HTTP: the server may be busy, or at fault; else what was asked cannot be."""
    if again:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.INTERNAL_SERVER_ERROR if error == BROKEN else HTTPStatus.UNPROCESSABLE_ENTITY


def _named(name: str, answer: Answer) -> Answer:
    """The same answer under a name of its own, by which turns and counts tell it from the page's."""

    @functools.wraps(answer)
    def call(request: object) -> Mapping[str, Any]:
        return answer(request)

    call.__name__ = name
    return call
