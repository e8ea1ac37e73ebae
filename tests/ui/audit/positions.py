"""Positions: the angles, slopes and buckets of every scheme, and what the model's own one does between two tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import buckets
from tests.ui.audit.sight import Sight


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """The schemes that can be looked at, then the model's own in its first head and its last."""
    yield from _formulas(seen)
    n, n_layers = len(seen.ids), len(seen.left.patterns[seen.places[0]])
    for layer, head in ((0, 0), (n_layers - 1, seen.config["n_heads"] - 1)):
        seen.set(layer=layer, head=head, query=n - 1, key=1)
        own = seen.frame["positions"]["own"]
        yield from _vectors(seen, layer, head)
        if own == "rope":
            yield from _clock(seen, n - 1, 1)
        elif own in ("alibi", "t5"):
            yield from _bias(seen, own, n - 1, 1)
        elif own in ("sinusoidal", "learned"):
            yield from _added(seen, n - 1)
        else:
            yield from sentence("even shares", seen.text(".even-words"), n, 1, n, 1 / n)


def _formulas(seen: Sight) -> Iterator[Picture]:
    told = seen.frame["positions"]
    rope = told["rope"]
    pair = np.arange(0, rope["d_rotary"], 2)
    turning = rope["theta"] ** (-pair / rope["d_rotary"])  # Su et al. 2021, eq. 15
    yield Picture("RoPE", np.array(rope["frequencies"]), turning, 1e-9)
    stretched = told["stretched"]
    yield Picture("RoPE as trained", np.array(stretched["trained"]), turning, 1e-9)
    yield Picture("RoPE interpolated", np.array(stretched["linear"]), turning / stretched["factor"], 1e-9)
    wave = told["sinusoidal"]
    pair = np.arange(0, wave["d_model"], 2)
    yield Picture("sinusoids", np.array(wave["frequencies"]), 10_000 ** (-pair / wave["d_model"]), 1e-9)
    slopes = np.array(told["alibi"]["slopes"])
    geometric = 2.0 ** (-8 * np.arange(1, len(slopes) + 1) / len(slopes))
    yield Picture("ALiBi", slopes, geometric, 1e-9)
    rule, reach = told["t5"], told["t5"]["reach"]
    both = rule["sees"] == "both"
    own = buckets(np.arange(1 - reach, reach), both_ways=both)
    yield Picture("T5's buckets", seen.array("t5_buckets"), own.astype(np.float64), 0)
    checkpoint = seen.passes.checkpoint(rule["source"])
    prefix = {True: "encoder.", False: "decoder."}[both] if checkpoint.config["family"] == "t5" else ""
    yield Picture("T5's biases", seen.array("t5_bias"), checkpoint.tensors[f"{prefix}positions.weight"][own].T, 2e-5)


def _vectors(seen: Sight, layer: int, head: int) -> Iterator[Picture]:
    """Queries and keys as the dot product sees them, where the scheme works on scores."""
    if seen.frame["positions"]["scores"] is None:
        return
    qs, ks, _ = seen.left.heads[seen.places[0]][layer]
    kv_head = head * ks.shape[1] // qs.shape[1]
    for name, rows in (("rot_q", qs[:, head]), ("rot_k", ks[:, kv_head])):
        yield Picture(f"layer {layer + 1}, head {head + 1}, {name}", seen.array(name), rows, 5e-5)


def _clock(seen: Sight, query: int, key: int) -> Iterator[Claim]:
    """The pair that is shown, from its name on."""
    named = re.match(r"Pair (\d+) of (\d+)", seen.text(".pair-name"))
    assert named is not None, "a pair stands beside RoPE"
    d_rotary = 2 * int(named[2])
    yield Claim("pairs", named[2], seen.frame["positions"]["rope"]["d_rotary"] // 2)
    theta = seen.config["positions"]["theta"] ** (-2 * (int(named[1]) - 1) / d_rotary)
    yield from sentence("wave", seen.text(".pair-wave"), theta, 2 * math.pi / theta)
    for name, place in (("query", query), ("key", key)):
        turned = place * theta
        yield from sentence(
            f"angle of the {name}", seen.text(f".angle-{name}"), place, theta, turned, math.degrees(turned)
        )
    between = seen.text(".angle-between").replace("− ", "")
    yield from sentence("between them", between, query, key, theta, (query - key) * theta)


def _bias(seen: Sight, scheme: str, query: int, key: int) -> Iterator[Claim]:
    named = re.match(r"Head (\d+) of (\d+)", seen.text(".bias-name"))
    assert named is not None, "a head stands beside a bias"
    head, distance = int(named[1]) - 1, query - key
    said = seen.text(".bias-words").rpartition("away: ")[2]
    away = seen.text(".bias-words").rpartition(" away: ")[0].rpartition(", ")[2]
    yield Claim("distance", away, distance)
    if scheme == "alibi":
        slopes = [2.0 ** (-8 * (one + 1) / int(named[2])) for one in range(int(named[2]))]
        yield Claim("added", said, -slopes[head] * distance)
        yield from sentence("slopes", seen.text(".bias-rule"), *slopes)
        return
    place = seen.places[0]
    bucket = int(buckets(np.array([key - query]), both_ways=place == "encoder")[0])
    yield from sentence("added", said, bucket, float(seen.left.bias[place][head, query, key]))


def _added(seen: Sight, query: int) -> Iterator[Claim]:
    """How long the token's own vector is, and what its place adds."""
    t, config = seen.checkpoint.tensors, seen.config
    token = t["embed.weight"][seen.ids[query]]
    if config.get("scaled_embeddings"):
        token = token * math.sqrt(config["d_model"])
    if config["positions"]["scheme"] == "sinusoidal" if "positions" in config else False:
        length = math.sqrt(config["d_model"] / 2)  # of every pair, the squares of sine and cosine add up to 1
    else:
        length = float(np.linalg.norm(t["positions.weight"][query]))
    said = seen.text(".added-lengths").rpartition(" is ")[2]
    yield from sentence("lengths", said, float(np.linalg.norm(token)), length)
