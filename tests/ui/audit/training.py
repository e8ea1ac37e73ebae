"""Training: the losses of the text as an example, the gradient of one, two sentences, and the moments of training.

What is hidden and cut is taken from the page; the passes over it, and all that is made of them, are computed here.
"""

from __future__ import annotations

import copy
import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.passes import Checkpoint
from tests.ui.audit.sight import CHECKPOINTS, Sight

SMALLEST = {"float16": 2.0**-24, "scaled": 2.0**-24 / 2**15, "bfloat16": 2.0**-133}
"""The smallest number of each format; what is at most half as large is rounded to zero."""
POWER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
AT_A_BOUNDARY = 2e-3
"""The share of entries that float32 may put on the other side of where a format ends."""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """As the page opens, with smoothing, with another seed; then the moments, where there are some."""
    for state in ({"cut": 0, "smoothing": 0, "predicted": None}, {"cut": 4, "smoothing": 10, "predicted": 1}):
        seen.set(**state)
        yield from _objective(seen, state["smoothing"] or 0)
    yield from _run(seen)
    for at in (0, 4, 7) if seen.frame["time"]["moments"] else ():
        seen.set(moment=at)
        yield from _moment(seen, at)


def _ids(cells: Sequence[dict[str, Any]]) -> list[int]:
    return [cell["id"] for cell in cells]


def _logits(seen: Sight) -> Array:
    """What predicts each target. *Shape:* (target, d_vocab)."""
    told = seen.frame["training"]
    shown, at = _ids(told["cells"]), [target["at"] for target in told["targets"]]
    family = seen.config["family"]
    if family == "gpt":
        out: Array = seen.passes.of(seen.model, shown).logits[[place - 1 for place in at]]
        return out
    if family == "bert":
        return np.array(seen.passes.of(seen.model, shown, segments=_segments(shown)).logits[at])
    read = _ids(told["reads"])
    return np.array(seen.passes.of(seen.model, read, [0, *shown[:-1]]).logits[at])


def _segments(ids: Sequence[int]) -> list[int]:
    """The first [SEP] ends the first segment."""
    end = ids.index(ids[-1])
    return [int(place > end) for place in range(len(ids))]


def _number(written: str) -> float:
    plain = written.replace("\u2212", "-").replace("+", "").strip()
    found = re.fullmatch(r"(\S+) · 10(\S+)", plain)
    return float(found[1]) * 10 ** int(found[2].translate(POWER)) if found else float(plain)


def _objective(seen: Sight, smoothing: int) -> Iterator[Claim | Picture]:
    told, share = seen.frame["training"], smoothing / 100
    where = f"smoothing {smoothing}, seed {seen.frame['cut']}"
    logits, targets = _logits(seen), _ids(told["targets"])
    n, d_vocab = logits.shape
    p = softmax(logits)
    nats = -np.log(p[np.arange(n), targets])
    smoothed = (1 - share) * nats - share * np.log(p).mean(axis=1)
    yield Picture(f"{where}, losses", seen.array("nats"), smoothed, 1e-4)
    for name, value in (("loss", nats.mean()), ("perplexity", np.exp(nats.mean())), ("smoothed", smoothed.mean())):
        yield Claim(f"{where}, {name}", seen.text(f'[data-sum="{name}"]'), float(value))
    chosen = int(nats.argmax()) if seen.frame["predicted"] is None else min(seen.frame["predicted"], n - 1)
    wanted = np.full(d_vocab, share / d_vocab)
    wanted[targets[chosen]] += 1 - share
    slopes = (p[chosen] - wanted) / n
    yield from _pulled(seen, where, p[chosen], wanted, slopes, targets[chosen])
    for row, (name, smallest) in enumerate(SMALLEST.items()):
        gone = np.abs(slopes) <= smallest / 2
        cells = seen.texts(".short tbody td")[2 * row : 2 * row + 2]
        yield Claim(f"{where}, {name}, entries", cells[0], float(gone.mean()), AT_A_BOUNDARY)
        yield Claim(f"{where}, {name}, size", cells[1], float(np.abs(slopes[gone]).sum() / np.abs(slopes).sum()), 1e-4)
    if seen.config["family"] == "bert":
        yield from _pair(seen, where)


