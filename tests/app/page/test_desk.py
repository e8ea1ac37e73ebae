"""The desk: every call gets a reply, in its turn, within its time."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
import time
from typing import Any

import pytest

from app.page.desk import BROKEN, BUSY, SUPERSEDED, Answer, Desk
from app.running import budget, memory
from app.running.limits import Limits
from app.running.turns import Client
from app.wire import payload
from app.wire.fields import RequestError
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


class Counts:
    """An answer that works step by step until it is ended, and says when it has begun."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self, request: object) -> dict[str, Any]:
        self.begun.set()
        try:
            for _ in range(30_000):
                budget.check()
                time.sleep(0.001)
        finally:
            self.ended.set()
        return {}


@pytest.mark.parametrize(("client", "instead_of"), [(2, 1), (1, 7), (1, None)])
def test_a_request_ends_only_the_one_that_it_comes_instead_of_and_of_its_own_client(
    client: int, instead_of: int | None
) -> None:
    async def play() -> None:
        desk, older = Desk(Limits(at_once=3, patience_s=0.2)), Counts()
        first = asyncio.create_task(called(desk, older, 1, 1))
        assert await asyncio.to_thread(older.begun.wait, 30)
        request = {"seq": 2, "instead_of": instead_of}
        await desk.call(lambda request: {}, request, Client("10.0.0.1", str(client)))
        assert not older.ended.is_set()
        newer = {"seq": 3, "instead_of": 1}
        told = json.loads(await desk.call(lambda request: {}, newer, Client("10.0.0.1", "1")))
        assert told == {"seq": 3}, "the older one gives its turn back at once"
        assert await first == {"seq": 1, "error": budget.GONE, "again": True}

    asyncio.run(play())


def test_freed_memory_is_given_back_after_the_reply_and_not_within_it(monkeypatch: pytest.MonkeyPatch) -> None:
    settled = threading.Event()
    monkeypatch.setattr(memory.heap, "settle", settled.set)

    async def ask() -> None:
        await Desk().call(lambda request: {}, {}, Client())
        assert not settled.is_set()
        assert await asyncio.to_thread(settled.wait, 10)

    asyncio.run(ask())
