"""The small configs that a family's config nests: positions and experts, and the checks they share.

No torch here. `model.config` re-exports all of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

Scheme = Literal["none", "sinusoidal", "learned", "t5", "rope", "alibi"]
Norm = Literal["rms", "layer"]
BranchNorms = Literal["before", "behind", "both"]
Activation = Literal["relu", "gelu", "gelu_tanh", "silu"]
Scaling = Literal["linear", "yarn", "llama3"]
Score = Literal["softmax", "sigmoid"]


def require_choice(name: str, value: object, choices: object) -> None:
    """Raises ValueError unless `value` is one of the strings of a Literal type."""
    if value not in get_args(choices):
        raise ValueError(f"{name} is {value!r}; choose one of {', '.join(get_args(choices))}")


def require_positive(**values: float | None) -> None:
    """Raises ValueError unless every number is finite and greater than zero; None stands for a number yet unknown."""
    for name, value in values.items():
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"{name} is {value}; it must be a positive number")


def require_counts(**values: object) -> None:
    """Raises ValueError unless every number is whole and greater than zero; None stands for a number yet unknown."""
    for name, value in values.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value <= 0):
            raise ValueError(f"{name} is {value!r}; it must be a positive whole number")


@dataclass(frozen=True)
class RopeScaling:
    """How RoPE's frequencies are lowered so that a model reads texts longer than it was trained on.

    "linear": all of them by the same factor (position interpolation, Chen et al. 2023). "yarn": slow pairs by the
    factor, fast pairs not at all, a ramp over the pairs between (Peng et al. 2023, sec. 3.2). "llama3": the same with a
    ramp over how often a pair turns (Llama 3.1's reference implementation).
    """

    kind: Scaling
    factor: float
    """By how much longer the texts become."""
    n_ctx: int | None = None
    """The length that the model was trained on; "linear" needs none."""
    fast: float = 32.0
    """Pairs that turn more often than this within `n_ctx` stay as they are (YaRN's beta; Llama 3: high_freq_factor)."""
    slow: float = 1.0
    """Pairs that turn less often than this are divided by the factor (YaRN's alpha; Llama 3: low_freq_factor)."""
    whole_pairs: bool = True
    """YaRN: whether the ramp's ends are rounded outwards to whole pairs, as most published models have it."""
    attention_factor: float | None = None
    """YaRN: what cos and sin are multiplied by; 0.1 ln(factor) + 1 unless given (Peng et al. 2023, eq. 22)."""

    def __post_init__(self) -> None:
        require_choice("positions.scaling.kind", self.kind, Scaling)
        require_positive(factor=self.factor, slow=self.slow, attention_factor=self.attention_factor)
        require_counts(n_ctx=self.n_ctx)
        if self.fast <= self.slow:
            raise ValueError(f"fast = {self.fast} must be greater than slow = {self.slow}")
        if self.kind != "linear" and self.n_ctx is None:
            raise ValueError(f"RoPE scaling {self.kind!r} needs n_ctx, the length that the model was trained on")

    @property
    def trained_length(self) -> int:
        """`n_ctx`, where the kind needs one."""
        assert self.n_ctx is not None
        return self.n_ctx


@dataclass(frozen=True)
class PositionConfig:
    """How a model knows where a token stands; `model.transformer.positions` has one class per `scheme`."""

    scheme: Scheme = "rope"
    theta: float = 10_000.0
    """RoPE: base of the geometric series of frequencies (Su et al. 2021, eq. 15)."""
    n_buckets: int = 32
    """T5: how many learned biases a head has (Raffel et al. 2020, sec. 2.1)."""
    max_distance: int = 128
    """T5: from here on all distances share the last bucket."""
    fraction: float = 1.0
    """RoPE: the part of each head that is turned, counted from its first coordinate (GPT-NeoX: a quarter)."""
    scaling: RopeScaling | None = None
    """RoPE: for texts longer than those of the training."""
    window_theta: float | None = None
    """RoPE: the base in blocks with a sliding window, where nothing is scaled (Gemma 3); as elsewhere unless given."""

    cosines_behind: bool = False
    """Sinusoids: whether all cosines stand behind all sines (Marian), and not each behind its own sine."""

    def __post_init__(self) -> None:
        require_choice("positions.scheme", self.scheme, Scheme)
        require_positive(theta=self.theta, window_theta=self.window_theta)
        require_counts(n_buckets=self.n_buckets, max_distance=self.max_distance)
        if not 0 < self.fraction <= 1:
            raise ValueError(f"positions.fraction is {self.fraction}; choose more than 0 and at most 1")
        if self.window_theta is not None and self.scheme != "rope":
            raise ValueError(f"window_theta is {self.window_theta}; the scheme {self.scheme!r} has no base")
        if self.cosines_behind and self.scheme != "sinusoidal":
            raise ValueError(f"cosines_behind is true; the scheme {self.scheme!r} has no cosines")
        if self.scheme == "t5" and not 4 <= self.n_buckets < 2 * self.max_distance:
            raise ValueError(
                f"n_buckets is {self.n_buckets}; T5 needs at least 4, and fewer than 2 x max_distance = "
                f"{2 * self.max_distance}, because half of them are for single distances"
            )

    @property
    def adds_to_embeddings(self) -> bool:
        """Whether the scheme is a vector added to each embedding."""
        return self.scheme in ("sinusoidal", "learned")

    @property
    def adds_to_scores(self) -> bool:
        """Whether the scheme is a number added to each attention score."""
        return self.scheme in ("t5", "alibi")


@dataclass(frozen=True)
class ExpertsConfig:
    """SwiGLU experts in place of the MLP, in every `every`-th block, counted so that the last block has them."""

    n_experts: int
    top_k: int
    d_expert: int
    every: int = 1
    layers: tuple[int, ...] | None = None
    """The blocks that have experts, where `every` cannot say it."""
    score: Score = "softmax"
    """What a router logit becomes: a share among all experts, or a score of its own (DeepSeek-V3)."""
    normalize: bool = True
    """Whether the chosen experts' weights are divided by their sum (Mixtral): a softmax over the chosen alone."""
    capacity: float | None = None
    """Places at an expert, as a multiple of an even load; who comes too late is dropped (Fedus et al. 2022, eq. 3)."""
    choice_bias: bool = False
    """Loss-free balancing: a bias per expert takes part in the choice, but not in the weights (Wang et al. 2024)."""
    d_shared: int | None = None
    """Width of an expert that every token passes through beside the chosen ones (Dai et al. 2024)."""
    gated_shared: bool = False
    """Whether a sigmoid of the token scales what the shared expert adds (Qwen2-MoE)."""

    def __post_init__(self) -> None:
        require_counts(n_experts=self.n_experts, d_expert=self.d_expert, every=self.every, d_shared=self.d_shared)
        require_positive(capacity=self.capacity)
        require_choice("experts.score", self.score, Score)
        if not 1 <= self.top_k <= self.n_experts:
            raise ValueError(f"top_k is {self.top_k}; choose between 1 and n_experts = {self.n_experts}")
        if self.score == "sigmoid" and not self.normalize:
            raise ValueError("experts with sigmoid scores are weighted by their shares: normalize must be true")
        if self.gated_shared and self.d_shared is None:
            raise ValueError("gated_shared needs a shared expert: give d_shared")
