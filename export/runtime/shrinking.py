"""What it costs to make a checkpoint smaller, measured on held-out text, and how its 8-bit graph runs beside float32:
two small files beside the weights.

No torch here. `export.shrinking` writes the first, `FILE`:

    predictions   over how many predictions the means below are
    bits          {"group" | "row": [point of each of `model.study.shrinking.BITS`]}
    zeroed        [point of each of `model.study.shrinking.ZEROED`]
    heads, layers {order: [what is removed, what costs least first: "kind.layer.head", "stack.layer", from 0],
                   points: [point of each number of them]}

A point is [the setting, bytes of the weights, mean KL divergence in bits from the model as it is, share of predictions
whose likeliest entry is the same]. `export.race` writes the second, `RACE`:

    machine, cores, runtime   where it was measured
    bytes         {"float32" | "int8": bytes of the weights that the graphs read}
    predictions, kl_bits, same   as above, of the 8-bit graphs
    rows          [{graph, n_tokens, n_past, float32_ms, int8_ms}]: the median of a run

Both hold `made_of_sha256`, the digest of the weights.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from export.runtime.layout import MADE_OF, digest, slots
from export.runtime.session import WEIGHTS
from model.study.shrinking import Part, is_matrix

FILE, RACE = "smaller.json", "race.json"
COMMANDS = {FILE: "smaller", RACE: "race"}


def load(folder: Path, name: str) -> dict[str, Any] | None:
    """One of the two files; None where nobody measured.

    Raises:
        ValueError: it was measured on other weights.
    """
    path = folder / name
    if not path.is_file():
        return None
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if told.get(MADE_OF) != digest(folder / WEIGHTS):
        raise ValueError(
            f"{path} was measured on another {WEIGHTS}; python -m export {COMMANDS[name]} {folder} mends it"
        )
    return told


def write(folder: Path, name: str, told: dict[str, Any]) -> None:
    """Writes one of the two files, whole or not at all; a line for each of its fields."""
    said = {MADE_OF: digest(folder / WEIGHTS), **told}
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in said.items())
    partial = folder / f"{name}.partial"
    partial.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    partial.replace(folder / name)


def parts_of(path: Path) -> dict[str, Part]:
    """The tensors of a safetensors file, as they count."""
    return {
        name: Part(slot.shape, slot.length // max(1, math.prod(slot.shape)), is_matrix(name, slot.shape))
        for name, slot in slots(path).items()
    }
