"""Machine: patterns, lengths, gates and small embeddings as they are drawn, the numbers written around the open block,
the card of the lit cell, and the lengths that say why norms stand where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.ui.audit import attention
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, sinusoids
from tests.ui.audit.sight import Sight

CELLS = 32
WRITTEN = ".stage .words :not(:has(*))"
THERE = """() => {
  const { cell, state, frame } = window.cutaway.store;
  return cell && cell.text === frame.text && cell.layer === state.layer && !document.querySelector(".cell-card.stale");
}"""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """All of the exhibit, every block opened once."""
    streams = [place for place in seen.places if place != "cross"]
    for place in seen.places:
        of = "" if place in ("text", "cross") else f"_{place}"
        patterns = np.stack(seen.left.patterns[place])
        causal = place == "decoder" or (place == "text" and seen.config["family"] == "gpt")
        block = seen.frame["blocks"][place]
        yield seen.thumbnails(f"pattern{of}", f"{place}, patterns", patterns, largest=1.0, block=block)
        head = patterns[min(seen.frame["layer"], len(patterns) - 1), seen.frame["head"]]
        sent = head[np.tril_indices(len(head))] if causal else head
        yield seen.pattern(f"pattern_head{of}", f"{place}, head", sent)
    for place in streams:
        prefix = "decoder_" if place == "decoder" else ""
        for name, rows in (("norms", seen.left.stream[place]), ("added", seen.left.added[place])):
            yield Picture(f"{place}, {name}", seen.array(prefix + name), _lengths(rows), 5e-5)
    yield from _embeddings(seen, streams)
    if seen.left.router:
        yield Picture("gates", seen.array("router"), np.stack(seen.left.router), 5e-5)
    yield from _legend(seen, streams)
    yield from sentence("why", seen.text(".why .measured"), *_grows(seen, streams))
    yield from _blocks(seen, streams)


def _lengths(rows: list[Array]) -> Array:
    out: Array = np.linalg.norm(np.stack(rows), axis=-1)
    return out


def _embedded(seen: Sight, place: str) -> Array:
    """What is added up to enter the first block. *Shape:* (pos, embedding, d_model)."""
    t, config = seen.checkpoint.tensors, seen.config
    ids = seen.written if place == "decoder" else seen.ids
    n = len(ids)
    parts = [t["embed.weight"][ids]]
    if config.get("scaled_embeddings"):
        parts[0] = parts[0] * np.sqrt(config["d_model"])
    if config["family"] == "bert" or config["positions"]["scheme"] == "learned":
        parts.append(t["positions.weight"][:n])
    elif config["positions"]["scheme"] == "sinusoidal":
        parts.append(sinusoids(n, config["d_model"]))
    if config["family"] == "bert":
        parts.append(np.broadcast_to(t["segments.weight"][0], parts[0].shape))
    return np.stack(parts, axis=1)


def _embeddings(seen: Sight, streams: list[str]) -> Iterator[Picture]:
    """Means of neighbouring dimensions, all streams at the scale of the largest."""
    means = {}
    for place in streams:
        embedded = _embedded(seen, place)
        groups = np.array_split(embedded, min(CELLS, embedded.shape[-1]), axis=-1)
        means[place] = np.stack([group.mean(axis=-1) for group in groups], axis=-1)
    scale = seen.array("embed_scale")
    largest = max(float(np.abs(cells).max()) for cells in means.values())
    yield Picture("scale of the embeddings", scale, np.array([largest]), 5e-5)
    for place, cells in means.items():
        steps = seen.array("decoder_embed" if place == "decoder" else "embed")
        yield Picture(f"{place}, embeddings", steps / 127 * scale, cells, 0.51 / 127 * largest)


def _legend(seen: Sight, streams: list[str]) -> Iterator[Claim]:
    shown = seen.texts(WRITTEN)
    at = next(index for index, text in enumerate(shown) if text.startswith("lane"))
    rows = [rows for place in streams for rows in (seen.left.stream[place], seen.left.added[place])]
    yield Claim("legend, the longest", shown[at + 2], float(max(_lengths(one).max() for one in rows)))
    ends = [text for text in shown if re.fullmatch(r"[−+][\d.]+", text)]
    largest = float(np.abs(seen.array("embed_scale")).max())
    for end, sign in zip(ends, (-1, 1), strict=False):
        yield Claim("legend, embeddings", end, sign * largest)


def _grows(seen: Sight, streams: list[str]) -> list[float]:
    """Of each stack, its median length before and behind, and the ratio; of a BERT the range behind norms and sums."""
    found: list[float] = []
    for place in streams:
        medians = np.median(_lengths(seen.left.stream[place]), axis=-1)
        if seen.config["family"] == "bert":
            found += [medians[::2].min(), medians[::2].max(), medians[1::2].max()]
        else:
            found += [medians[0], medians[-2], medians[-2] / medians[0]]
    return [float(value) for value in found]


def _blocks(seen: Sight, streams: list[str]) -> Iterator[Claim | Picture]:
    """What is written around each block while it stands open, and the card of its lit cell."""
    for place in streams:
        kinds = ["decoder", "cross"] if place == "decoder" else [place]
        for layer in range(len(seen.left.patterns[place])):
            seen.set(layer=layer, head=0, hover=None, **({} if place == "text" else {"kind": kinds[-1]}))
            where = f"{place}, block {layer + 1}"
            seen.page.wait_for_function(THERE)
            cell: dict[str, Any] = seen.page.evaluate(
                "(({ layer, head, query, key }) => ({ layer, head, query, key }))(window.cutaway.store.cell)"
            )
            yield from _written(seen, where, place, len(kinds) + 1, layer, cell["query"])
            masked = "may attend" if seen.config["family"] == "gpt" else "none"
            yield from attention.steps(seen, where, kinds[-1], ".cell-card .{} b", masked, **cell)


def _written(seen: Sight, where: str, place: str, parts: int, layer: int, token: int) -> Iterator[Claim]:
    shown = seen.texts(WRITTEN)
    added = [text for text in shown if re.match(r"(heads )?adds? \d", text)]
    yield Claim(f"{where}, parts that add", str(len(added)), parts)
    for index, text in enumerate(added[:parts]):
        length = float(np.linalg.norm(seen.left.added[place][parts * layer + index][token]))
        yield Claim(f"{where}, {text!r}", text, length)
    longest = [text.rpartition("longest")[2] for text in shown if "the longest" in text]
    fed = _lengths([seen.left.added[place][parts * layer + parts - 1]])
    for text in longest:
        yield Claim(f"{where}, the longest", text, float(fed.max()))
    if f"blocks.{layer}.mlp.router.weight" not in seen.checkpoint.tensors:
        return
    before = sum(f"blocks.{other}.mlp.router.weight" in seen.checkpoint.tensors for other in range(layer))
    chances, weights = seen.left.router[before], seen.left.weights[before]
    gates = [found for found in (re.fullmatch(r"E(\d+) (.*%)", text) for text in shown) if found]
    yield Claim(f"{where}, gates are there", str(len(gates) > 1), "True")
    for rank, gate in enumerate(gates):
        expert = int(gate[1]) - 1
        yield Claim(f"{where}, gate {gate[0]!r}", gate[2], float(chances[token, expert]))
        yield Claim(f"{where}, gate {rank + 1}", gate[2], float(np.sort(chances[token])[::-1][rank]))
    load = (weights > 0).sum(axis=0)
    even = load.sum() / len(load)
    loss = len(load) * float((load / load.sum() * chances.mean(axis=0)).sum())
    said = min((text for text in seen.texts(".stage .words *") if "busiest" in text), key=len, default="")
    if "dashed" in said:
        even_said, _, said = said.partition("busiest")
        yield Claim(f"{where}, even", even_said, float(even))
    numbers = (load.argmax() + 1, load.max() / even, load.argmin() + 1, load.min() / even, loss)
    yield from sentence(f"{where}, loads", said, *map(float, numbers))
