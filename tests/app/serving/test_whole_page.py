"""The page as it goes out: the same for every visitor, relative, under a policy that names its scripts."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json

import pytest

from app.serving import policy
from app.serving.whole_page import OWN_ADDRESS, STAND_IN, relative, render

TEMPLATE = f"""<html><head><base href="./" /><script>window.gradio_config = {{"root": {json.dumps(STAND_IN)}}};</script>
<link rel="manifest" href="/manifest.json" /><script type="module" src="./a.js"></script></head><body></body></html>"""


async def gradio(scope, receive, send):
    """Gradio, as far as its page goes."""
    assert dict(scope["headers"])[b"host"] == STAND_IN.removeprefix("http://").encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": TEMPLATE.encode()})


def test_the_browser_says_where_the_page_is() -> None:
    html = relative(TEMPLATE, '<link rel="preload" href="v/1/a.css">')
    assert f'{{"root": {OWN_ADDRESS}}}' in html
    assert STAND_IN not in html
    assert "manifest" not in html
    assert '<link rel="icon" href="favicon.ico">' in html
    assert '<base href="./" /><link rel="icon" href="favicon.ico"><link rel="preload" href="v/1/a.css">' in html


def test_what_gradio_writes_of_an_api_for_programs_is_left_out() -> None:
    told = f'<script>window.gradio_api_info = {{"python": "Client(\\"{STAND_IN}\\")"}};</script>'
    html = relative(TEMPLATE.replace("</head>", f"{told}</head>"), "")
    assert 'window.gradio_api_info = {"named_endpoints":{},"unnamed_endpoints":{}};</script>' in html
    assert "Client" not in html


@pytest.mark.parametrize(
    "template", ["<html><head></head></html>", TEMPLATE.replace("<base", "<bass"), TEMPLATE + f'"{STAND_IN}/config"']
)
def test_a_template_that_is_not_known_is_said_to_be_one(template: str) -> None:
    with pytest.raises(ValueError, match="Gradio's page"):
        relative(template, "")


def test_the_policy_names_the_pages_inline_scripts_and_no_other() -> None:
    answer = asyncio.run(render(gradio, "", ["https://example.org"]))
    html = answer.plain.decode()
    said = dict(answer.headers)[b"content-security-policy"].decode()
    directives = dict(directive.split(" ", 1) for directive in said.split("; "))
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert directives["script-src"] == f"'self' 'unsafe-eval' 'sha256-{digest}'"
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'self' https://example.org"
    assert "unsafe-inline" not in directives["script-src"]


def test_scripts_from_addresses_are_not_inline() -> None:
    assert policy.inline_digests('<script src="a.js"></script><SCRIPT type=module src=b.js></SCRIPT>') == []
    assert len(policy.inline_digests("<script>a</script><script data-x>b\n</script><script>a</script>")) == 2
