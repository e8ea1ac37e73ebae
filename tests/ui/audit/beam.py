"""The beam, in Sampling: the tree's numbers, the ranking, and the search itself once more.

The search is that of transformers' generate(num_beams=width, length_penalty=1, early_stopping=False) as its
documentation has it: a finished continuation counts by its sum over its length (compare Wu et al. 2016, section 7).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array
from tests.ui.audit.sight import CHECKPOINTS, Sight

ASKED = """() => {
  const { beam_width: width, beam_depth: depth } = window.cutaway.store.state;
  return window.cutaway.store.call("beam", { width, depth });
}"""
THERE = """() => {
  const figure = document.querySelector('[data-exhibit="sampling"] figure.beam');
  return !figure.querySelector(".tree").hidden && !figure.querySelector("canvas").matches(".stale");
}"""
RAISED = str.maketrans("\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "-0123456789")

Path = tuple[int, ...]


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """Of a BERT, that it has none."""
    if seen.config["family"] == "bert":
        yield Claim("a BERT has no beam", str("no path to search" in seen.text(".beam .refused")), "True")
        return
    seen.page.wait_for_function(THERE)
    tree = seen.page.evaluate(ASKED)
    nodes, width, depth = tree["nodes"], tree["width"], tree["depth"]
    paths = [_path(nodes, index) for index in range(len(nodes))]
    expected = np.array([_after(seen, path[:-1])[path[-1]] for path in paths])
    told = np.array([node["log_probability"] for node in nodes])
    yield Picture("beam, log probabilities", told, expected, 5e-5)
    sums = [_sum(seen, path) for path in paths]
    yield Picture("beam, sums", np.array([node["score"] for node in nodes]), np.array(sums), 5e-5)
    best, greedy = search(seen, width, depth), _greedy(seen, depth)
    finished = [paths[leaf] for leaf in tree["finished"]]
    yield Claim("beam, finished", str(finished), str(best))
    yield Claim("beam, greedy", str([nodes[index]["id"] for index in tree["greedy"]]), str(list(greedy)))
    said = seen.text(".beam canvas", "aria-label").partition(";")[0]
    yield from sentence("beam, tree", said, len(nodes), width, depth)
    listed = best if greedy in best else [*best, greedy]
    columns = [seen.texts(f".beam .ranking-row .{name}") for name in ("sum", "each", "probability")]
    yield Claim("beam, rows", str(len(columns[0])), len(listed))
    for rank, (path, row) in enumerate(zip(listed, zip(*columns, strict=True), strict=False)):
        yield from _row(f"beam, row {rank + 1}", row, _sum(seen, path), len(path))
    gained = _sum(seen, best[0]) - _sum(seen, greedy)
    if times := re.search(r"is ([\d.]+) times as probable", seen.text(".beam .words")):
        yield Claim("beam, how much likelier", times[1], math.exp(gained), slack=1e-3)
    else:
        same = "the same as the best" in seen.text(".beam .words")
        yield Claim("beam, verdict", str(same), str(best[0] == greedy))


def _row(where: str, row: tuple[str, ...], total: float, length: int) -> Iterator[Claim]:
    shown, each, probability = row
    yield Claim(f"{where}, sum", shown, total, slack=1e-4)
    yield Claim(f"{where}, over its length", each, total / length, slack=1e-4)
    power = re.search(r"^(.*) · 10(\S+)$", probability)
    if power is None:
        yield Claim(f"{where}, probability", probability, math.exp(total), slack=1e-4 * math.exp(total))
        return
    factor = math.exp(total) / 10 ** int(power[2].translate(RAISED))
    yield Claim(f"{where}, probability", power[1], factor, slack=1e-3)


def search(seen: Sight, width: int, depth: int) -> list[Path]:
    """The finished continuations, the best first."""
    ends, finished = _ends(seen), list[tuple[float, Path]]()
    living: list[tuple[Path, float]] = [((), 0.0)]
    for length in range(1, depth + 1):
        found = [
            (score + float(after[id]), (*path, int(id)))
            for path, score in living
            for after in [_after(seen, path)]
            for id in np.argsort(-after)[: 2 * width]
        ]
        living = []
        for rank, (score, path) in enumerate(sorted(found, reverse=True)[: 2 * width]):
            done = path[-1] in ends or length == depth
            if done and rank < width:
                finished.append((score / length, path))
            elif not done and len(living) < width:
                living.append((path, score))
        finished = sorted(finished, reverse=True)[:width]
        if not living or (len(finished) == width and living[0][1] / length <= finished[-1][0]):
            break
    return [path for _, path in finished]


def _greedy(seen: Sight, depth: int) -> Path:
    path: Path = ()
    while len(path) < depth and not (path and path[-1] in _ends(seen)):
        path = (*path, int(_after(seen, path).argmax()))
    return path


def _after(seen: Sight, path: Path) -> Array:
    """The logarithms of what may follow. *Shape:* (d_vocab,)."""
    if seen.config["family"] == "t5":
        logits = seen.passes.of(seen.model, seen.ids, [seen.config["start_token_id"], *path]).logits[-1]
    else:
        logits = seen.passes.of(seen.model, [*seen.ids, *path]).logits[-1]
    raised: Array = logits - logits.max()
    out: Array = raised - np.log(np.exp(raised).sum())
    return out


def _sum(seen: Sight, path: Path) -> float:
    return sum(float(_after(seen, path[:at])[id]) for at, id in enumerate(path))


def _path(nodes: list[dict[str, Any]], leaf: int | None) -> Path:
    return () if leaf is None else (*_path(nodes, nodes[leaf]["parent"]), nodes[leaf]["id"])


def _ends(seen: Sight) -> frozenset[int]:
    """What ends a continuation: a special token; of a T5 the one that its tokenizer sets behind a text."""
    if seen.config["family"] == "t5":
        return frozenset(seen.ids[-1:])
    file = json.loads((CHECKPOINTS / seen.model / "tokenizer.json").read_text(encoding="utf-8"))
    return frozenset(token["id"] for token in file["added_tokens"] if token["special"])
