"""The graphs of a T5: `tapped.onnx` shows the whole of it, `encoder.onnx` and `decoder.onnx` generate text.

The encoder's graph ends where its text is read for good: in the keys and values that each block of the decoder looks
across at. The decoder's takes them as inputs and never computes them again, beside a past of its own. The tapped graph
is both at once, over two whole texts: what a `ForwardTrace` holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from export.interface import Family, Interface, Port, gated, gates, ids, mask, name_pairs, pairs, read_pairs, tap_ports
from model import taps
from model.config import T5Config
from model.transformer.capture import capture
from model.transformer.t5 import T5


def encoder(config: T5Config) -> Interface:
    """Token ids to what the decoder looks across at."""

    def call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        assert isinstance(module, T5)
        encoded = module.encode(inputs["input_ids"], inputs["attention_mask"])
        return name_pairs("cross_key_values", module.decoder.look_across(encoded))

    return Interface((ids(), mask()), _cross("pos", config), call, _nodes(config, encoder=config.n_layers))


def decoder(config: T5Config) -> Interface:
    """Token ids, and what was read, to logits and the grown cache."""

    def call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        assert isinstance(module, T5)
        output = module.decode(
            inputs["input_ids"],
            read_pairs("cross_key_values", inputs),
            read_pairs("past_key_values", inputs),
            inputs["attention_mask"],
            inputs["cross_attention_mask"],
        )
        return {"logits": output.logits, "hidden": output.hidden, **name_pairs("present", output.cache)}

    return Interface(
        (
            ids(),
            mask(),
            mask("cross_attention_mask", key="encoder"),
            *_cache("past_key_values", "past", config),
            *_cross("encoder", config),
        ),
        (_said("pos", config), *_cache("present", "key", config)),
        call,
        _nodes(config, decoder=config.decoder_layers),
    )


def tapped(config: T5Config) -> Interface:
    """Two rows of token ids to logits and every tap of both stacks, with masks and gates for all three attentions."""

    def call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        with gated(module, config, inputs), capture(module, taps.table(config)) as taken:
            output = module(
                inputs["input_ids"],
                inputs["decoder_input_ids"],
                inputs["attention_mask"],
                inputs["decoder_attention_mask"],
                inputs["cross_attention_mask"],
                inputs["head_gate"],
                inputs["decoder_head_gate"],
                inputs["cross_head_gate"],
            )
        return {"logits": output.logits, "hidden": output.hidden, **taken}

    return Interface(
        (
            ids(axis="encoder"),
            ids("decoder_input_ids", "decoder"),
            mask("attention_mask", "encoder", "encoder"),
            mask("decoder_attention_mask", "decoder", "decoder"),
            mask("cross_attention_mask", "decoder", "encoder"),
            *gates(config),
        ),
        (_said("decoder", config), *tap_ports(config)),
        call,
        _nodes(config, config.n_layers, config.decoder_layers),
    )


def _said(axis: str, config: T5Config) -> Port:
    """Logits; of a model that says nothing of what comes next, the decoder's last stream."""
    if config.head == "none":
        return Port("hidden", ("batch", axis, config.d_model))
    return Port("logits", ("batch", axis, config.d_vocab))


def _cache(prefix: str, length: str, config: T5Config) -> tuple[Port, ...]:
    axes = ("batch", config.n_heads, length, config.head_width)
    return pairs(prefix, config.decoder_layers, axes, axes)


def _cross(length: str, config: T5Config) -> tuple[Port, ...]:
    axes = ("batch", length, config.n_heads * config.head_width)
    return pairs("cross_key_values", config.decoder_layers, axes, axes)


def _nodes(config: T5Config, encoder: int = 0, decoder: int = 0) -> Mapping[str, int]:
    """By the blocks of each stack: the encoder's have an attention and two norms, the decoder's one more of each.

    Each stack ends in one more norm, but for norms that stand in its stream; and may begin with one.
    """
    ends = config.embed_norm + (not config.post_norm)
    norm = "RMSNormalization" if config.norm == "rms" else "LayerNormalization"
    return {
        "Attention": encoder + 2 * decoder,
        norm: 2 * encoder + ends * (encoder > 0) + 3 * decoder + ends * (decoder > 0),
    }


FAMILY = Family(T5, {"tapped": tapped, "encoder": encoder, "decoder": decoder})
