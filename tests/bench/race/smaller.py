"""Fewer bits a weight: how fast a token is decoded then, and how far the predictions move.

Ours in 8 bits is `python -m export build --precision int8`. Ours in 4 bits exists for this race alone: the same fused
graph, its linear layers as ONNX Runtime's MatMulNBits of 4 bits, rounded to the nearest. llama.cpp runs the published
file of SmolLM2 as it is, most of it in Q4_1, and the float32 of the others was read from that file: no error is told of
it, since it has none to tell.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import config as configs
from tests.bench.race import field, models
from tests.bench.race.interface import Task
from tests.bench.race.turns import Race, rounded

N_PAST = 32
BLOCK, ZERO, LARGEST = 32, 8, 7
PASSAGES = 4
"""Of the held-out text, for the error."""
NAMES = ("gpt", "smollm2")
ENTRIES = (
    replace(field.DECODING[0], label="Cutaway, float32"),
    field.Entry("ours-int8", "Cutaway, 8 bits", "ours_decoding", precision="int8"),
    field.Entry("ours-int4", "Cutaway, 4 bits", "ours_decoding", precision="int4"),
    field.Entry("genai-int4", "onnxruntime-genai, 4 bits", "genai", peer=True, precision="int4"),
    field.Entry("llama-int4", "llama.cpp, Q4_1", "llama", peer=True, precision="int4"),
)


def run(names: Sequence[str], quick: bool, note: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Races on those of `NAMES` that are named; tells each row as it comes."""
    rows = []
    for name in [name for name in NAMES if name in names]:
        folder = models.prepare(name)
        errors = {"ours-int8": error(folder, "ours-int8", quick), "ours-int4": error(folder, "ours-int4", quick)}
        config = configs.load(folder / "ours")
        with Race(ENTRIES, 3 if quick else 9, 0 if quick else 8) as race:
            row = race.over(Task("decode", name, str(folder), n_past=N_PAST, vocabulary=config.d_vocab))
        for contestant, told in errors.items():
            row["contestants"][contestant] |= told
        rows.append(row)
        note(row)
    return rows


def error(folder: Path, form: str, quick: bool) -> dict[str, Any]:
    """How far one form's predictions are from those of float32, over held-out text; the form is made if need be."""
    from export import predictions
    from export.runtime.session import Session
    from model.tokenizer import Tokenizer

    ours, there = folder / "ours", folder / form
    if not there.is_dir():
        (make_int8 if form.endswith("8") else make_int4)(ours, there)
    config = configs.load(ours)
    tokenizer = Tokenizer.of(config, ours / "tokenizer.json")
    exact = Session(ours, "fused")
    rounded_ = Session(there, "fused", precision="int8" if form.endswith("8") else "float32")
    bits, same = [], []
    for passage in predictions.passages()[: 1 if quick else PASSAGES]:
        ids = [token.id for token in tokenizer.encode(passage).tokens][: config.n_ctx]
        p, q = exact.run(ids).logits[0], rounded_.run(ids).logits[0]
        bits.append(predictions.kl_bits(p, q))
        same.append(p.argmax(axis=-1) == q.argmax(axis=-1))
    return {"kl_bits": rounded(float(np.concatenate(bits).mean())), "same": rounded(float(np.concatenate(same).mean()))}


def make_int8(ours: Path, there: Path) -> None:
    """The project's own 8-bit graph."""
    from export import reduced

    _copied(ours, there)
    reduced.build(there, "int8")


def make_int4(ours: Path, there: Path) -> None:
    """The fused graph with its linear layers in 4 bits; embeddings and experts stay."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    _copied(ours, there)
    model = onnx.load(ours / "fused.onnx")
    graph = model.graph
    weights = {one.name: one for one in graph.initializer}
    widened = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast"}
    turned = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Transpose"}
    made: set[str] = set()
    nodes = []
    for node in graph.node:
        source = turned.get(node.input[1]) if node.op_type == "MatMul" else None
        name = widened.get(source, source) if source else None
        weight = weights.get(name) if name else None
        if weight is None or name is None or len(weight.dims) != 2 or weight.dims[1] % BLOCK or "router" in name:
            nodes.append(node)
            continue
        if name not in made:
            numbers, scales = quantize(numpy_helper.to_array(weight).astype(np.float32))
            graph.initializer.append(numpy_helper.from_array(numbers, f"{name}/int4"))
            graph.initializer.append(helper.make_tensor(f"{name}/scales", TensorProto.FLOAT, scales.shape, scales))
            made.add(name)
        told = {"K": weight.dims[1], "N": weight.dims[0], "bits": 4, "block_size": BLOCK, "accuracy_level": 4}
        read = [node.input[0], f"{name}/int4", f"{name}/scales"]
        nodes.append(helper.make_node("MatMulNBits", read, node.output, node.name, domain="com.microsoft", **told))
    del graph.node[:]
    graph.node.extend(nodes)
    if not any(one.domain == "com.microsoft" for one in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, there / "fused.onnx", save_as_external_data=True, location="fused.data")


def quantize(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """As MatMulNBits reads it: two numbers a byte, the first in its low half, and the scale of each block.

    Args:
        weight: *Shape:* (out, in).

    Returns:
        *Shape:* (out, in / 32, 16) and (out x in / 32,).
    """
    blocks = weight.reshape(weight.shape[0], -1, BLOCK)
    scales = np.abs(blocks).max(axis=-1) / LARGEST
    divisors = np.where(scales > 0, scales, 1)[..., None]
    numbers = (np.rint(blocks / divisors) + ZERO).clip(0, 15).astype(np.uint8)
    pairs: NDArray[np.uint8] = numbers[..., ::2] + 16 * numbers[..., 1::2]
    return pairs.astype(np.uint8), scales.ravel().astype(np.float32)


def _copied(ours: Path, there: Path) -> None:
    there.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors", "fused.onnx"):
        shutil.copy(ours / name, there)
