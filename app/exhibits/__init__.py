"""The exhibits, in the order of the walk: the order that the data takes through the model.

Each module has `TITLE`, `LEAD` (one sentence: what to look for), `FORMULA` and `html()`, the static markup whose root
carries `data-exhibit`. A new exhibit is one line here, one file beside this one and one in `static/js/exhibits`.
"""

from __future__ import annotations

from types import ModuleType

from app.exhibits import attention, cache, experts, machine, masks, positions, residual, sampling, tokens, trio

EXHIBITS: dict[str, ModuleType] = {
    "machine": machine,
    "tokens": tokens,
    "positions": positions,
    "attention": attention,
    "masks": masks,
    "experts": experts,
    "residual": residual,
    "sampling": sampling,
    "cache": cache,
    "trio": trio,
}
