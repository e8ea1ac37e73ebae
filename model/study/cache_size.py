"""How much memory a KV cache takes: the formulas, and published models to put into them.

No torch here. A token leaves a key and a value behind in every block, for every KV head, so that n tokens take

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

    @property
    def numbers_per_token(self) -> int:
        """How many numbers a kept token takes."""
        if self.latent:
            return self.n_layers * (self.latent.rank + self.latent.rope)
        return 2 * self.n_layers * self.n_kv_heads * self.d_head

    @property
    def numbers_per_token_uncompressed(self) -> int:
        """The same if each head had its own key and value (MHA)."""
        widths = self.latent.d_key + self.latent.d_value if self.latent else 2 * self.d_head
        return self.n_layers * self.n_heads * widths

    def kept(self, n_tokens: int) -> int:
        """How many of `n_tokens` are kept."""
        return n_tokens if self.window is None else min(n_tokens, self.window)

    def n_bytes(self, n_tokens: int, precision: str, batch: int = 1) -> int:
        """What the cache takes up.

        Args:
            n_tokens: of each text.
            precision: a name in `BYTES`.
            batch: how many texts at once.
        """
        return int(batch * self.kept(n_tokens) * self.numbers_per_token * BYTES[precision])


def of(config: Config) -> CacheShape:
    """What decides the size of a decoder's own cache."""
    stack = config.stacks[config.speaker]
    window = stack.windows[0] if len(set(stack.windows)) == 1 else None
    return CacheShape(stack.layers, config.n_heads, config.kv_heads, config.head_width, window)


def variants(shape: CacheShape, window: int) -> dict[str, CacheShape | None]:
    """The same model with MHA, GQA and MQA, and with its own heads and a rolling window, by name.

    GQA stands for the model's own grouping if it has one, else for the one nearest to the square root of n_heads, which
    is half-way between MHA and MQA in ratio; None where n_heads has no divisor between 1 and itself.
    """
    grouped = [n for n in range(2, shape.n_heads) if shape.n_heads % n == 0]
    middle = min(grouped, key=lambda n: (abs(n * n - shape.n_heads), n), default=None)
    n_groups = shape.n_kv_heads if shape.n_kv_heads in grouped else middle
    return {
        "MHA": replace(shape, n_kv_heads=shape.n_heads),
        "GQA": None if n_groups is None else replace(shape, n_kv_heads=n_groups),
        "MQA": replace(shape, n_kv_heads=1),
        "window": replace(shape, window=window),
    }


@dataclass(frozen=True)
class Published:
    """A published model's cache, and where its numbers are stated."""

    name: str
    shape: CacheShape
    n_ctx: int
    """The longest context that the source states."""
    source: str


PUBLISHED = (
    Published(
        "GPT-2 XL",
        CacheShape(n_layers=48, n_heads=25, n_kv_heads=25, d_head=64),
        1_024,
        "Radford et al. 2019, table 2; heads: config.json of openai-community/gpt2-xl",
    ),
    Published(
        "Llama 3 8B",
        CacheShape(n_layers=32, n_heads=32, n_kv_heads=8, d_head=128),
        131_072,
        "Llama Team 2024, table 3",
    ),
    Published(
        "Llama 3 70B",
        CacheShape(n_layers=80, n_heads=64, n_kv_heads=8, d_head=128),
        131_072,
        "Llama Team 2024, table 3",
    ),
    Published(
        "Llama 3 405B",
        CacheShape(n_layers=126, n_heads=128, n_kv_heads=8, d_head=128),
        131_072,
        "Llama Team 2024, table 3",
    ),
    Published(
        "Mistral 7B",
        CacheShape(n_layers=32, n_heads=32, n_kv_heads=8, d_head=128, window=4_096),
        32_768,
        "Jiang et al. 2023, table 1; config.json of mistralai/Mistral-7B-v0.1",
    ),
    Published(
        "Mixtral 8x7B",
        CacheShape(n_layers=32, n_heads=32, n_kv_heads=8, d_head=128),
        32_768,
        "Jiang et al. 2024, table 1",
    ),
    Published(
        "DeepSeek-V3",
        CacheShape(
            61, n_heads=128, n_kv_heads=128, d_head=128, latent=Latent(rank=512, rope=64, d_key=192, d_value=128)
        ),
        131_072,
        "DeepSeek-AI 2024, section 4.2",
    ),
)
"""Models whose numbers are public, as their papers or configuration files state them."""
