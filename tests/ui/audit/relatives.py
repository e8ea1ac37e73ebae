"""Relatives: counts of parameters and operations, from the sizes that stand on the page and the sums beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.ui.audit.claims import Claim, sentence
from tests.ui.audit.sight import Sight

PLAIN = ("llama-3-8b", "llama-3-405b")
"""Decoders of Llama's plan without a vocabulary here, so that the tokens are those of the page."""
BYTES = 2


def claims(seen: Sight) -> Iterator[Claim]:
    """Each part by the product beside it, and of plain decoders the whole from their sizes."""
    for model in (*PLAIN, "deepseek-v3", "mamba-2.8b", "bloom"):
        seen.set(relative=model)
        yield from _parts(seen, model)
        if model in PLAIN:
            yield from _plain(seen, model)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _parts(seen: Sight, model: str) -> Iterator[Claim]:
    rows = ".weights tbody tr"
    names, counts, shares, products = (seen.texts(f"{rows} {cell}") for cell in ("th", ".n", ".share", ".product"))
    total = sum(map(_number, counts))
    yield Claim(f"{model}, parts", str(len(names) > 3), "True")
    yield Claim(f"{model}, all", seen.text(".weights .total").partition(" ")[0], total)
    for name, count, share, product in zip(names, counts, shares, products, strict=True):
        terms = [] if "again" in product else product.split(" + ")
        value = sum(math.prod(map(_number, term.split(" · "))) for term in terms)
        yield Claim(f"{model}, {name}: {product}", count, value)
        yield Claim(f"{model}, {name}, share", share, value / total)


def _plain(seen: Sight, model: str) -> Iterator[Claim]:
    """Touvron et al. 2023's block, counted by hand."""
    values, names = (seen.texts(f".sources li > {cell}") for cell in ("b", "span"))
    size = dict(zip(names, map(_number, values), strict=True))
    layers, d, heads = size["blocks"], size["width of the stream"], size["heads"]
    kv, wide, vocab = (
        size["heads of keys and values"],
        size["width of a feed-forward part"],
        size["entries of the vocabulary"],
    )
    attention = 2 * d * d + 2 * d * d * kv // heads
    n = len(seen.ids)
    yield Claim(f"{model}, tokens", seen.text(".of-tokens dd"), n)
    block = attention + 3 * d * wide
    yield Claim(f"{model}, total", seen.text(".weights .total"), layers * (block + 2 * d) + d + 2 * vocab * d)
    pairs = layers * 4 * d * n * (n + 1) // 2
    parts = [layers * attention, layers * 3 * d * wide, vocab * d]
    total = 2 * n * sum(parts) + pairs
    costs = sorted([pairs, *(2 * n * part for part in parts)], reverse=True)
    each = 2 * d * kv // heads
    expected = [total, *(cost / total for cost in costs), layers, each, n, BYTES]
    yield from sentence(f"{model}, operations", seen.text(".of-what"), *expected)
    yield Claim(f"{model}, kept", seen.text(".of-cache dd"), layers * each * n * BYTES)
