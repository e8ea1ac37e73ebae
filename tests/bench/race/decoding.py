"""Writing token by token behind a past, beside what the memory could give: each token reads every weight once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from model import config as configs
from tests.bench.race import field, models
from tests.bench.race.interface import Task
from tests.bench.race.process import Process
from tests.bench.race.turns import Race, quartiles, rounded

TURNS, SECONDS = 9, 12.0
PASTS = (32, 512)


def run(names: Sequence[str], quick: bool, note: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Races on those of some models that write; tells each row as it comes."""
    rows = []
    for name in names:
        if not models.MODELS[name].decodes:
            continue
        folder = models.prepare(name)
        config = configs.load(folder / "ours")
        with Race(field.DECODING, 3 if quick else TURNS, 0 if quick else SECONDS) as race:
            for n_past in PASTS[:1] if quick else PASTS:
                task = Task("decode", name, str(folder), n_past=n_past, vocabulary=config.d_vocab)
                row = race.over(task)
                bytes_read = weights(folder) + cache(config, n_past)
                speed = bandwidth()
                rows.append(row | {"bytes": bytes_read, "bandwidth_gb_s": speed, "bound_ms": _ms(bytes_read, speed[0])})
                note(rows[-1])
    return rows


def _ms(n_bytes: int, gb_s: float) -> float:
    return rounded(n_bytes / gb_s / 1e6)


def weights(folder: Path) -> int:
    """The bytes of the weights in float32, each once, as a step of the fused graph reads them; of experts all."""
    from export.runtime.layout import slots

    return sum(4 * _count(slot.shape) for slot in slots(folder / "ours" / "model.safetensors").values())


def _count(shape: Sequence[int]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def cache(config: Any, n_past: int) -> int:
    """The bytes of the keys and values of the past."""
    return 2 * 4 * n_past * config.n_layers * config.kv_heads * config.head_width


def bandwidth(turns: int = 7) -> list[float]:
    """Median and quartiles of gigabytes a second that are read, in a process of its own."""
    process = Process(field.READING)
    try:
        process.ask("ready", task=Task("read", "none", "").told())
        taken = process.ask("run", runs=turns)["seconds"]
    finally:
        process.end()
    low, middle, high = quartiles([1 / seconds for seconds in taken])
    return [rounded(middle), rounded(low), rounded(high)]
