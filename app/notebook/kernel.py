"""What answers the page in a notebook: the kernel, with the answers of the server, and without one."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from app.engine import Engine
from app.exhibits.registry import PLATES
from app.notebook.document import BASE, document
from app.page import glossary, shell
from app.page.answers import Answers
from app.page.desk import Desk
from app.page.plate import plate
from app.running.memory import heap
from app.wire import payload

HOME = "http://127.0.0.1:7860/"
"""Where a link of the page in a notebook leads: to where `cutaway serve` answers."""


class Kernel:
    """The models of one notebook, and what they answer.

    Args:
        engine: the models.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.answers = Answers(engine)
        self._desk = Desk()

    def answer(self, name: str, request: object) -> bytes:
        """The reply to a question of the page, by the name of the answer, as a server would send it. Never raises."""
        if name not in self.answers.names:
            return payload.as_json({"error": f"There is no answer named {name!r}."})
        encode = payload.framed if name == "frame" else payload.as_json
        told = self._desk.reply(self.answers.named(name), request, encode=encode)
        heap.settle()
        return told

    def page(self, state: Mapping[str, Any]) -> str:
        """The document of the whole page, opened at a state."""
        address = {name: value for name, value in state.items() if value is not None}
        address |= {name: address[name] + 1 for name in ("layer", "head") if name in address}
        body = shell.html(self.answers.catalog(), BASE)
        body = body.replace('<div class="shell"', f'<div class="shell" data-home="{escape(HOME)}"', 1)
        body += "".join(glossary.annotated(plate(name, exhibit)) for name, exhibit in PLATES.items())
        script = f'import {{ begin }} from "{BASE}/js/notebook/page.js";\nbegin({json.dumps(urlencode(address))});'
        return document(body, script)


@functools.cache
def kernel() -> Kernel:
    """That of this process: notebooks share their models among all cells."""
    return Kernel(Engine())
