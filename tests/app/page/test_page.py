"""The page's wiring: Gradio serves it all, and every call reaches the desk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from gradio.routes import App
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import Engine
from app.exhibits import WALK
from app.page import page
from app.page.answers import Answers
from app.page.desk import BROKEN, Desk
from tests.app.conftest import NumPySession
from tests.app.page.test_answers import ask
from tests.app.page.test_desk import framed, reply
from tests.app.wire.test_fields import json_values


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A browser's connection to the page."""

    async def app() -> App:
        return App.create_app(page.build(engine))

    # Inside a running event loop, because outside of one Gradio makes loops that it never closes.
    with TestClient(asyncio.run(app())) as client:
        yield client


def post(client: TestClient, name: str, body: str, headers: Mapping[str, str] | None = None) -> Any:
    """Calls a server function as the browser does; `body` is the JSON text of its argument."""
    components = client.get("/config").json()["components"]
    (host,) = (component["id"] for component in components if name in component["props"].get("server_fns", ()))
    content = f'{{"data": {body}, "component_id": {host}, "fn_name": "{name}", "session_hash": "s"}}'
    response = client.post(
        "/gradio_api/component_server",
        content=content,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    assert response.status_code == 200
    return response


def call(client: TestClient, name: str, body: str) -> Any:
    """What a server function answers."""
    return post(client, name, body).json()


def test_the_browser_reaches_cell_and_draw(client: TestClient) -> None:
    cell = call(client, "cell", json.dumps(ask(layer=0, head=0, query=1, key=1)))
    assert cell["allowed"]
    assert call(client, "draw", json.dumps(ask(draw=0)))["drawn"]
    assert "error" in call(client, "draw", "null")


def test_a_frame_is_no_function_of_gradios(client: TestClient) -> None:
    functions = [component["props"].get("server_fns", ()) for component in client.get("/config").json()["components"]]
    assert any("cell" in names for names in functions)
    assert not any("frame" in names for names in functions)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    name=st.sampled_from(["frame", "cell", "draw"]), changes=st.dictionaries(st.sampled_from(list(ask())), json_values)
)
def test_whatever_is_sent_is_answered_in_json(
    engine: Engine, caplog: pytest.LogCaptureFixture, name: str, changes: dict[str, Any]
) -> None:
    request = ask(layer=0, head=0, query=0, key=0, draw=0) | changes
    answer = (framed if name == "frame" else reply)(Desk(), Answers(engine).named(name), request)
    assert "seq" in answer
    assert answer.get("error") != BROKEN, caplog.text


def test_numbers_that_json_does_not_have_are_never_sent() -> None:
    assert reply(Desk(), lambda request: {"dot": float("nan")}, {"seq": 7}) == {"seq": 7, "error": BROKEN}


def test_the_page_holds_a_host_for_every_exhibit_and_runs_no_graph(client: TestClient, session: NumPySession) -> None:
    hosts = [component["props"]["value"] for component in client.get("/config").json()["components"]]
    for exhibit in WALK:
        assert sum(f'data-exhibit="{exhibit}"' in (host or "") for host in hosts) == 1
    assert session.runs == 0


def test_a_hosted_page_loads_nothing_from_the_host_of_the_space(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "someone/cutaway")

    async def config() -> Any:
        return page.build(engine).get_config_file()

    assert asyncio.run(config())["space_id"] is None
