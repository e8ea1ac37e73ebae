"""The page's wiring: every call gets a reply, the server computes few at once, and Gradio serves it all."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
import time
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
from app.page.desk import BROKEN, BUSY, SUPERSEDED, Answer, Desk
from app.running import budget
from app.running.limits import Limits
from app.running.turns import Client
from app.wire import payload
from app.wire.fields import RequestError
from tests.app.conftest import NumPySession
from tests.app.page.test_answers import ask
from tests.app.wire.test_fields import json_values
from tests.frames import opened


def reply(desk: Desk, answer: Answer, request: object) -> Any:
    """What the browser reads."""
    return json.loads(desk.reply(answer, request))


def framed(desk: Desk, answer: Answer, request: object) -> Any:
    """What the browser reads of a frame."""
    return opened(desk.reply(answer, request, encode=payload.framed))


def refuse(request: object) -> dict[str, Any]:
    raise RequestError("layer is 9; send a whole number from 0 to 5.")


def fail(request: object) -> dict[str, Any]:
    raise ZeroDivisionError("secret detail")


def test_an_answer_carries_the_number_of_its_request() -> None:
    assert reply(Desk(), lambda request: {"text": "a"}, {"seq": 7}) == {"seq": 7, "text": "a"}


def test_a_refusal_is_the_sentence_itself() -> None:
    assert reply(Desk(), refuse, {"seq": 7}) == {"seq": 7, "error": "layer is 9; send a whole number from 0 to 5."}


def test_an_unexpected_exception_is_logged_with_its_trace_and_told_without(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert reply(Desk(), fail, {"seq": 7}) == {"seq": 7, "error": BROKEN}
    assert "ZeroDivisionError: secret detail" in caplog.text
    assert "no answer to fail" in caplog.text


class Gate:
    """An answer that waits until it is let go, and says when it has begun."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Semaphore(0), threading.Event()

    def __call__(self, request: object) -> dict[str, Any]:
        self.begun.release()
        assert self.open.wait(timeout=30)
        return {}


async def called(desk: Desk, answer: Answer, client: int, seq: int = 0) -> Any:
    """What a call of one of several clients gets."""
    return json.loads(await desk.call(answer, {"seq": seq}, Client("10.0.0.1", str(client))))


def test_only_a_few_answers_are_computed_at_once() -> None:
    async def play() -> None:
        desk, gate = Desk(Limits(at_once=2, patience_s=30)), Gate()
        for client in range(8):  # each is known to be quick
            await called(desk, lambda request: {}, client)
        calls = [asyncio.create_task(called(desk, gate, client)) for client in range(8)]
        for _ in range(2):
            assert await asyncio.to_thread(gate.begun.acquire, timeout=30)
        assert not await asyncio.to_thread(gate.begun.acquire, timeout=0.2)
        gate.open.set()
        assert await asyncio.gather(*calls) == [{"seq": 0}] * 8

    asyncio.run(play())


def test_a_failure_gives_its_turn_back() -> None:
    async def play() -> None:
        desk = Desk(Limits(at_once=2, patience_s=5))
        for seq in range(6):
            assert (await called(desk, fail, seq, seq))["error"] == BROKEN
        assert await called(desk, lambda request: {}, 9) == {"seq": 0}

    asyncio.run(play())


def test_who_waits_too_long_is_told_to_ask_again() -> None:
    async def play() -> None:
        desk, gate = Desk(Limits(at_once=1, patience_s=0.05)), Gate()
        first = asyncio.create_task(called(desk, gate, 1))
        assert await asyncio.to_thread(gate.begun.acquire, timeout=30)
        assert await called(desk, gate, 2, 9) == {"seq": 9, "error": BUSY, "again": True}
        gate.open.set()
        assert await first == {"seq": 0}

    asyncio.run(play())


