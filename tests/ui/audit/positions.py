"""Positions: every scheme's angles, slopes and buckets, what the model's own does in this text, and RoPE stretched."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from tests.ui.audit import far
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, buckets, rope_angles, rotated, softmax
from tests.ui.audit.sight import Sight

FACTORS = (4, 32)
FAST, SLOW = 32, 1
"""Turns within the trained length above which YaRN leaves a pair, and below which it interpolates it."""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """The schemes that can be looked at, then the model's own in its first head and its last."""
    yield from _formulas(seen)
    for factor in FACTORS:
        seen.set(factor=factor)
        yield from _stretched(seen, factor)
    yield from far.claims(seen)
    n, n_layers = len(seen.ids), len(seen.left.patterns[seen.places[0]])
    for layer, head in ((0, 0), (n_layers - 1, seen.config["n_heads"] - 1)):
        seen.set(layer=layer, head=head, query=n - 1, key=1)
        own = seen.frame["positions"]["own"]
        yield from _vectors(seen, layer, head)
        if seen.frame["positions"]["scores"] is not None:
            yield from _in_text(seen, own, layer, head, n - 1, 1)
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


def _stretched(seen: Sight, factor: float) -> Iterator[Claim | Picture]:
    """YaRN (Peng et al. 2023), with the ramp of the code released with it: even over the pairs between the (whole)
    ones that turn so often; and interpolation (Chen et al. 2023).
    """
    rope, told = seen.frame["positions"]["rope"], seen.frame["positions"]["stretched"]
    d, theta, n_ctx = rope["d_rotary"], rope["theta"], rope["n_ctx"]
    trained = theta ** (-np.arange(0, d, 2) / d)
    first, last = (d * math.log(n_ctx / (turns * 2 * math.pi)) / (2 * math.log(theta)) for turns in (FAST, SLOW))
    low, high = max(math.floor(first), 0), min(math.ceil(last), d - 1)
    kept = 1 - np.clip((np.arange(d // 2) - low) / (high - low), 0, 1)
    temperature = 0.1 * math.log(factor) + 1
    ways = {"trained": trained, "linear": trained / factor, "yarn": trained * kept + trained / factor * (1 - kept)}
    for way, frequencies in ways.items():
        yield Picture(f"x {factor}, {way}", np.array(told[way]), frequencies, 1e-9)
    yield Picture(f"x {factor}, kept by YaRN", np.array(told["kept"]), kept, 1e-9)
    yield from sentence("stretch", seen.text(".stretch-lead").partition("was ")[2], n_ctx, factor, factor * n_ctx)
    numbers = (0.1, factor, 1, temperature, temperature**2)
    yield from sentence("temperature", seen.text(".temperature"), *numbers)
    pair = int(seen.text(".stretch-pair").split()[1]) - 1
    yield from sentence("kept of a pair", seen.text(".stretch-pair"), pair + 1, d // 2, kept[pair])
    rows = zip(ways.values(), seen.texts(".stretch-facts tr"), strict=True)
    for index, (frequencies, _) in enumerate(rows):
        row = f".stretch-facts tr:nth-child({index + 1}) td"
        frequency, wave, turns = seen.texts(row)
        length = 2 * math.pi / frequencies[pair]
        where = f"x {factor}, pair {pair + 1}, row {index + 1}"
        yield Claim(f"{where}, a token", frequency, float(frequencies[pair]))
        yield Claim(f"{where}, wave", wave, length, slack=0 if length < 100 else 0.005 * length)
        yield Claim(f"{where}, turns", turns, n_ctx / length)


def _in_text(seen: Sight, own: str, layer: int, head: int, query: int, key: int) -> Iterator[Claim]:
    """One query's attention with the scheme and without, and a dot product before it turns and after."""
    place = seen.places[0]
    now = seen.left.patterns[place][layer][head, query]
    qs, ks, _ = seen.left.heads[place][layer]
    q, k = qs[:, head], ks[:, head * ks.shape[1] // qs.shape[1]]
    if own == "rope":
        back = -rope_angles(len(q), q.shape[1], seen.config["positions"]["theta"])
        before = [rotated(rows[:, None], back)[:, 0] for rows in (q, k)]
        products = [float(rows[0][query] @ rows[1][key]) for rows in (before, (q, k))]
        q, k = before
        said = seen.text(".pairs-told").rpartition("q · k")[2]
        slack = 2e-5 * float(np.abs(qs).max() * np.abs(ks).max() * q.shape[1])
        yield from sentence("dot product", said, *products, slack=slack)
    scores = k @ q[query] / (1 if place == "encoder" else math.sqrt(q.shape[1]))
    readable = np.arange(len(k)) <= (query if place == "text" else len(k))
    without = np.zeros(len(k))
    without[readable] = softmax(scores[readable])
    moved: Array = np.abs(without - now).sum() / 2
    where = f"layer {layer + 1}, head {head + 1}"
    said = seen.text(".effect-told")
    yield from sentence(f"{where}, in this text", said.partition(": ")[0], layer + 1, head + 1)
    yield Claim(f"{where}, moved", said.partition("moves ")[2], float(moved), slack=2e-5)
    shares = seen.text(".effect-cell").rpartition(": ")[2]
    yield from sentence(f"{where}, a cell", shares, float(without[key]), float(now[key]), slack=2e-5)


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
