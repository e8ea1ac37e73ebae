"""A pinned state beside the live one: another text, read by the model without one of its heads."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from tests.ui.audit import change, tokens
from tests.ui.audit.claims import Claim, Picture
from tests.ui.audit.leaves import softmax
from tests.ui.audit.parts import Changes
from tests.ui.audit.sight import Sight

TEXTS = {"gpt": "The cat sat on the", "bert": "A [MASK] sat on the mat.", "t5": "fill: The <extra_id_0> sat."}


def claims(seen: Sight) -> Iterator[Claim | Picture]:
    """The divergence, what moved, what was likeliest then, and what it gave to what is likeliest now."""
    family, place = seen.config["family"], seen.places[0]
    text = TEXTS[family]
    seen.set(pin={"text": text, "model": seen.model, "interventions": {f"{place}.0.0": "off"}})
    ids = tokens.ids_of(seen, text)
    start = [seen.config["start_token_id"]] if family == "t5" else []
    then = seen.passes.of(seen.model, ids, start, Changes(heads_off=frozenset({(place, 0, 0)})))
    at = ids.index(tokens.ids_of(seen, "[MASK]")[1]) if family == "bert" else len(then.logits) - 1
    before = then.logits[at]
    now, told = seen.left.logits[seen.frame["position"]], seen.frame["pinned"]
    chances = softmax(before)
    said = re.search(r"(\S+)\.\s*$", seen.page.locator(".pinned .then").inner_text().replace("\u00a0", ""))
    yield Claim("pinned, likeliest", "" if said is None else said[1], float(chances.max()))
    yield Claim("pinned, which", str(told["likeliest"]["id"]), str(int(chances.argmax())))
    likeliest = [entry["id"] for entry in seen.frame["next"]["top"]][: len(told["before"])]
    yield Picture("pinned, before", np.array(told["before"]), chances[likeliest], 2e-5)
    yield from change.claims(seen, "pinned", ".pinned .effect", told["change"], before, now)
    seen.set(pin=None)
