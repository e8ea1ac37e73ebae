"""Writing token by token behind a past, beside what the memory could give: each token reads every weight once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from model import config as configs
from tests.bench.race import field, models
from tests.bench.race.interface import Task
from tests.bench.race.turns import Race, rounded

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
        with Race((*field.DECODING, field.READING), 3 if quick else TURNS, 0 if quick else SECONDS) as race:
            for n_past in PASTS[:1] if quick else PASTS:
                row = race.over(Task("decode", name, str(folder), n_past=n_past, vocabulary=config.d_vocab))
                reading = row["contestants"].pop(field.READING.name)
                bytes_read = weights(folder) + cache(config, n_past)
                row |= {"bytes": bytes_read, "bandwidth_gb_s": rounded(1e3 / reading["ms"])}
                row["bound_ms"] = rounded(bytes_read * reading["ms"] / 1e9)
                rows.append(row)
                note(row)
    return rows


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
