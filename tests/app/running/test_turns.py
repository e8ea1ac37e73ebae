"""Short calls go first, one who types never waits behind long calls, and the queue is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.running.limits import Limits
from app.running.turns import LONG_FOR, BusyError, Client, SupersededError, Turns


class Play:
    """Turns under a clock that stands still but for `works`."""

    def __init__(self, **bounds: Any) -> None:
        self.now = 0.0
        self.turns = Turns(Limits(**bounds), lambda: self.now)
        self.went: list[str] = []

    async def works(self, session: str, seconds: float = 0.0, address: str = "a", kind: str = "frame") -> None:
        """One call of a client from its turn to its end."""
        async with self.turns.turn(Client(address, session), kind):
            self.went.append(session)
            self.now += seconds
            await asyncio.sleep(0)

    async def holds(self, session: str, until: asyncio.Event, address: str = "a", kind: str = "frame") -> None:
        """A call that ends when it is told to."""
        async with self.turns.turn(Client(address, session), kind):
            self.went.append(session)
            await until.wait()


def played(play: Callable[[], Awaitable[None]]) -> None:
    """Runs a test to its end."""

    async def run() -> None:
        await play()

    asyncio.run(run())


async def settle() -> None:
    """Lets every task come as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_short_calls_go_first() -> None:
    async def play() -> None:
        table, end = Play(at_once=1), asyncio.Event()
        await table.works("greedy", 5.0)
        await table.works("modest", 0.01)
        first = asyncio.create_task(table.holds("other", end))
        await settle()
        rest = [asyncio.create_task(table.works(name)) for name in ("greedy", "modest")]
        await settle()
        end.set()
        await asyncio.gather(first, *rest)
        assert table.went[-2:] == ["modest", "greedy"]

    played(play)


def test_long_calls_never_hold_the_last_place() -> None:
    async def play() -> None:
        table, end = Play(at_once=2), asyncio.Event()
        for name in ("dear 1", "dear 2"):
            await table.works(name, 3.0)
        await table.works("typist", 0.01, "b")
        dear = [asyncio.create_task(table.holds(name, end)) for name in ("dear 1", "dear 2")]
        await settle()
        assert table.went[3:] == ["dear 1"]
        await asyncio.wait_for(table.works("typist", 0.01, "b"), 1)
        assert table.went[3:] == ["dear 1", "typist"]
        end.set()
        await asyncio.gather(*dear)

    played(play)


def test_a_new_name_at_an_address_of_long_calls_wins_nothing() -> None:
    async def play() -> None:
        table, end = Play(at_once=2), asyncio.Event()
        for index in range(8):
            await table.works(f"name {index}", 3.0)
        held = [asyncio.create_task(table.holds(f"fresh {index}", end)) for index in range(2)]
        await settle()
        assert len(table.went) == 9, "one of them, for the other is not known to be quick"
        end.set()
        await asyncio.gather(*held)

    played(play)


def test_a_long_call_is_not_forgotten_for_the_short_ones_behind_it() -> None:
    """Clients that sent a short call and a dear one in turn once held every place."""

    async def play() -> None:
        table, end = Play(at_once=2), asyncio.Event()
        for name in ("sly 1", "sly 2"):
            for seconds in (0.001, 0.2, *[0.001] * 8):
                await table.works(name, seconds, name)
        held = [asyncio.create_task(table.holds(name, end, name)) for name in ("sly 1", "sly 2")]
        await settle()
        assert len(table.went) == 21, "one of them: the last place is kept"
        end.set()
        await asyncio.gather(*held)
        table.now += LONG_FOR * 0.2
        again = asyncio.Event()
        held = [asyncio.create_task(table.holds(name, again, name)) for name in ("sly 1", "sly 2")]
        await settle()
        assert len(table.went) == 24, "both: it is long ago"
        again.set()
        await asyncio.gather(*held)

    played(play)


def test_a_first_call_that_loads_a_model_does_not_make_who_types_one_with_long_calls() -> None:
    async def play() -> None:
        table, end = Play(at_once=2), asyncio.Event()
        await table.works("typist", 2.0, "b")
        for _ in range(12):
            await table.works("typist", 0.01, "b")
        await table.works("dear", 3.0)
        dear = asyncio.create_task(table.holds("dear", end))
        await settle()
        await asyncio.wait_for(table.works("typist", 0.01, "b"), 1)
        end.set()
        await dear

    played(play)


def test_a_newer_call_takes_the_place_of_the_one_that_waits_and_another_kind_does_not() -> None:
    async def play() -> None:
        table, end = Play(at_once=2), asyncio.Event()
        running = asyncio.create_task(table.holds("me", end))
        await settle()
        older, other = asyncio.create_task(table.works("me")), asyncio.create_task(table.works("me", kind="cell"))
        await settle()
        newer = asyncio.create_task(table.works("me"))
        with pytest.raises(SupersededError):
            await older
        end.set()
        await asyncio.gather(running, other, newer)
        assert table.went == ["me"] * 3

    played(play)


def test_a_full_queue_makes_room_at_the_cost_of_whoever_has_most_of_it() -> None:
    async def play() -> None:
        table, end = Play(at_once=1, waiting=3), asyncio.Event()
        running = asyncio.create_task(table.holds("first", end, "x"))
        await settle()
        many = [asyncio.create_task(table.works(f"many {index}", address="crowd")) for index in range(3)]
        await settle()
        with pytest.raises(BusyError):
            await table.works("many 3", address="crowd")
        lone = asyncio.create_task(table.works("lone", address="y"))
        await settle()
        with pytest.raises(BusyError):
            await many[2]
        assert table.turns.waiting == 3
        end.set()
        await asyncio.gather(running, lone, *many[:2])

    played(play)


def test_a_call_that_is_given_up_leaves_nothing_behind() -> None:
    async def play() -> None:
        table, end = Play(at_once=1), asyncio.Event()
        running = asyncio.create_task(table.holds("first", end))
        await settle()
        gone = asyncio.create_task(table.works("gone"))
        await settle()
        gone.cancel()
        await settle()
        assert table.turns.waiting == 0
        end.set()
        await running
        await asyncio.wait_for(table.works("next"), 1)

    played(play)


def test_only_so_many_clients_are_remembered() -> None:
    async def play() -> None:
        table = Play(clients=4)
        for index in range(100):
            await table.works(str(index), 0.1, address=str(index))
        assert len(table.turns._costs) == len(table.turns._addresses) == 4

    played(play)
