"""Memory: the neurons of a block at a token, what each is given and adds, what it says to the vocabulary, and what two
of them switched do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tests.ui.audit import change, next_tokens
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, gelu, gelu_tanh, layer_norm, linear, rms_norm, silu
from tests.ui.audit.parts import Changes
from tests.ui.audit.sight import Sight

ACTIVATIONS = {"gelu": gelu, "gelu_tanh": gelu_tanh, "silu": silu}


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """At the first block, the last, and one in the middle; of a T5 both stacks, the decoder after some words."""
    n_layers = seen.config["n_layers"]
    for layer in sorted({0, n_layers // 2, n_layers - 1}):
        seen.set(layer=layer, neuron=1)
        yield from _at(seen)
    yield from _switched(seen)
    if seen.config["family"] != "t5":
        seen.set(query=len(seen.ids) // 2)
        yield from _at(seen)
        return
    seen.set(written=min(2, len(seen.written) - 1))
    yield from _at(seen)
    seen.set(stack="encoder")
    yield from _at(seen)


def _switched(seen: Sight) -> Iterator[Claim | Picture]:
    """The two strongest neurons of the last block: one off, one counting twice; what that does to the prediction."""
    told = seen.frame["memory"]
    place, layer = told["place"], told["layer"]
    off, twice, *_ = told["top"]
    neurons = tuple((place, layer, one["expert"], one["neuron"], by) for one, by in ((off, 0.0), (twice, 2.0)))
    names = [".".join(str(part) for part in ("neuron", *one[:4]) if part is not None) for one in neurons]
    seen.set(interventions=dict(zip(names, (0, 2), strict=True)))
    left, position = seen.under(Changes(neurons=neurons)), seen.frame["position"]
    yield from next_tokens.claims(seen, left.logits[position])
    before, after = (one.logits[position] for one in (seen.left, left))
    yield from change.claims(
        seen, "two neurons switched", '[data-exhibit="memory"] .effect', seen.frame["change"], before, after
    )
    yield Claim("a neuron that is off carries nothing", seen.texts(".neuron-rows .share b")[0], 0.0)
    activation = float(seen.frame["memory"]["top"][1]["activation"])
    yield Claim("one that counts twice is activated twice", seen.texts(".neuron-rows .activation")[1], activation)
    yield Picture("and is in the frame", np.array([activation]), np.array([2 * twice["activation"]]), 1e-4)
    seen.set(interventions={})


def _at(seen: Sight) -> Iterator[Claim | Picture]:
    told: dict[str, Any] = seen.frame["memory"]
    place, layer, position = told["place"], told["layer"], told["position"]
    where = f"{place}, layer {layer + 1}, token {position + 1}"
    before, stream = _stream(seen, place, layer, position)
    block = seen.checkpoint.under(f"{'' if place == 'text' else f'{place}.'}blocks.{layer}.")
    read = _read(seen, block, before)
    given, ups, activations, values = _neurons(seen, block, read, layer, position)
    added = activations[:, None] * values
    whole = added.sum(axis=0) + block.get("mlp.down.bias", np.zeros(len(read)))
    shares = added @ whole / (whole @ whole)
    yield Picture(f"{where}, given", seen.array("before"), given, 2e-5)
    yield Picture(f"{where}, shares", seen.array("share"), shares, 2e-5)
    yield from _carried(seen, where, shares, whole, stream)
    order = np.argsort(-shares, kind="stable")[: len(told["top"])]
    for at, (neuron, entry) in enumerate(zip(order, told["top"], strict=True)):
        name = f"{where}, neuron {at + 1}"
        yield Claim(f"{name}, which", str(entry["at"]), str(int(neuron)))
        cells = {cell: seen.texts(f".neuron-rows .{cell}")[at] for cell in ("before", "activation", "share b")}
        weight = _weight(seen, layer, position, entry)
        yield Claim(f"{name}, before", cells["before"], float(given[neuron]))
        yield Claim(f"{name}, activation", cells["activation"], float(activations[neuron] / weight))
        yield Claim(f"{name}, share", cells["share b"], float(shares[neuron]))
        if ups is not None:
            yield Claim(f"{name}, up", seen.texts(".neuron-rows .up")[at], float(ups[neuron]))
        if entry["promotes"] is not None:
            says = _says(seen, block, place, layer, position, added[neuron], stream + whole)
            for kind, sign in (("promotes", 1), ("demotes", -1)):
                furthest = np.sort(sign * says)[::-1]
                for rank, one in enumerate(entry[kind]):
                    yield Picture(f"{name}, {kind} {rank + 1}", np.array([one["logit"]]), says[[one["id"]]], 1e-4)
                    yield Picture(f"{name}, rank", np.array([sign * one["logit"]]), furthest[[rank]], 1e-4)
    yield from _norm(seen, where, block, before, read)


def _stream(seen: Sight, place: str, layer: int, position: int) -> tuple[Array, Array]:
    """What goes into the norm in front of the part, and the stream that it adds to."""
    rows = seen.left.stream[place]
    if seen.config["family"] == "bert":
        return rows[1 + 4 * layer][position], rows[2 + 4 * layer][position]
    a_block = 3 if place == "decoder" else 2
    there = rows[a_block * (layer + 1) - 1][position]
    return there, there


def _read(seen: Sight, block: Mapping[str, Array], before: Array) -> Array:
    eps = seen.config["norm_eps"]
    if seen.config["family"] == "bert":
        return layer_norm(before, block["ln1.weight"], block["ln1.bias"], eps)
    return rms_norm(before, block["ln2.weight"], eps)


def _neurons(
    seen: Sight, block: Mapping[str, Array], read: Array, layer: int, position: int
) -> tuple[Array, Array | None, Array, Array]:
    """What each is given, its gate's other half, its activation with the weight of its expert, and its value."""
    if "mlp.router.weight" not in block:
        activate = ACTIVATIONS[seen.config["activation"]]
        up = linear(block, "mlp.up", read[None])[0]
        values = block["mlp.down.weight"].T
        if "mlp.gate.weight" not in block:
            return up, None, activate(up), values
        gate = linear(block, "mlp.gate", read[None])[0]
        return gate, up, activate(gate) * up, values
    weights = _weights(seen, layer, position)
    chosen = np.flatnonzero(weights)
    gates = [block["mlp.w_in"][expert][::2] @ read for expert in chosen]
    ups = [block["mlp.w_in"][expert][1::2] @ read for expert in chosen]
    acts = [weights[expert] * silu(gate) * up for expert, gate, up in zip(chosen, gates, ups, strict=True)]
    values = np.concatenate([block["mlp.w_out"][expert].T for expert in chosen])
    return np.concatenate(gates), np.concatenate(ups), np.concatenate(acts), values


