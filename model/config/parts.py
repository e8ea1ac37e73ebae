"""The small configs that a family's config nests: positions and experts, and the checks they share.

No torch here. `model.config` re-exports all of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

Scheme = Literal["none", "sinusoidal", "learned", "t5", "rope", "alibi", "disentangled"]
Term = Literal["c2p", "p2c"]
Norm = Literal["rms", "layer"]
BranchNorms = Literal["before", "behind", "both"]
Activation = Literal["relu", "gelu", "gelu_tanh", "silu"]
Scaling = Literal["linear", "yarn", "llama3", "longrope"]
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
    ramp over how often a pair turns (Llama 3.1's reference implementation). "longrope": each pair by a number of its
    own that was searched for (Ding et al. 2024, sec. 3.3). It has one such set up to `n_ctx` and another past it, which
    would turn every earlier key anew; ours is the first, and ends there.
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
    """YaRN and LongRoPE: what cos and sin are multiplied by; YaRN's is 0.1 ln(factor) + 1 unless given (Peng et al.
    2023, eq. 22)."""
    divisors: tuple[float, ...] = ()
    """LongRoPE: what each pair's frequency is divided by, within `n_ctx`."""

    def __post_init__(self) -> None:
        require_choice("positions.scaling.kind", self.kind, Scaling)
        require_positive(factor=self.factor, slow=self.slow, attention_factor=self.attention_factor)
        require_counts(n_ctx=self.n_ctx)
        if self.fast <= self.slow:
            raise ValueError(f"fast = {self.fast} must be greater than slow = {self.slow}")
        if self.kind != "linear" and self.n_ctx is None:
            raise ValueError(f"RoPE scaling {self.kind!r} needs n_ctx, the length that the model was trained on")
        if bool(self.divisors) != (self.kind == "longrope") or not all(0 < one < math.inf for one in self.divisors):
            raise ValueError(f"divisors is {self.divisors}; 'longrope' has a positive one for each pair, others none")
        if self.kind == "longrope" and self.attention_factor is None:
            raise ValueError("RoPE scaling 'longrope' needs attention_factor")

    @property
    def longest(self) -> int | None:
        """Tokens past which these frequencies hold no more; None where they hold for any text."""
        return self.n_ctx if self.kind == "longrope" else None

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
    """T5: how many learned biases a head has (Raffel et al. 2020, sec. 2.1). Disentangled: how many vectors there are
    for distances to either side."""
    max_distance: int = 128
    """T5 and disentangled: from here on all distances share the last bucket."""
    fraction: float = 1.0
    """RoPE: the part of each head that is turned, counted from its first coordinate (GPT-NeoX: a quarter)."""
    scaling: RopeScaling | None = None
    """RoPE: for texts longer than those of the training."""
    window_theta: float | None = None
    """RoPE: the base in blocks with a sliding window, where nothing is scaled (Gemma 3); as elsewhere unless given."""
    terms: tuple[Term, ...] = ()
    """Disentangled: what is added to q · k. "c2p": the query with the key of the distance; "p2c": the key with the
    query of the distance (He et al. 2021, eq. 4)."""
    shared_projections: bool = False
    """Disentangled: whether vectors of distances pass the projections of q and k, not others (DeBERTa v3)."""
    log_buckets: bool = False
    """Disentangled: whether distances past n_buckets / 2 share vectors, by their logarithm."""
    normed: bool = False
    """Disentangled: whether vectors of distances were published before a LayerNorm: they pass it as they are loaded."""
    absolute: bool = False
    """Disentangled: whether a learned vector for each position is added to the embeddings besides."""

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
        self._require_terms()

    def _require_terms(self) -> None:
        for term in self.terms:
            require_choice("positions.terms", term, Term)
        if bool(self.terms) != (self.scheme == "disentangled") or len(set(self.terms)) < len(self.terms):
            raise ValueError(f"positions.terms is {self.terms}; 'disentangled' has each once, other schemes have none")
        if self.terms and not self.log_buckets and self.n_buckets != self.max_distance:
            raise ValueError(f"n_buckets is {self.n_buckets}; without log_buckets it is max_distance")
        if self.log_buckets and (self.n_buckets % 2 or not 4 <= self.n_buckets < 2 * (self.max_distance - 1)):
            raise ValueError(
                f"n_buckets is {self.n_buckets}; log_buckets need an even number, at least 4 and less than "
                f"{2 * (self.max_distance - 1)}, because half of them are for single distances"
            )

    @property
    def adds_to_embeddings(self) -> bool:
        """Whether the scheme is a vector added to each embedding."""
        return self.scheme in ("sinusoidal", "learned") or self.absolute

    @property
    def ends(self) -> bool:
        """Whether there is no position past the last: each has a vector of its own, or frequencies hold up to it."""
        holds = self.scaling is None or self.scaling.longest is None
        return self.scheme == "learned" or self.absolute or not holds

    @property
    def adds_to_scores(self) -> bool:
        """Whether the scheme is a number added to each attention score."""
        return self.scheme in ("t5", "alibi", "disentangled")


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
    scale: float = 1.0
    """What the chosen experts' weights are multiplied by at last (DeepSeek-V2's routed_scaling_factor)."""
    n_groups: int | None = None
    """Into how many groups of neighbours the experts are divided; a token chooses within the best `top_groups` of them
    (DeepSeek-AI 2024, section 2.2.2). None: among all."""
    top_groups: int | None = None
    group_best: int = 1
    """By the sum of so many best scores a group is ranked: DeepSeek-V2 by its best alone, DeepSeek-V3 by two."""

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
        require_positive(scale=self.scale)
        require_counts(n_groups=self.n_groups, top_groups=self.top_groups, group_best=self.group_best)
        if (self.n_groups is None) != (self.top_groups is None):
            raise ValueError(f"n_groups is {self.n_groups} and top_groups {self.top_groups}: give both or none")
        if self.n_groups is not None and self.top_groups is not None:
            size, left = divmod(self.n_experts, self.n_groups)
            if left or not self.top_groups <= self.n_groups or self.group_best > size:
                raise ValueError(
                    f"{self.n_experts} experts in n_groups = {self.n_groups}, of which top_groups = {self.top_groups} "
                    f"by their best {self.group_best}: there are no such groups"
                )
            if self.top_k > self.top_groups * size:
                raise ValueError(
                    f"top_k is {self.top_k}; {self.top_groups} groups have {self.top_groups * size} experts"
                )


@dataclass(frozen=True)
class LatentConfig:
    """Multi-head latent attention: keys and values of all heads come out of one short vector, the latent, but for a
    part of the key that is the same in all heads and alone carries RoPE (DeepSeek-AI 2024, arXiv 2405.04434, eq. 9-19).
    """

    rank: int
    """Width of the latent (the paper's d_c, kv_lora_rank)."""
    d_rope: int
    """Coordinates of each query and key that RoPE turns, the first ones; in keys, those shared (qk_rope_head_dim)."""
    d_value: int
    """Width of a value (v_head_dim)."""
    query_rank: int | None = None
    """Width of what queries come out of (d_c', q_lora_rank); None: of the stream itself."""

    def __post_init__(self) -> None:
        require_counts(rank=self.rank, d_rope=self.d_rope, d_value=self.d_value, query_rank=self.query_rank)

    @property
    def d_kept(self) -> int:
        """Numbers of a token and layer that suffice to attend to it: its latent and its shared key."""
        return self.rank + self.d_rope