def _pulled(seen: Sight, where: str, p: Array, wanted: Array, slopes: Array, target: int) -> Iterator[Claim | Picture]:
    rows = seen.frame["training"]["gradient"]["rows"]
    others = np.sort(np.delete(slopes, target))[::-1][: len(rows) - 1]
    yield Claim(f"{where}, the target", str(rows[0]["id"]), str(target))
    yield Picture(f"{where}, those pulled most", np.array([row["slope"] for row in rows[1:]]), others, 1e-5)
    cells, bold = seen.texts(".pulled tbody td"), seen.texts(".pulled tbody .slope b")
    listed = [row["id"] for row in rows]
    for at, id in enumerate([*listed, None]):
        rest = np.delete(np.arange(len(p)), listed) if id is None else np.array([id])
        name = f"{where}, row {at + 1}"
        yield Claim(f"{name}, probability", cells[3 * at], float(p[rest].sum()))
        yield Claim(f"{name}, wanted", cells[3 * at + 1], float(wanted[rest].sum()))
        slope = float(slopes[rest].sum())
        ratio = _number(bold[at]) / slope if slope else 1.0
        yield Picture(f"{name}, gradient", np.array([ratio]), np.ones(1), max(0.06, 5.1e-5 / max(abs(slope), 1e-9)))


def _pair(seen: Sight, where: str) -> Iterator[Claim]:
    """The verdict of the text's own two sentences, which the frame's example holds with some tokens hidden."""
    told, tensors = seen.frame["training"], seen.checkpoint.tensors
    if told["pair"]["own"] is None:
        return
    ids = _ids(told["cells"])
    for target in told["targets"]:
        ids[target["at"]] = target["id"]
    stream = seen.passes.of(seen.model, ids, segments=_segments(ids)).stream["text"][-1][0]
    pooled = np.tanh(tensors["pooler.weight"] @ stream + tensors["pooler.bias"])
    verdict = softmax(tensors["next_sentence.weight"] @ pooled + tensors["next_sentence.bias"])
    yield Claim(f"{where}, follows", seen.text(".pair-row b"), float(verdict[0]))


def _run(seen: Sight) -> Iterator[Claim]:
    with (CHECKPOINTS / seen.model / "curve.csv").open(encoding="utf-8", newline="") as file:
        last = list(csv.DictReader(file))[-1]
    words = seen.text(".run-words")
    for column, name in (("step", "steps"), ("tokens", "predicted tokens"), ("hours", "hours")):
        found = re.search(rf"([\d,.]+) {name}", words)
        yield Claim(f"the run, {name}", found[1] if found else words, float(last[column]))
    ends = [float(last[name]) for name in ("train", "held_out")]
    yield from sentence("the end of the run", seen.text(".run-charts figure:last-child p"), *ends)


def _moment(seen: Sight, at: int) -> Iterator[Claim | Picture]:
    """The pass with the weights of then: 8 bits and a scale a row, each moment what it adds to the one before."""
    there: Checkpoint = copy.copy(seen.checkpoint)
    there.tensors = {}
    with np.load(CHECKPOINTS / seen.model / "timelapse.npz") as file:
        for name in seen.checkpoint.tensors:
            if f"0/{name}:scale" in file.files:
                numbers = sum((file[f"{step}/{name}"] for step in range(at + 1)), np.int8(0)).astype(np.int8)
                weights = numbers.astype(np.float32) * file[f"{at}/{name}:scale"]
            else:
                weights = file[f"{at}/{name}"]
            there.tensors[name] = weights.astype(np.float16).astype(np.float64)
    then, end = there(seen.ids), seen.left
    time, targets = seen.frame["time"], seen.ids[1:]
    for side, left, name in ((".then", then, "pattern_then"), (".now", end, "pattern_end")):
        p = softmax(left.logits[-1])
        for rank, (shown, value) in enumerate(zip(seen.texts(f"{side} li b"), np.sort(p)[::-1], strict=False)):
            yield Claim(f"moment {at}, {side}, rank {rank + 1}", shown, float(value))
        heads = np.stack(left.patterns["text"])
        yield seen.thumbnails(name, f"moment {at}, {name}", heads, time["heads"]["largest"], time["heads"]["block"])
    losses = [-np.log(softmax(left.logits[:-1])[np.arange(len(targets)), targets]).mean() for left in (then, end)]
    numbers = seen.text(".moment-words span").partition("text:")[2]
    yield from sentence(f"moment {at}, losses", numbers, *map(float, losses))