def test_a_newer_call_of_a_client_takes_the_place_of_the_one_that_waits() -> None:
    async def play() -> None:
        desk, gate = Desk(Limits(at_once=2)), Gate()
        calls = [asyncio.create_task(called(desk, gate, 1, seq)) for seq in range(3)]
        assert await asyncio.to_thread(gate.begun.acquire, timeout=30)
        assert await calls[1] == {"seq": 1, "error": SUPERSEDED, "again": True}
        gate.open.set()
        assert [await calls[0], await calls[2]] == [{"seq": 0}, {"seq": 2}]

    asyncio.run(play())


def test_nothing_is_computed_for_a_client_that_has_gone() -> None:
    runs: list[object] = []

    def counted(request: object) -> dict[str, Any]:
        runs.append(request)
        return {}

    async def gone() -> bool:
        return True

    async def play() -> bytes:
        return await Desk().call(counted, {}, Client(), gone)

    assert asyncio.run(play()) == b"{}"
    assert not runs


def test_what_is_being_computed_ends_at_its_next_step_when_its_client_goes() -> None:
    there = threading.Event()

    async def is_gone() -> bool:
        return there.is_set()

    def steps(request: object) -> dict[str, Any]:
        there.set()
        for _ in range(1_000):
            time.sleep(0.01)
            budget.check()
        return {}

    async def play() -> Any:
        return json.loads(await Desk().call(steps, {}, Client(), is_gone))

    assert asyncio.run(play())["error"] == budget.GONE


def test_a_request_ends_when_it_has_had_its_time() -> None:
    def for_ever(request: object) -> dict[str, Any]:
        while True:
            budget.check()

    async def play() -> Any:
        return json.loads(await Desk(Limits(budget_s=0.05)).call(for_ever, {}, Client()))

    assert asyncio.run(play())["error"] == budget.SPENT.format(seconds=0.05)


def test_what_was_let_in_as_short_makes_way_for_who_waits_and_is_asked_again_as_long() -> None:
    """Sixteen clients that send seven short requests and then a dear one would else hold every place."""
    desk, sly, typist = Desk(Limits(at_once=1, budget_s=5)), Client("a", "sly"), Client("b", "typist")
    budgets: list[float] = []

    def short(request: object) -> dict[str, Any]:
        return {"of": "typist"}

    def long(request: object) -> dict[str, Any]:
        left = budget._of_this_request.get()
        assert left is not None
        budgets.append(left.share_s)
        while True:
            budget.check()

    async def play() -> Any:
        for client in (sly, sly, sly, typist):
            await desk.call(short, {}, client)
        dear = asyncio.create_task(desk.call(long, {"seq": 7}, sly))
        await asyncio.sleep(0.05)
        answered = json.loads(await desk.call(short, {}, typist))
        assert answered["of"] == "typist"
        told = json.loads(await dear)
        await desk.call(long, {}, sly)
        return told

    assert asyncio.run(play()) == {"seq": 7, "error": budget.YIELDED, "again": True}
    assert budgets == [Limits().share_s, math.inf]


def test_where_nobody_waits_a_request_has_all_its_time() -> None:
    desk = Desk(Limits(at_once=1, share_s=0.01, budget_s=0.05))

    def for_ever(request: object) -> dict[str, Any]:
        while True:
            budget.check()

    async def play() -> Any:
        await desk.call(lambda request: {}, {}, Client())
        return json.loads(await desk.call(for_ever, {}, Client()))

    assert asyncio.run(play())["error"] == budget.SPENT.format(seconds=0.05)


def test_a_panic_of_the_tokenizers_is_a_failure_like_another(caplog: pytest.LogCaptureFixture) -> None:
    """PyO3's PanicException is no Exception."""

    def panics(request: object) -> dict[str, Any]:
        raise type("PanicException", (BaseException,), {})("byte index 1 is not a char boundary")

    assert reply(Desk(), panics, {"seq": 1}) == {"seq": 1, "error": BROKEN}


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
