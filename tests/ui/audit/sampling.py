"""Sampling: the chain from logit to chance under settings of every kind, the thousand draws, and the whole curve."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tests.ui.audit import beam
from tests.ui.audit.claims import Claim, Picture, sentence
from tests.ui.audit.leaves import Array, softmax
from tests.ui.audit.sight import Sight

SETTINGS: tuple[dict[str, float], ...] = (
    {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "seed": 0},
    {"temperature": 0.7, "top_k": 40, "top_p": 0.9, "min_p": 0.02, "seed": 3},
    {"temperature": 1.6, "top_k": 0, "top_p": 0.6, "min_p": 0, "seed": 0},
)
DRAWS = 1_000


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """Under each of the settings."""
    for settings in SETTINGS:
        seen.set(sampling=settings)
        yield from _under(seen, settings)
    yield from beam.claims(seen)


def shaped(logits: Array, settings: dict[str, float]) -> tuple[Array, Array]:
    """After temperature, and after top-k, top-p and min-p in this order, each over what the one before has left."""
    scaled = softmax(logits / settings["temperature"])
    order = np.argsort(-scaled, kind="stable")
    falling = scaled[order]
    keep = len(order) if not settings["top_k"] else int(settings["top_k"])
    reached = np.cumsum(falling[:keep]) / falling[:keep].sum()
    if settings["top_p"] < 1:
        keep = int(np.searchsorted(reached, settings["top_p"])) + 1
    keep = int((falling[:keep] >= settings["min_p"] * falling[0]).sum())
    chances = np.zeros_like(scaled)
    chances[order[:keep]] = falling[:keep] / falling[:keep].sum()
    return scaled, chances


def _under(seen: Sight, settings: dict[str, float]) -> Iterator[Claim | Picture]:
    logits = seen.left.logits[seen.frame["position"]]
    where = ", ".join(f"{name} {value}" for name, value in settings.items())
    probabilities = softmax(logits)
    scaled, chances = shaped(logits, settings)
    top = [entry["id"] for entry in seen.frame["next"]["top"]]
    columns = [seen.texts(f".chain-rows .{name}") for name in ("logit", "probability b", "scaled b", "chance b")]
    for row, shown in enumerate(zip(*columns, strict=True)):
        for name, text, values in zip(
            ("logit", "probability", "scaled"), shown, (logits, probabilities, scaled), strict=False
        ):
            yield Claim(f"{where}, row {row + 1}, {name}", text, float(values[top[row]]))
        chance = float(chances[top[row]])
        yield Claim(f"{where}, row {row + 1}, chance", shown[3], chance if chance else "cut")
    kept_mass = float(scaled[chances > 0].sum())
    yield Claim(f"{where}, mass kept", seen.text(".curve figcaption p").rpartition("keep")[2], kept_mass)
    ranks = seen.array("curve_ranks").astype(int)
    order = np.argsort(-probabilities, kind="stable")[ranks - 1]
    yield Claim(f"{where}, the curve's end", str(ranks[-1]), str(len(probabilities)))
    yield Picture(f"{where}, curve", seen.array("curve"), probabilities[order], 2e-5)
    yield Picture(f"{where}, curve falls", -np.sort(-seen.array("curve")), seen.array("curve"), 0)
    yield Picture(f"{where}, chances", seen.array("curve_chance"), chances[order], 1e-4)
    yield from _thousand(seen, where, chances, int(settings["seed"]))


def _thousand(seen: Sight, where: str, chances: Array, seed: int) -> Iterator[Claim]:
    """Draws by Philox (Salmon et al. 2011), keyed by seed and index, the chances side by side in falling order."""
    keys = (np.array([seed, index], dtype=np.uint64) for index in range(DRAWS))
    uniform = np.array([np.random.Generator(np.random.Philox(key=key)).random() for key in keys])
    order = np.argsort(-chances, kind="stable")
    reached = np.cumsum(chances[order])
    drawn = np.bincount(order[np.searchsorted(reached, uniform * reached[-1], side="right")], minlength=len(chances))
    rows = ".tallies .tally:not(.rest)"
    top = [entry["id"] for entry in seen.frame["next"]["top"] if chances[entry["id"]] > 0]
    for times, expected, id in zip(seen.texts(f"{rows} b"), seen.texts(f"{rows} .expected"), top, strict=False):
        yield Claim(f"{where}, entry {id}, drawn", times, int(drawn[id]), slack=1)  # a u that lies at a boundary
        yield Claim(f"{where}, entry {id}, expected", expected, float(DRAWS * chances[id]), slack=0.02)
    distance = float(np.abs(drawn / DRAWS - chances).sum() / 2)
    said = seen.text(".thousand > .words")
    fair = _fair_distance(chances[chances > 0])
    yield from sentence(f"{where}, distance", said, len(chances), distance, fair, slack=2e-3)


def _fair_distance(chances: Array) -> float:
    """Half the sum of E|X / n - p| over the entries, X binomial."""
    k = np.arange(DRAWS + 1)
    log_choose = np.array([math.lgamma(DRAWS + 1) - math.lgamma(i + 1) - math.lgamma(DRAWS - i + 1) for i in k])
    total = 0.0
    for p in chances[chances < 1]:
        mass = np.exp(log_choose + k * math.log(p) + (DRAWS - k) * math.log1p(-p))
        total += float((mass * np.abs(k / DRAWS - p)).sum())
    return total / 2
