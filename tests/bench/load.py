"""How many typists a server bears, alone and beside clients that send the dearest requests.

Starts the real server, and for each number of typists as many clients that ask for a frame as a page does: a key every
250 ms or so, one request in flight, the newest text when it is back, and again after a busy answer. What counts for a
key is the time from when it was pressed to the frame that has it. Hostile clients each send the dearest requests that
there are, one behind the other, every second client with short ones between, to pass for one who types. All come from
one address, as behind a proxy, each with a session of its own.

The server's memory stands beside: at the start, and after each run. Usage:

    python tests/bench/load.py [--typists 1 5 20] [--hostile 16] [--seconds 20] [--replicas 2]

The last line is JSON: {"rows": [{"typists", "hostile", "keys", "p50_ms", "p95_ms", "lost", "dear", "rss_mb"}, ...]}.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.bench.keystroke import STORY
from tests.frames import opened
from tests.ui.server import serve

KEY_S = 0.25
"""Between two keys of a typist, on average."""
SHORT = 8
"""Short requests behind which a sly client sends a dear one."""
WORDS = 24
"""Of the text that a typist goes on with."""
SETTINGS = {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "seed": 0}
DEAR: tuple[tuple[str, dict[str, Any]], ...] = (
    ("frame", {"exhibit": "tokens", "text": "\ufdfa" * 10_000}),
    ("beam", {"text": STORY * 4, "width": 5, "depth": 12}),
    ("frame", {"exhibit": "trio", "text": STORY * 4, "task": "translate"}),
    ("clock", {"text": STORY * 4}),
    ("frame", {"exhibit": "masks", "text": STORY * 4, "interventions": {"mask": "bigbird:1:8:4:3"}}),
    ("frame", {"exhibit": "machine", "model": "t5", "text": STORY * 4}),
)


@dataclass
class Page:
    """A client as the page is one."""

    client: httpx.AsyncClient
    host: int
    session: str
    asked: itertools.count[int] = field(default_factory=itertools.count)

    async def ask(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """What the server answers."""
        request = {"seq": next(self.asked), "session": self.session, "model": "gpt", "sampling": SETTINGS, **fields}
        try:
            if name == "frame":
                answer = await self.client.post("frame", json=request)
                return opened(answer.content) if answer.status_code == 200 else dict(answer.json())
            body = {"data": request, "component_id": self.host, "fn_name": name, "session_hash": self.session}
            return dict((await self.client.post("gradio_api/component_server/", json=body)).json())
        except (httpx.TransportError, ValueError):  # cut off, or from something in between that is not our server
            return {"error": "The server could not be reached.", "again": True}


async def typist(page: Page, until: float, waits: list[float], lost: list[str]) -> None:
    """Types; the time of each key whose frame came goes into `waits`, what never came into `lost`."""
    chance = random.Random(page.session)
    words = STORY.split()
    text, pressed = " ".join(words[:WORDS]), list[float]()
    await asyncio.sleep(chance.random())

    async def keys() -> None:
        nonlocal text
        while time.monotonic() < until:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * KEY_S)
            text = text[-len(STORY) :] + chance.choice("abcdefgh ")
            pressed.append(time.monotonic())

    async def pictures() -> None:
        while not typing.done() or pressed:
            if not pressed:
                await asyncio.sleep(0.002)
                continue
            n_sent, sent = len(pressed), text
            answer = await page.ask("frame", {"exhibit": "attention", "kind": "text", "text": sent})
            if answer.get("text") == sent:
                now = time.monotonic()
                waits.extend(now - key for key in pressed[:n_sent])
                del pressed[:n_sent]
            elif not answer.get("again"):
                lost.append(str(answer.get("error")))
                del pressed[:n_sent]
            else:
                await asyncio.sleep(chance.uniform(0.2, 0.4))

    typing = asyncio.create_task(keys())
    await asyncio.gather(typing, pictures())


async def hostile(page: Page, until: float, answered: list[str], n_short: int) -> None:
    """Sends the dearest requests, each behind some short ones, which make it look like one who types."""
    for name, fields in itertools.cycle(DEAR):
        if time.monotonic() > until:
            return
        for _ in range(n_short):
            await page.ask("card", {})
        answer = await page.ask(name, {**fields, "text": fields["text"] + str(next(page.asked))})
        answered.append(str(answer.get("error", "")))
        if "again" in answer:
            await asyncio.sleep(0.05)


def resident_mb(url: str) -> float:
    """The memory of the process that listens on the address's port, in MB."""
    port = httpx.URL(url).port
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, _, state, *rest = line.split()
        if state == "0A" and int(local.rpartition(":")[2], 16) == port:
            inode = f"socket:[{rest[5]}]"
            for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
                try:
                    if str(descriptor.readlink()) == inode:
                        status = (descriptor.parents[1] / "status").read_text(encoding="ascii")
                        return int(status.partition("VmRSS:")[2].split()[0]) / 1024
                except OSError:
                    continue
    return float("nan")


async def run(url: str, n_typists: int, n_hostile: int, seconds: float) -> dict[str, Any]:
    """One row."""
    waits, lost, answered = list[float](), list[str](), list[str]()
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=None)) as client:
        hosts = {name: one["id"] for one in await components(client) for name in one["props"].get("server_fns") or ()}
        until = time.monotonic() + seconds
        typists = [typist(Page(client, hosts["draw"], f"typist{n}"), until, waits, lost) for n in range(n_typists)]
        others = [
            hostile(Page(client, hosts["draw"], f"hostile{n}"), until, answered, SHORT * (n % 2))
            for n in range(n_hostile)
        ]
        await asyncio.gather(*typists, *others)
    cuts = statistics.quantiles(waits, n=20, method="inclusive") if len(waits) > 1 else [float("nan")] * 19
    return {
        "typists": n_typists,
        "hostile": n_hostile,
        "keys": len(waits),
        "p50_ms": round(1e3 * cuts[9], 1),
        "p95_ms": round(1e3 * cuts[18], 1),
        "lost": len(lost),
        "dear": len([error for error in answered if not error]),
        "rss_mb": round(resident_mb(url), 1),
    }


async def components(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """What the page is made of, as it tells the browser."""
    page, key = (await client.get("")).text, '"components":[{'
    told: list[dict[str, Any]] = json.JSONDecoder().raw_decode(page, page.index(key) + len(key) - 2)[0]
    return told


def main() -> None:
    """Measures, and prints a table; the last line is JSON."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--typists", type=int, nargs="+", default=[1, 5, 20, 50, 100])
    options.add_argument("--hostile", type=int, default=16, help="clients beside, in a second run of each")
    options.add_argument("--seconds", type=float, default=20.0, help="of each run")
    options.add_argument("--replicas", type=int, help="of a server behind Ray's proxy; memory is that proxy's then")
    chosen = options.parse_args()
    rows = []
    with serve(("-m", "app.main", *(["--ray", str(chosen.replicas)] if chosen.replicas else []))) as url:
        asyncio.run(run(url, 1, 0, 3))  # loads the model
        print(f"memory at the start: {resident_mb(url):.0f} MB")
        for n_typists, n_hostile in itertools.product(chosen.typists, dict.fromkeys((0, chosen.hostile))):
            rows.append(asyncio.run(run(url, n_typists, n_hostile, chosen.seconds)))
            print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
