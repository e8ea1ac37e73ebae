"""Our end of a contestant's process: asks it, and waits no longer than is reasonable."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.race.field import Entry
from tests.bench.race.interface import N_THREADS, CannotError

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "build" / "race"
"""Where models are put in the forms that contestants read, and logs; nothing of it is committed."""
PEERS = ROOT / ".venv-race" / "bin" / "python"
"""What `make bench` installs `peers.txt` into."""
PATIENCE_S = 240.0
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(N_THREADS))
SETTINGS = THREADS | {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "WANDB_MODE": "disabled",
    "PYTHONHASHSEED": "0",
    "CUDA_VISIBLE_DEVICES": "",
}


class Process:
    """One contestant, running.

    Raises:
        CannotError: its environment is not there.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        if entry.peer and not PEERS.is_file():
            raise CannotError(f"{PEERS.relative_to(ROOT)} is not there; make bench installs it")
        (WORK / "logs").mkdir(parents=True, exist_ok=True)
        with (WORK / "logs" / f"{entry.name}.log").open("a") as log:
            self._child = subprocess.Popen(
                [str(PEERS) if entry.peer else sys.executable, "-u", "-m", "tests.bench.race.child", entry.module],
                cwd=ROOT,
                env=os.environ | SETTINGS | dict(entry.settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, what: str, patience_s: float = PATIENCE_S, **fields: Any) -> dict[str, Any]:
        """What it answers. Raises CannotError where it says that it cannot, dies, or takes too long."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            print(json.dumps({"do": what, **fields}), file=self._child.stdin, flush=True)
        except BrokenPipeError:
            raise CannotError("its process ended") from None
        ready, _, _ = select.select([self._child.stdout], [], [], patience_s)
        line = self._child.stdout.readline() if ready else ""
        if not line:
            self.end()
            status = self._child.returncode
            raise CannotError(f"its process ended ({status})" if ready else f"no answer within {patience_s:.0f} s")
        answer: dict[str, Any] = json.loads(line)
        if "cannot" in answer:
            raise CannotError(answer["cannot"])
        return answer

    def end(self) -> None:
        """Ends it."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
