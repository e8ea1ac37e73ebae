"""What a page may have to say of one model and not of another of its family: where its norms stand, how it scales.

The root of the page has a model's traits in `data-traits`; words in a `trait` of `app.page.markup` are shown where they
hold, as the style sheet has it.
"""

from __future__ import annotations

from model.config import Config, ExpertsConfig

PAIRS = (
    ("reads-normed", "reads-raw"),
    ("adds-normed", "adds-raw"),
    ("scores-capped", "scores-uncapped"),
    ("scaled-by-head", "scaled-by-own"),
    ("scores-divided", "scores-undivided"),
    ("logits-capped", "logits-uncapped"),
    ("convolved", "unconvolved"),
    ("keys-latent", "keys-own"),
    ("gates-sigmoid", "gates-softmax"),
    ("gates-normed", "gates-plain"),
    ("gates-scaled", "gates-unscaled"),
    ("gates-grouped", "gates-ungrouped"),
    ("gates-biased", "gates-unbiased"),
    ("expert-shared", "experts-alone"),
    ("feed-gated", "feed-ungated"),
    ("feed-biased", "feed-unbiased"),
    ("logits-sum", "logits-no-sum"),
    ("speaks", "silent"),
)
"""Of each pair a model has one."""
NORMS = ("norms-before", "norms-behind", "norms-around")
"""Of these too: where on its branch a part has its norm; of a model whose norms stand in the stream, instead:"""
IN_STREAM = "norms-in-stream"
NO_EXPERTS = ExpertsConfig(n_experts=1, top_k=1, d_expert=1)
"""Whose traits a model without experts is given: then no words of them are in sight."""
ALL = (*(name for pair in PAIRS for name in pair), *NORMS, IN_STREAM)


def traits(config: Config) -> list[str]:
    """Those that a model has."""
    reads, adds = config.normalizes_read, config.normalizes_added
    experts = config.experts or NO_EXPERTS
    holds = (
        reads,
        adds,
        config.score_softcap is not None,
        config.score_divisor == config.head_width,
        config.scaled_scores,
        config.logit_softcap is not None,
        config.convolves,
        config.latent is not None,
        experts.score == "sigmoid",
        experts.normalize,
        experts.scale != 1.0,
        experts.n_groups is not None,
        experts.choice_bias,
        experts.d_shared is not None,
        config.gated_mlp,
        config.bias if config.mlp_bias is None else config.mlp_bias,
        config.logit_sums,
        config.predicts,
    )
    told = [pair[not first] for pair, first in zip(PAIRS, holds, strict=True)]
    return [*told, IN_STREAM if config.post_norm else NORMS[adds + (reads and adds)]]
