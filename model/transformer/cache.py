"""The KV cache: a value that is passed in and returned, never stored on a module.

A cache is one (key, value) pair per block, each of *Shape:* (batch, kv_head, past, d_head), keys as the dot product
sees them. `None` stands for an empty one.
"""

from __future__ import annotations

from torch import Tensor

LayerCache = tuple[Tensor, Tensor]
Cache = tuple[LayerCache, ...]
CrossCache = tuple[LayerCache, ...]
"""What cross-attention reads, computed once a text: a (key, value) pair per block, each of *Shape:* (batch, key,
head x d_head), flat as projected, because nothing is ever appended."""


def length(cache: Cache | None) -> int:
    """How many tokens the cache holds."""
    return 0 if cache is None else cache[0][0].shape[2]


def n_bytes(cache: Cache) -> int:
    """What its tensors take up in memory."""
    return sum(tensor.nbytes for layer in cache for tensor in layer)
