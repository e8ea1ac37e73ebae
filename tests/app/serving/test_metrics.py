"""What the server counts of itself: all that an operator is promised, and nothing of anybody's text."""

from __future__ import annotations

import asyncio
import json

from app.page.desk import Desk
from app.running.limits import Limits
from app.running.turns import Client
from app.serving.metrics import Metrics

ALICE, BOB = Client("1.1.1.1", "a"), Client("2.2.2.2", "b")


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """One number as Prometheus reads it; nothing counted is 0."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


def test_turns_are_counted_by_what_the_calls_got_and_how_long_they_waited() -> None:
    metrics = Metrics()
    desk = Desk(Limits(at_once=1, patience_s=0.2), metrics.waited)
    metrics.waiting.set_function(lambda: desk.turns.waiting)

    async def ask() -> None:
        gate = asyncio.Event()

        async def held() -> bool:
            await gate.wait()
            return False

        def frame(request: object) -> dict[str, int]:
            return {"answer": 1}

        first = asyncio.create_task(desk.call(frame, {}, ALICE, held))
        await asyncio.sleep(0)
        older = asyncio.create_task(desk.call(frame, {}, BOB))
        await asyncio.sleep(0)
        newer = asyncio.create_task(desk.call(frame, {}, BOB))
        await asyncio.sleep(0)
        assert value(metrics, "cutaway_turns_waiting") == 1
        assert json.loads(await older)["again"]
        assert json.loads(await newer)["again"]
        gate.set()
        assert json.loads(await first)["answer"] == 1

    asyncio.run(ask())
    for got in ("turn", "superseded", "busy"):
        assert value(metrics, "cutaway_turn_wait_seconds_count", got=got) == 1
    assert value(metrics, "cutaway_turn_wait_seconds_sum", got="busy") >= 0.2
    assert value(metrics, "cutaway_turns_waiting") == 0


def test_what_an_operator_is_promised_is_there_and_holds_no_text() -> None:
    metrics = Metrics()

    def frame(request: object) -> dict[str, object]:
        return {"text": "my diary", "clipped": 3, "timing_ms": {"graph": 5.0}}

    metrics.watched(frame)({})
    metrics.count("call", 200, None)
    metrics.count("call", 413, "long")
    told = metrics.answer().plain.decode()
    for promised in (
        "requests",
        "refused",
        "stage_seconds",
        "turn_wait_seconds",
        "turns_waiting",
        "clipped",
        "models_loaded",
    ):
        assert f"cutaway_{promised}" in told
    assert "process_resident_memory_bytes" in told
    assert value(metrics, "cutaway_clipped_total") == 1
    assert "diary" not in told
