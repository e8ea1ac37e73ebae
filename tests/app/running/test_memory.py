"""What a server lets go of goes back to the system: measured in processes of their own, on Linux."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.running import memory
from model import zoo

ROOT = Path(__file__).resolve().parents[3]
MEASURED = f"""
import gc
from pathlib import Path
import numpy as np
from app.running import memory
from app.running.model import Model
from model import taps

def resident_mb():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

model = Model.load("{{name}}", Path({str(zoo.CHECKPOINTS / "gpt")!r}))
table, ids = taps.table(model.config), np.arange(model.config.n_ctx)
model.session.run(ids[:8], taps=table)
memory.give_back()
before = resident_mb()
run = model.session.run(np.tile(ids, (12, 1)), taps=table)
during = resident_mb()
del run
gc.collect()
memory.give_back()
print(during - before, resident_mb() - before)
"""
"""A pass of a third of a gigabyte, as a hub model's on a long text, and what is left of it."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", ["gpt", "someone/gpt"])
def test_what_a_long_text_took_of_a_model_is_given_back_after_it(name: str) -> None:
    script = MEASURED.replace("{name}", name)
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    taken, left = map(float, told.stdout.split())
    assert taken > 250
    assert left < 0.2 * taken


GROWN = """
from pathlib import Path
import numpy as np
from app.running import memory

def resident_mb():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

memory.heap.settle()
before = resident_mb()
small = [np.ones(8_000) for _ in range(3_200)]
last = np.ones(8_000)
during = resident_mb()
del small
memory.heap.settle()
print(during - before, resident_mb() - before)
"""
"""Two hundred megabytes in pieces too small to be given back one by one, and one that stands behind them."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_picture_took_is_given_back_though_nobody_counted_it() -> None:
    told = subprocess.run([sys.executable, "-c", GROWN], cwd=ROOT, capture_output=True, text=True, check=True)
    taken, left = map(float, told.stdout.split())
    assert taken > 180
    assert left < 0.2 * taken


def test_memory_is_given_back_only_where_it_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    held, given = [0], []
    monkeypatch.setattr(memory, "give_back", lambda: given.append(held[0]))
    heap = memory.Heap(lambda: held[0])
    for n_bytes in (memory.WORTH_BYTES - 1, memory.WORTH_BYTES, memory.WORTH_BYTES + 1, 2 * memory.WORTH_BYTES):
        held[0] = n_bytes
        heap.settle()
    heap.let_go(memory.WORTH_BYTES)
    heap.settle()
    heap.settle()
    assert given == [memory.WORTH_BYTES, 2 * memory.WORTH_BYTES, 2 * memory.WORTH_BYTES]
