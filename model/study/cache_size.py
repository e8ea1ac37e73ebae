"""How much memory a KV cache takes: the formulas.

No torch here; published models to put into them are in `model.relatives`. A token leaves a key and a value behind in
every block, for every KV head, so that n tokens take

    2 · n_layers · n_kv_heads · d_head · n · bytes of one number

(Shazeer 2019, section 2.4; Ainslie et al. 2023). MHA has as many KV heads as heads, MQA one, GQA something between. A
rolling window keeps the last W tokens only (Jiang et al. 2023, section 2). Multi-head latent attention keeps, in place
of keys and values, one compressed vector and one rotated key for all heads together (DeepSeek-AI 2024, section 2.1):

    n_layers · (kv_lora_rank + d_rope) · n · bytes of one number
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from model.config import Config

BYTES: Mapping[str, float] = {"fp32": 4, "fp16": 2, "int8": 1, "int4": 0.5}
"""What one number takes in each precision; the scales that quantized numbers need beside them are not counted."""


@dataclass(frozen=True)
class Latent:
    """What multi-head latent attention keeps, and what it would keep if it did not compress."""

    rank: int
    """kv_lora_rank: the width of the compressed vector."""
    rope: int
    """qk_rope_head_dim: the width of the one key that is rotated."""
    d_key: int
    """The width of a head's full key, the rotated part included."""
    d_value: int
    """The width of a head's value."""


@dataclass(frozen=True)
class CacheShape:
    """What decides the size of a model's cache."""

    n_layers: int
    n_heads: int
    n_kv_heads: int
    d_head: int
    window: int | None = None
    """Tokens that a rolling window keeps; all unless given."""
    latent: Latent | None = None
    d_value: int | None = None
    """The width of a value, where it is not that of a key."""
    n_windowed: int | None = None
    """Layers with the window, where not all have it."""
    n_fixed: int = 0
    """Numbers that are kept whatever the length: states of layers that have no attention."""

    @property
    def numbers_per_layer(self) -> int:
        """How many numbers a kept token takes in one layer."""
        if self.latent is not None:
            return self.latent.rank + self.latent.rope
        return self.n_kv_heads * (self.d_head + (self.d_head if self.d_value is None else self.d_value))

    @property
    def numbers_per_token(self) -> int:
        """How many numbers a token takes that every layer keeps."""
        return self.n_layers * self.numbers_per_layer

    @property
    def numbers_rolling(self) -> int:
        """How many of these are in layers with the window, which forget them."""
        windowed = self.n_layers if self.n_windowed is None else self.n_windowed
        return 0 if self.window is None else windowed * self.numbers_per_layer

    @property
    def numbers_per_token_uncompressed(self) -> int:
        """The same if each head had its own key and value (MHA)."""
        widths = self.latent.d_key + self.latent.d_value if self.latent else 2 * self.d_head
        return self.n_layers * self.n_heads * widths

    def kept(self, n_tokens: int) -> int:
        """How many of `n_tokens` are kept by a layer with the window, if there is one."""
        return n_tokens if self.window is None else min(n_tokens, self.window)

    def numbers(self, n_tokens: int) -> int:
        """How many numbers are kept of `n_tokens`."""
        windowed = self.n_layers if self.n_windowed is None else self.n_windowed
        rows = windowed * self.kept(n_tokens) + (self.n_layers - windowed) * n_tokens
        return rows * self.numbers_per_layer + self.n_fixed

    def n_bytes(self, n_tokens: int, precision: str, batch: int = 1) -> int:
        """What the cache takes up.

        Args:
            n_tokens: of each text.
            precision: a name in `BYTES`.
            batch: how many texts at once.
        """
        return int(batch * self.numbers(n_tokens) * BYTES[precision])


def of(config: Config) -> CacheShape:
    """What decides the size of a decoder's own cache; its windows, where it has some, are all as wide."""
    stack = config.stacks[config.speaker]
    windows = [window for window in stack.windows if window is not None]
    latent = None
    if config.latent is not None:
        latent = Latent(config.latent.rank, config.latent.d_rope, config.head_width, config.value_width)
    return CacheShape(
        stack.layers,
        config.n_heads,
        config.kv_heads,
        config.head_width,
        window=windows[0] if windows else None,
        latent=latent,
        d_value=config.value_width if config.value_width != config.head_width else None,
        n_windowed=len(windows) if 0 < len(windows) < stack.layers else None,
    )


def variants(shape: CacheShape, window: int) -> dict[str, CacheShape | None]:
    """The same model with MHA, GQA and MQA, and with its own heads and a rolling window in every layer, by name.

    GQA stands for the model's own grouping if it has one, else for the one nearest to the square root of n_heads, which
    is half-way between MHA and MQA in ratio; None where n_heads has no divisor between 1 and itself. A model with
    latent attention stands first, as it is; MHA then is what its keys and values take once they are made.
    """
    grouped = [n for n in range(2, shape.n_heads) if shape.n_heads % n == 0]
    middle = min(grouped, key=lambda n: (abs(n * n - shape.n_heads), n), default=None)
    n_groups = shape.n_kv_heads if shape.n_kv_heads in grouped else middle
    made = replace(shape, latent=None)
    return {
        **({} if shape.latent is None else {"latent": shape}),
        "MHA": replace(made, n_kv_heads=shape.n_heads),
        "GQA": None if n_groups is None else replace(made, n_kv_heads=n_groups),
        "MQA": replace(made, n_kv_heads=1),
        "window": replace(shape, window=window, n_windowed=None),
    }
