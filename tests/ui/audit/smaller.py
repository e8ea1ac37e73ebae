"""Smaller: a model rounded, thinned out and cut by hand, what it then says, and what it weighs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.parts import UNTOUCHED, Changes
from tests.ui.audit.passes import Checkpoint
from tests.ui.audit.sight import CHECKPOINTS, Sight

SETTINGS: tuple[dict[str, Any], ...] = (
    {"bits": 8, "grain": "group", "zeroed": 0},
    {"bits": 4, "grain": "row", "zeroed": 0},
    {"bits": 3, "grain": "group", "zeroed": 40},
    {"bits": 16, "grain": "group", "zeroed": 70},
)
AS_STORED = {"bits": 16, "grain": "group", "zeroed": 0}
KEPT = ("positions", "segments", "router", "next_sentence")
OFF = 1e-3
"""What a divergence may be off by, as a part of it: a weight half-way between two levels may go to either."""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """At four settings of the matrices, then with two heads removed, and as it is."""
    for setting in SETTINGS:
        seen.set(**setting)
        yield from _at(seen, setting, UNTOUCHED)
    off = [(seen.places[-1], 0, 1), (seen.places[0], 1, 0)]
    names = {f"{kind}.{layer}.{head}": "off" for kind, layer, head in off}
    seen.set(interventions=names, **SETTINGS[1])
    yield from _at(seen, SETTINGS[1], Changes(heads_off=frozenset(off)))
    seen.set(interventions={}, **AS_STORED)
    yield from _at(seen, AS_STORED, UNTOUCHED)
    yield from _raced(seen)


def _at(seen: Sight, setting: dict[str, Any], changes: Changes) -> Iterator[Claim | Picture]:
    told: dict[str, Any] = seen.frame["smaller"]
    where = ", ".join(f"{name} {value}" for name, value in setting.items()) + f", {len(changes.heads_off)} heads off"
    smaller = Checkpoint(CHECKPOINTS / seen.model)
    smaller.tensors = {name: _shrunk(name, tensor, setting) for name, tensor in smaller.tensors.items()}
    before = seen.left.logits
    after = smaller(seen.ids, seen.written, changes).logits
    bits = _divergence(before, after)
    position = seen.frame["position"]
    yield Picture(f"{where}, divergence", seen.array("divergence"), bits, max(OFF * float(bits.max()), 5e-6))
    slack = OFF * float(bits.max()) + 1e-6
    yield Claim(f"{where}, lost", _plain(seen.text(".lost b")), float(bits[position]), slack)
    if bits.max() > 0:
        same = int((before.argmax(axis=-1) == after.argmax(axis=-1)).sum())
        assert told["text"]["places"] == len(bits)
        yield Claim(f"{where}, mean", f"{told['text']['bits']:.6f}", float(bits.mean()), slack)
        yield Claim(f"{where}, most", f"{told['text']['most']:.6f}", float(bits.max()), slack)
        yield Claim(f"{where}, same", str(told["text"]["same"]), str(same))
    p, q = softmax(before[position]), softmax(after[position])
    for name, chances in (("before", p), ("after", q)):
        order = np.argsort(-chances, kind="stable")
        shown = seen.texts(f".likeliest.{name} b")
        for rank, (entry, text) in enumerate(zip(told["likeliest"][name], shown, strict=True)):
            yield Claim(f"{where}, {name} {rank + 1}", text, float(chances[entry["id"]]), 2e-4)
            furthest = float(chances[order[rank]])
            yield Picture(f"{where}, rank", np.array([chances[entry["id"]]]), np.array([furthest]), 1e-4)
    whole, left = _bytes(seen, AS_STORED, UNTOUCHED), _bytes(seen, setting, changes)
    yield Claim(f"{where}, bytes", seen.text(".size b"), left)
    if left != whole:
        yield from sentence(f"{where}, of the whole", seen.text(".size span"), whole, left / whole)
    yield from _matrix(seen, where, smaller)


def _plain(shown: str) -> str:
    """A number as a decimal, also where it stands as a power of ten."""
    factor, times, power = shown.partition(" · 10")
    if not times:
        return shown
    exponent = "".join("-" if one == "⁻" else str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(one)) for one in power if one in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    digits = -int(exponent) + len(factor.partition(".")[2])
    return f"{float(factor) * 10.0 ** int(exponent):.{digits}f}"


def _divergence(before: Array, after: Array) -> Array:
    p, q = softmax(before), softmax(after)
    out: Array = np.maximum(0.0, (p * np.log2(p / q)).sum(axis=-1))
    return out


def _is_matrix(name: str, tensor: Array) -> bool:
    return tensor.ndim > 1 and not any(part in name.split(".") for part in KEPT)


def _shrunk(name: str, tensor: Array, setting: dict[str, Any]) -> Array:
    if not _is_matrix(name, tensor):
        return tensor
    left = np.array(tensor)
    for matrix in left.reshape(-1, *left.shape[-2:]):
        smallest = np.argsort(np.abs(matrix).ravel(), kind="stable")
        matrix.reshape(-1)[smallest[: round(matrix.size * setting["zeroed"] / 100)]] = 0
    if setting["bits"] == 16:
        return left
    most = 2 ** (setting["bits"] - 1) - 1
    width = 32 if setting["grain"] == "group" else left.shape[-1]
    for start in range(0, left.shape[-1], width):
        part = left[..., start : start + width]
        scale = (np.abs(part).max(axis=-1, keepdims=True) / most).astype(np.float16).astype(np.float64)
        levels = np.clip(np.rint(part / np.where(scale > 0, scale, 1)), -most, most)
        left[..., start : start + width] = (levels * scale).astype(np.float16)  # the graph reads half precision
    return left


def _bytes(seen: Sight, setting: dict[str, Any], changes: Changes) -> float:
    """Bits of the numbers that are left, of the scales, and of what stays as it is stored."""
    total = 0
    for name, tensor in seen.checkpoint.tensors.items():
        shape = _without(seen, name, list(tensor.shape), changes)
        n = math.prod(shape)
        if not _is_matrix(name, tensor):
            total += 16 * n
            continue
        stay = n - round(n * setting["zeroed"] / 100)
        total += min(n * setting["bits"], n + stay * setting["bits"])
        if setting["bits"] < 16:
            a_row = -(-shape[-1] // 32) if setting["grain"] == "group" else 1
            total += 16 * (n // shape[-1]) * a_row
    return math.ceil(total / 8)


def _without(seen: Sight, name: str, shape: list[int], changes: Changes) -> list[int]:
    """What two removed heads leave of a tensor; no key that several heads share goes with one of them."""
    config = seen.config
    width = config.get("d_head") or config["d_model"] // config["n_heads"]
    own_keys = config.get("n_kv_heads") in (None, config["n_heads"])
    for place, layer, _ in changes.heads_off:
        stack = {"text": "", "cross": "decoder."}.get(place, f"{place}.")
        part = "cross_attn" if place == "cross" else "attn"
        for role, axis in (("q", 0), ("k", 0), ("v", 0), ("o", 1)):
            goes = own_keys or role in "qo"
            if goes and axis < len(shape) and name.startswith(f"{stack}blocks.{layer}.{part}.{role}."):
                shape[axis] -= width
    return shape


def _matrix(seen: Sight, where: str, smaller: Checkpoint) -> Iterator[Claim | Picture]:
    told = seen.frame["smaller"]["matrix"]
    corner = (slice(told["rows"]), slice(told["columns"]))
    for array, tensors in (("original", seen.checkpoint.tensors), ("changed", smaller.tensors)):
        matrix = tensors[told["name"]].reshape(-1, *told["shape"])[0]
        yield Picture(f"{where}, {array}", seen.array(array), matrix[corner].ravel(), 1e-3)
    matrix = smaller.tensors[told["name"]].reshape(-1, *told["shape"])[0]
    yield Claim(f"{where}, zeros", str(told["zero"]), str(int((matrix == 0).sum())))


def _raced(seen: Sight) -> Iterator[Claim]:
    """The rows of the race say what the file beside the weights has."""
    race = seen.frame["smaller"]["race"]
    if race is None:
        return
    shown = seen.texts(".race-row .timed b")
    expected = [row[name] for row in race["rows"] for name in ("float32_ms", "int8_ms")]
    for text, value in zip(shown, expected, strict=True):
        yield Claim("the race", text, value)
    for text, row in zip(seen.texts(".race-row .of-time"), race["rows"], strict=True):
        yield Claim("the race, of the time", text, row["int8_ms"] / row["float32_ms"])
