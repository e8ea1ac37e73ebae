"""The graphs of a GPT: `tapped.onnx` and `fused.onnx`, both with a past, the first with every tap as well.

Both give `logits`; of a model without a head that says what comes next, its last stream, `hidden`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from torch import Tensor, nn

from export.interface import Family, Interface, Port, gated, gates, ids, mask, name_pairs, pairs, read_pairs, tap_ports
from model import taps
from model.config import GPTConfig
from model.transformer.capture import capture
from model.transformer.gpt import GPT


def fused(config: GPTConfig) -> Interface:
    """Token ids to logits and the grown cache: what generates text."""
    _refuse_capacity(config)
    return Interface(
        (ids(), mask(), *_cache("past_key_values", "past", config)),
        (_said(config), *_cache("present", "key", config)),
        _call,
        fused_nodes(config),
    )


def tapped(config: GPTConfig) -> Interface:
    """As `fused`, with every tap among the outputs and the interventions among the inputs."""
    _refuse_capacity(config)
    interventions = [*gates(config)]
    if config.experts is not None:
        interventions.append(Port("expert_bias", (config.n_layers, config.experts.n_experts)))

    def call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        with gated(module, config, inputs), capture(module, taps.table(config)) as taken:
            outputs = _call(module, inputs)
        return {**outputs, **taken}

    return Interface(
        (ids(), mask(), *interventions, *_cache("past_key_values", "past", config)),
        (_said(config), *tap_ports(config), *_cache("present", "key", config)),
        call,
        fused_nodes(config),
    )


def _refuse_capacity(config: GPTConfig) -> None:
    """Raises ValueError where experts turn tokens away: a graph with a cache cannot do as one pass does."""
    if config.experts is not None and config.experts.capacity is not None:
        raise ValueError(
            f"experts.capacity is {config.experts.capacity}: which tokens an expert turns away depends on all others "
            f"of the pass, and with a cache the earlier ones are not there to count; export {config.name} with "
            "capacity null in its config.json"
        )


def _said(config: GPTConfig) -> Port:
    """Logits; of a model that says nothing of what comes next, its last stream."""
    if config.head == "none":
        return Port("hidden", ("batch", "pos", config.d_model))
    return Port("logits", ("batch", "pos", config.d_vocab))


def _cache(prefix: str, length: str, config: GPTConfig) -> tuple[Port, ...]:
    widths = (config.head_width, config.value_width)
    return pairs(prefix, config.n_layers, *(("batch", config.kv_heads, length, width) for width in widths))


def _call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    output = module(
        inputs["input_ids"],
        read_pairs("past_key_values", inputs),
        inputs["attention_mask"],
        inputs.get("head_gate"),
        inputs.get("expert_bias"),
    )
    return {"logits": output.logits, "hidden": output.hidden, **name_pairs("present", output.cache)}


def fused_nodes(config: GPTConfig) -> Mapping[str, int]:
    """An attention a block, rotations of its q and k, two or four norms a block, one more, an MoE where experts are."""
    norm = {"rms": "RMSNormalization", "layer": "LayerNormalization"}[config.norm]
    norms = 2 * (config.normalizes_read + config.normalizes_added)
    nodes = Counter({norm: norms * config.n_layers + 1 + config.embed_norm})
    nodes["Attention"] = config.n_layers
    nodes["RotaryEmbedding"] = 2 * config.n_layers if config.positions.scheme == "rope" else 0
    nodes["RMSNormalization"] += 2 * config.n_layers if config.qk_norm else 0
    if config.latent is not None:
        nodes["RMSNormalization"] += (1 + (config.latent.query_rank is not None)) * config.n_layers
    nodes["MoE"] = len(config.expert_layers)
    return nodes


FAMILY = Family(GPT, {"tapped": tapped, "fused": fused})
