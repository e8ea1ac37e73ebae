"""Two replicas, one of them killed under load: no key is lost, and the server has two again.

Starts `cutaway serve --ray 2`, lets typists type as `tests/bench/load.py` does, kills a replica in the midst, and looks
whether every key got its picture. Needs `pip install 'cutaway[ray]'`; Linux. Usage:

    python -m tests.bench.replicas [--typists 5] [--seconds 30] [--replicas 2]

The last line is JSON: a row as load.py prints it, with the replicas that were there before and that came after. The
exit status is 0 only if no key was lost and a new replica came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from tests.bench.load import run
from tests.ui.server import serve

COMES_BACK_WITHIN_S = 180


def replicas() -> set[int]:
    """The processes of this user's replicas."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::ServeReplica:cutaway:cutaway") and path.stat().st_uid == os.getuid():
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


async def killed_in_the_midst(url: str, n_typists: int, seconds: float) -> tuple[dict[str, Any], int]:
    """A row, and the process that was killed."""
    loading = asyncio.create_task(run(url, n_typists, 0, seconds))
    await asyncio.sleep(seconds / 3)
    victim = min(replicas())
    os.kill(victim, signal.SIGKILL)
    return await loading, victim


def main() -> int:
    """Measures; gives the exit status."""
    options = argparse.ArgumentParser(prog="python -m tests.bench.replicas")
    options.add_argument("--typists", type=int, default=5)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--replicas", type=int, default=2)
    chosen = options.parse_args()
    with serve(("-m", "app.main", "--ray", str(chosen.replicas))) as url:
        deadline = time.monotonic() + COMES_BACK_WITHIN_S
        while len(before := replicas()) < chosen.replicas and time.monotonic() < deadline:
            time.sleep(1)
        asyncio.run(run(url, chosen.typists, 0, 5))  # loads the model
        row, victim = asyncio.run(killed_in_the_midst(url, chosen.typists, chosen.seconds))
        deadline = time.monotonic() + COMES_BACK_WITHIN_S
        while len(after := replicas()) < chosen.replicas and time.monotonic() < deadline:
            time.sleep(1)
    del row["rss_mb"]
    print(json.dumps(row | {"before": sorted(before), "killed": victim, "after": sorted(after)}))
    return 0 if row["lost"] == 0 and row["keys"] and len(after) == chosen.replicas and victim not in after else 1


if __name__ == "__main__":
    raise SystemExit(main())