def _weights(seen: Sight, layer: int, position: int) -> Array:
    routed = [at for at in range(layer) if f"blocks.{at}.mlp.router.weight" in seen.checkpoint.tensors]
    row: Array = seen.left.weights[len(routed)][position]
    return row


def _weight(seen: Sight, layer: int, position: int, entry: Mapping[str, Any]) -> float:
    return 1.0 if entry["expert"] is None else float(_weights(seen, layer, position)[entry["expert"]])


def _carried(seen: Sight, where: str, shares: Array, whole: Array, stream: Array) -> Iterator[Claim]:
    """The sentence below the charts."""
    told = seen.frame["memory"]
    sums = np.cumsum(np.sort(shares)[::-1])
    half, most = (int(np.flatnonzero(sums >= part)[0]) + 1 for part in (0.5, 0.9))
    numbers: list[float] = []
    for sent in told["experts"] or ():
        numbers += [sent["expert"] + 1, float(_weights(seen, told["layer"], told["position"])[sent["expert"]])]
    numbers += [half, len(shares), most, float(np.linalg.norm(whole)), float(np.linalg.norm(stream))]
    if told["bias"] is not None:
        numbers.append(float(1 - shares.sum()))
    yield from sentence(f"{where}, the sentence", seen.text(".neurons .sum"), *numbers, slack=2e-5)


def _says(
    seen: Sight, block: Mapping[str, Array], place: str, layer: int, position: int, added: Array, after: Array
) -> Array:
    """What a neuron adds to every logit by itself."""
    eps = seen.config["norm_eps"]
    if seen.config["family"] == "bert":
        streams = np.stack([after, after - added])
        whole, without = seen.checkpoint.says(layer_norm(streams, block["ln2.weight"], block["ln2.bias"], eps))
        difference: Array = whole - without
        return difference
    final = seen.left.stream[place][-2][position]
    divisor = np.sqrt((final * final).mean() + eps)
    direct: Array = (added * seen.checkpoint.final_norm / divisor) @ seen.checkpoint.unembed.T
    return direct


def _norm(seen: Sight, where: str, block: Mapping[str, Array], before: Array, read: Array) -> Iterator[Claim]:
    is_layer = seen.config["family"] == "bert"
    mean = float(before.mean()) if is_layer else 0.0
    gain = block["ln1.weight" if is_layer else "ln2.weight"]
    scale = float(np.sqrt(np.square(before - mean).mean() + seen.config["norm_eps"]))

    def shown(name: str) -> str:
        return seen.text(f'.norm [data-norm="{name}"]')

    yield Claim(f"{where}, length before the norm", shown("length"), float(np.linalg.norm(before)))
    yield Claim(f"{where}, length behind it", shown("read"), float(np.linalg.norm(read)))
    yield Claim(f"{where}, what it divides by", shown("scale"), scale)
    yield from sentence(f"{where}, gain", shown("gain"), float(gain.min()), float(gain.max()))
    if is_layer:
        shift = block["ln1.bias"]
        yield Claim(f"{where}, mean", shown("mean"), mean)
        yield from sentence(f"{where}, shift", shown("shift"), float(shift.min()), float(shift.max()))
    else:
        yield Claim(f"{where}, no mean and no shift", shown("mean") + shown("shift"), "nonenone")
