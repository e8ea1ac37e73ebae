"""Cache: one head's keys and values, the bytes of all of them, and the published models' sums."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from tests.ui.audit.claims import NUMBER, Claim, Picture, sentence
from tests.ui.audit.sight import Sight

FLOAT32 = 4
WINDOW = 16
"""Tokens that the page's rolling window keeps unless told otherwise."""


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """In the first layer and head, and in the last; of a BERT, that there is none."""
    if seen.config["family"] == "bert":
        yield Claim("a BERT keeps nothing", str("has no cache" in seen.text(".absent")), "True")
        return
    n_layers = len(seen.left.patterns[seen.speaker])
    for layer, head in ((0, 0), (n_layers - 1, seen.config["n_heads"] - 1)):
        seen.set(layer=layer, head=head)
        for place in (seen.speaker, *(("cross",) if seen.speaker == "decoder" else ())):
            yield from _ribbon(seen, place, layer, head)
    yield from _bytes(seen)
    yield from _published(seen)
    seen.set(window=4, context=32_768, batch=4, precision="int4", **({"written": 2} if seen.written else {}))
    yield from _bytes(seen, 4)
    yield from _published(seen, 32_768, 4, 0.5)


def _ribbon(seen: Sight, place: str, layer: int, head: int) -> Iterator[Picture]:
    newest = seen.frame["position"]
    q, keys, values = seen.left.heads[place][layer]
    kept = slice(None) if place == "cross" else slice(newest + 1)
    kv_head = head * keys.shape[1] // q.shape[1]
    prefix = "cross" if place == "cross" else "cache"
    expected = {
        "q": q[newest, head],
        "keys": keys[kept, kv_head],
        "values": values[kept, kv_head],
        "weights": seen.left.patterns[place][layer][head, newest, kept],
        "z": seen.left.mixed[place][layer][newest, head],
    }
    for name, rows in expected.items():
        where = f"{place}, layer {layer + 1}, head {head + 1}, {name}"
        yield Picture(where, seen.array(f"{prefix}_{name}"), rows, 5e-5)


def _bytes(seen: Sight, window: int = WINDOW) -> Iterator[Claim]:
    """2 x layers x KV heads x d_head x tokens x bytes of a number."""
    _, keys, _ = seen.left.heads[seen.speaker][0]
    n_layers, n = len(seen.left.patterns[seen.speaker]), seen.frame["position"] + 1
    n_kv, d_head = keys.shape[1:]
    n_heads = seen.config["n_heads"]
    held = 2 * n_layers * n_kv * d_head * n * FLOAT32
    crossed = 2 * n_layers * n_kv * d_head * len(seen.ids) * FLOAT32
    cross = (crossed, len(seen.ids)) if seen.speaker == "decoder" else ()
    factors = (2, n_layers, n_kv, d_head, n, FLOAT32)
    yield from sentence("bytes", seen.text(".memory > .words"), *factors, held, held, *cross)
    yield Claim("bytes, now", seen.text(".memory figcaption p").partition(" now")[0], held)
    names, heads, sizes = (seen.texts(f".memory .variant .{cell}") for cell in ("name", "heads", "bytes"))
    for name, said, size in zip(names, heads, sizes, strict=True):
        if not size:
            continue
        found = re.match(r"(\d+) KV heads?", said)
        grouped = int(found[1]) if found else 0
        asked = {"MHA": n_heads, "MQA": 1, "rolling": n_kv}.get(name, grouped)
        kept = min(n, window) if name == "rolling" else n
        yield Claim(f"{name}, heads", said, asked)
        yield Claim(f"{name}, bytes", size, 2 * n_layers * asked * d_head * kept * FLOAT32)


def _published(seen: Sight, context: int = 8_192, batch: int = 1, size: float = 2) -> Iterator[Claim]:
    """Each product, of the factors that stand beside it; the last of these are what is asked for."""
    rows = ".published .published-row"
    columns = ("model b", "sum > span", "sum > small", "bytes > b")
    names, products, remarks, sizes = (seen.texts(f"{rows} .{cell}") for cell in columns)
    yield Claim("published models are there", str(len(names) > 5), "True")
    for name, product, remark, shown in zip(names, products, remarks, sizes, strict=True):
        half, latent = product.replace("½", "0.5"), 1.0
        if found := re.search(r"\(([^)]*)\)", half):
            latent = sum(float(number.replace(",", "")) for number in found[1].split(" + "))
            half = half.replace(found[0], "1")
        factors = [float(match["digits"].replace(",", "")) for match in NUMBER.finditer(half)]
        yield Claim(f"{name}: {product}", shown, latent * math.prod(factors))
        window = re.search(r"keeps the last ([\d,]+)", remark)
        kept = context if window is None else float(window[1].replace(",", ""))
        asked = [kept, *([] if batch == 1 else [batch]), size]
        yield Claim(f"{name}, asked for", str(factors[-len(asked) :]), str([float(factor) for factor in asked]))
