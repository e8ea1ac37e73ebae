"""Experts: every router's numbers for every token and expert, the loads, and the parameters at work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from tests.ui.audit import change, next_tokens
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array
from tests.ui.audit.parts import Changes, Pass
from tests.ui.audit.sight import Sight

COLUMNS = ("logit", "gate b", "weight", "choosers > b")


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """All of the exhibit; of a model without experts, that it says so."""
    if not seen.left.router:
        yield Claim("a model without experts", str("is dense" in seen.text(".none")), "True")
        return
    yield from _routers(seen, seen.left)
    yield from _cells(seen, *_numbers(seen.left))
    yield from _parameters(seen)
    yield from _changed(seen)


def _changed(seen: Sight) -> Iterator[Claim | Picture]:
    """The last token's first expert switched off in one block, its second favoured in another."""
    first, *_, last = _layers(seen)
    off, favoured = (int(order) for order in np.argsort(-seen.left.router[0][-1])[:2])
    seen.set(interventions={f"{first}.{off}": "off", f"{last}.{favoured}": 1.5})
    changes = Changes(expert_bias=((first, off, -np.inf), (last, favoured, 1.5)))
    left, position = seen.under(changes), seen.frame["position"]
    yield from _routers(seen, left)
    yield from next_tokens.claims(seen, left.logits[position])
    before, after = (one.logits[position] for one in (seen.left, left))
    root = '[data-exhibit="experts"] .effect'
    yield from change.claims(seen, "without an expert", root, seen.frame["change"], before, after)


def _numbers(left: Pass) -> tuple[Array, Array, Array]:
    """Logits, probabilities, weights. *Shape:* (block, pos, expert)."""
    return np.stack(left.router_logits), np.stack(left.router), np.stack(left.weights)


def _routers(seen: Sight, left: Pass) -> Iterator[Claim | Picture]:
    """What the arrays, the tabs and the table say."""
    logits, chances, weights = _numbers(left)
    for name, expected in (("router_logits", logits), ("router", chances), ("weights", weights)):
        yield Picture(name, seen.array(name), expected, 5e-5)
    yield from _tabs(seen, chances, weights)
    yield from _rows(seen, logits, chances, weights, {place[:2]: place[2] for place in left.changes.expert_bias})


def _layers(seen: Sight) -> list[int]:
    """The blocks with experts, from 0."""
    return [
        layer
        for layer in range(seen.config["n_layers"])
        if f"blocks.{layer}.mlp.router.weight" in seen.checkpoint.tensors
    ]


def _tabs(seen: Sight, chances: Array, weights: Array) -> Iterator[Claim]:
    """Above the matrix: the busiest expert, the loss that would even it out, how many are idle."""
    top_k = seen.config["experts"]["top_k"]
    _, n_tokens, n_experts = chances.shape
    tabs = seen.texts(".layer-tab > span")
    for index, layer in enumerate(_layers(seen)):
        load = (weights[index] > 0).sum(axis=0)
        share, busiest = load / (n_tokens * top_k), int(load.argmax())
        loss = n_experts * float((share * chances[index].mean(axis=0)).sum())  # Fedus et al. 2022, eq. 4 to 6
        even = n_tokens * top_k / n_experts
        where = f"layer {layer + 1}"
        yield from sentence(f"{where}, busiest", tabs[2 * index], busiest + 1, load[busiest] / even)
        yield from sentence(f"{where}, balance", tabs[2 * index + 1], loss, int((load == 0).sum()))


def _rows(
    seen: Sight, logits: Array, chances: Array, weights: Array, biases: Mapping[tuple[int, int], float]
) -> Iterator[Claim]:
    """The table below, at every token and layer."""
    layers = _layers(seen)
    top_k = seen.config["experts"]["top_k"]
    places = [(index, token) for index in range(len(layers)) for token in range(len(seen.ids))]
    states = [{"layer": layers[index], "query": token, "hover": None} for index, token in places]
    selectors = [f".expert-rows .{column}" for column in COLUMNS]
    for (index, token), (*columns, sums) in zip(places, seen.sweep(states, *selectors, ".one .sum"), strict=True):
        where = f"layer {layers[index] + 1}, token {token + 1}"
        load = (weights[index] > 0).sum(axis=0)
        said = logits[index, token]
        order = np.argsort(-chances[index, token], kind="stable")
        short = said[order[top_k - 1]] - said[order[top_k]]
        for expert, (logit, chance, weight, choosers) in enumerate(zip(*columns, strict=True)):
            name = f"{where}, expert {expert + 1}"
            is_off = bool(np.isinf(said[expert]))
            bias = biases.get((layers[index], expert), 0.0)  # stands in a column of its own
            yield Claim(f"{name}, logit", logit, "–" if is_off else float(said[expert]) - bias)
            yield Claim(f"{name}, probability", chance, float(chances[index, token, expert]))
            yield Claim(f"{name}, load", choosers, int(load[expert]))
            if expert in order[:top_k]:
                yield Claim(f"{name}, weight", weight, float(weights[index, token, expert]))
            elif expert == order[top_k]:
                yield Claim(f"{name}, short of it", weight, float(short))
            else:
                yield Claim(f"{name}, no weight", weight, "off" if is_off else "")
        held = [float(chances[index, token, expert]) for expert in order[:top_k]]
        first, weight = int(order[0]) + 1, float(weights[index, token, order[0]])
        yield from sentence(f"{where}, sum", sums[0], *held, sum(held), first, held[0], sum(held), weight)


def _cells(seen: Sight, logits: Array, chances: Array, weights: Array) -> Iterator[Claim]:
    """What every cell of the matrix says under the pointer."""
    layers = _layers(seen)
    cells = list(np.ndindex(*chances.shape))
    states = [{"hover": {"index": index, "token": token, "expert": expert}} for index, token, expert in cells]
    for cell, ((said,),) in zip(cells, seen.sweep(states, ".gates figcaption > p"), strict=True):
        index, token, expert = cell
        numbers = re.sub(r"^.* at (?=layer)", "", said)
        expected = (logits[cell], chances[cell], weights[cell])
        where = f"cell of token {token + 1}"
        yield from sentence(where, numbers, layers[index] + 1, expert + 1, *map(float, expected))


def _parameters(seen: Sight) -> Iterator[Claim]:
    """All parameters, and those that one token meets: of the experts, the chosen ones alone."""
    config = seen.config["experts"]
    total = sum(tensor.size for tensor in seen.checkpoint.tensors.values())
    resting = config["n_experts"] - config["top_k"]
    one = sum(seen.checkpoint.tensors[f"blocks.{_layers(seen)[0]}.mlp.{name}"][0].size for name in ("w_in", "w_out"))
    active = total - len(_layers(seen)) * resting * one

    def own(name: str) -> str:
        return seen.text(f'.size [data-own="{name}"]')

    yield Claim("parameters", own("total"), total)
    yield Claim("parameters at work", own("active"), active)
    yield Claim("their share", own("share"), active / total)
    yield from sentence("experts", own("experts"), config["top_k"], config["n_experts"])
    width = one // (3 * seen.config["d_model"])
    factors = (len(_layers(seen)), resting, 3, seen.config["d_model"], width)
    shown = own("sum").replace("− ", "-")
    yield from sentence("their sum", shown, total, *factors, active)
