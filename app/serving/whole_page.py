"""The page as it goes out: what Gradio's template gives, once, made the same for every visitor, and compressed.

Gradio writes its own address into each page, out of what the request says of itself. Ours comes out of the browser,
which knows it best, whatever proxies stand between and whatever path they put in front: so one page serves all, and no
header of a request reaches it. All addresses in it are relative to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from app.serving import policy
from app.serving.files import ASK_AGAIN, Answer
from app.serving.refused import Scope

App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]

STAND_IN = "http://cutaway.invalid"
"""The address under which the template is filled in; a name that nobody can have (RFC 2606)."""
OWN_ADDRESS = r'document.baseURI.replace(/\/+$/, "")'
"""The page's folder, as the script in the page finds it."""
_ICON = '<link rel="icon" href="favicon.ico">'
"""Without it, a browser asks for one at the root of the host, which under a path is somebody else's."""
_INFO = re.compile(r"(<script>window\.gradio_api_info = ).*?(;</script>)", re.DOTALL)
"""What the page tells of the API for programs, with examples; no part of our page shows it."""
_BASE = re.compile(r"<base\b[^>]*>")
"""What relative addresses behind it are relative to."""
_MANIFEST = '<link rel="manifest" href="/manifest.json" />'


async def get(app: App, path: str) -> tuple[int, bytes]:
    """Status and body that an ASGI application answers a GET with, asked from within this process."""
    status, body = 0, bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        body.extend(message.get("body", b""))

    scope: Scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1"}
    scope |= {"method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"root_path": "", "server": None, "client": None, "state": {}}
    scope["headers"] = [(b"host", STAND_IN.removeprefix("http://").encode())]
    await app(scope, receive, send)
    return status, bytes(body)


def relative(html: str, head: str) -> str:
    """A page of Gradio's template with the browser's own idea of its address, and with `head` first in its head: a
    browser that meets a script there waits for no style sheet before it.

    Raises:
        ValueError: the template is another than the one that this knows.
    """
    base = _BASE.search(html)
    for what, there in ((json.dumps(STAND_IN), json.dumps(STAND_IN) in html), ("<base>", base)):
        if not there:
            raise ValueError(f"Gradio's page has no {what}: app/serving/whole_page.py does not know this version of it")
    assert base is not None
    html = f"{html[: base.end()]}{_ICON}{head}{html[base.end() :]}"
    html = html.replace(json.dumps(STAND_IN), OWN_ADDRESS).replace(_MANIFEST, "")
    html = _INFO.sub(r'\1{"named_endpoints":{},"unnamed_endpoints":{}}\2', html, count=1)
    if STAND_IN in html:
        raise ValueError(f"Gradio's page holds {STAND_IN} elsewhere than alone in quotes")
    return html


async def render(app: App, head: str, ancestors: Iterable[str]) -> Answer:
    """The page that an application of Gradio's serves, ready to be sent.

    Args:
        app: the application.
        head: markup for the document's head: what the browser should load before it knows why.
        ancestors: who may frame it, as CSP names them.

    Raises:
        ValueError: it gives none, or one that is not known here.
    """
    status, body = await get(app, "/")
    if status != 200:
        raise ValueError(f"Gradio's page came with status {status}")
    html = relative(body.decode("utf-8"), head)
    headers = ((b"content-security-policy", policy.of_page(html, ancestors).encode("ascii")),)
    return Answer.of(html.encode("utf-8"), "text/html; charset=utf-8", ASK_AGAIN, headers)
