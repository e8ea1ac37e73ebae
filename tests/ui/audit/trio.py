"""Trio: what a GPT, a BERT and a T5 predict for one sentence, and the attention behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.parts import Pass
from tests.ui.audit.sight import WHOLE, Sight

DEPTHS = ("mean", "first", "middle", "last")
LISTED = 3
STEP = 1 / WHOLE + 1e-5
"""How far a probability is off that came in steps."""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """All three."""
    for family in ("gpt", "bert", "t5"):
        told, left = seen.frame["trio"][family], _pass(seen, family)
        yield from _attention(seen, family, left)
        if told["next"] is not None:
            yield from _prediction(seen, family, left.logits[told["position"]])
        if family == "t5":
            yield from _writing(seen, left)
    for depth in DEPTHS:
        seen.set(depth=depth)
        yield from _blended(seen, depth)


def _blended(seen: Sight, depth: str) -> Iterator[Claim]:
    """What the word that is asked for reads most, and the largest share of each family's square, at a depth."""
    for family in ("gpt", "bert", "t5"):
        told, root = seen.frame["trio"][family], f'.trio-model[data-family="{family}"]'
        left = _pass(seen, family)
        places = ("encoder", "cross", "decoder") if family == "t5" else ("text",)
        tables = [_at(np.stack(left.patterns[place]), depth).mean(axis=(0, 1)) for place in places]
        where = f"{family}, depth {depth}"
        largest = max(float(table.max()) for table in tables)
        yield from sentence(f"{where}, scale", seen.text(f"{root} .scale p"), 0, largest, slack=STEP)
        first, last = seen.frame["trio"]["words"][seen.frame["trio"]["gap"]["word"]]
        own = [at for at, token in enumerate(told["tokens"]) if token["start"] < last and first < token["end"]]
        said = seen.text(f"{root} .reads").rpartition(" reads ")[2]
        if not own:
            yield Claim(f"{where}, reads", str("does not read it" in seen.text(f"{root} .reads")), "True")
            continue
        most = np.sort(tables[0][own].mean(axis=0))[::-1][:LISTED]
        shares = re.findall(r"(?:<\s)?[\d.]+\s%", said)
        yield Claim(f"{where}, readers", str(len(shares)), len(most))
        for rank, (share, value) in enumerate(zip(shares, most, strict=False)):
            yield Claim(f"{where}, reads {rank + 1}", share, float(value), slack=STEP)


def _at(patterns: Array, depth: str) -> Array:
    """The layers that a depth means. *Shape:* (layer, head, query, key)."""
    n = len(patterns)
    middle = (n + 1) // 2
    first, last = {"mean": (0, n), "first": (0, 1), "middle": (middle - 1, middle), "last": (n - 1, n)}[depth]
    return patterns[first:last]


def _pass(seen: Sight, family: str) -> Pass:
    """What a family's model read, and a T5 wrote."""
    told = seen.frame["trio"][family]
    ids, written = [token["id"] for token in told["tokens"]], []
    if family == "t5":
        wrote = [token["id"] for token in told["written"]]
        written = [told["start"]["id"], *(wrote[:-1] if told["ended"] else wrote)]
    return seen.passes.of(told["model"], ids, written)


def _attention(seen: Sight, family: str, left: Pass) -> Iterator[Picture]:
    """The mean over layers and heads; of what looks back only, that half."""
    for place in ("encoder", "decoder", "cross") if family == "t5" else ("text",):
        mean = _at(np.stack(left.patterns[place]), seen.frame["depth"]).mean(axis=(0, 1))
        causal = family == "gpt" or place == "decoder"
        sent = mean[np.tril_indices(len(mean))] if causal else mean
        name = family if place == "text" else place
        yield seen.pattern(name, f"{family}, {place}", sent)


def _prediction(seen: Sight, family: str, logits: Array) -> Iterator[Claim]:
    told, root = seen.frame["trio"][family], f'.trio-model[data-family="{family}"]'
    chances = softmax(logits)
    falling = np.sort(chances)[::-1]
    shown = seen.texts(f"{root} ol li > b")
    yield Claim(f"{family}, rows", str(len(shown)), 6)
    for rank, (text, entry) in enumerate(zip(shown, told["next"]["top"], strict=False)):
        yield Claim(f"{family}, percentage {rank + 1}", text, float(falling[rank]))
        yield Claim(f"{family}, entry {entry['id']}", text, float(chances[entry["id"]]))
    own = told["own"]
    if own is not None and "id" in own:
        said = seen.text(f"{root} .own")
        found = re.search(r": ([^:]*%), ([\d,]+)(?:st|nd|rd|th) likeliest", said)
        yield Claim(f"{family}, its own word", said if found is None else found[1], float(chances[own["id"]]))
        rank = 1 + int((logits > logits[own["id"]]).sum())
        near = int((np.abs(logits - logits[own["id"]]) < 2e-5 * np.abs(logits).max()).sum()) - 1
        yield Claim(f"{family}, its rank", "" if found is None else found[2], rank, slack=near)


def _writing(seen: Sight, left: Pass) -> Iterator[Claim | Picture]:
    """A T5 writes the likeliest token each time."""
    wrote = seen.frame["trio"]["t5"]["written"]
    greedy = left.logits.argmax(axis=-1)[: len(wrote)]
    yield Claim("t5, what it writes", str([token["id"] for token in wrote]), str(greedy.tolist()))
    chances = softmax(left.logits).max(axis=-1)[: len(wrote)]
    yield Picture("t5, how sure it is", np.array([token["probability"] for token in wrote]), chances, 3e-5)
