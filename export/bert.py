"""The graphs of a BERT: `tapped.onnx` and `fused.onnx`; it reads a text at once, so neither has a past.

Both give what the model's heads give: `logits` of masked tokens, `next_sentence`, `pooled`, and `replaced` (ELECTRA's
discriminator); a model without any of the heads that look at each token gives its last stream, `hidden`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from export.interface import Family, Interface, Port, gated, gates, ids, mask, tap_ports
from model import taps
from model.config import BertConfig
from model.transformer.bert import Bert
from model.transformer.capture import capture


def fused(config: BertConfig) -> Interface:
    """Token ids to what the heads say."""
    return Interface(_text(config), _heads(config), _call, fused_nodes(config))


def tapped(config: BertConfig) -> Interface:
    """As `fused`, with every tap among the outputs and the gates of all heads and MLPs among the inputs."""

    def call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        with gated(module, config, inputs), capture(module, taps.table(config)) as taken:
            outputs = _call(module, inputs)
        return {**outputs, **taken}

    return Interface(
        (*_text(config), *gates(config)),
        (*_heads(config), *tap_ports(config)),
        call,
        fused_nodes(config),
    )


def _text(config: BertConfig) -> tuple[Port, ...]:
    segments = (Port("token_type_ids", ("batch", "pos"), torch.int64),) if config.n_segments else ()
    return ids(), *segments, mask()


def _heads(config: BertConfig) -> tuple[Port, ...]:
    of_each_token = {
        "masked": Port("logits", ("batch", "pos", config.d_vocab)),
        "replaced": Port("replaced", ("batch", "pos")),
        "none": Port("hidden", ("batch", "pos", config.d_model)),
    }
    of_the_text = []
    if config.pooler:
        of_the_text.append(Port("pooled", ("batch", config.d_model)))
    if config.next_sentence:
        of_the_text.append(Port("next_sentence", ("batch", 2)))
    return of_each_token[config.head], *of_the_text


def _call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    output = module(
        inputs["input_ids"], inputs.get("token_type_ids"), inputs["attention_mask"], inputs.get("head_gate")
    )
    return vars(output)


def fused_nodes(config: BertConfig) -> Mapping[str, int]:
    """An attention a block; two norms a block, one of the embeddings, one before the guess of masked tokens.

    Where norms stand before parts, the last block is followed by one, and the first attention has none if the
    embeddings have theirs. A convolution has one behind it, DeBERTa's head for replaced tokens one before it.
    """
    norm = "RMSNormalization" if config.norm == "rms" else "LayerNormalization"
    ends = config.embed_norm + (not config.post_norm) - config.first_raw
    others = (config.conv_kernel is not None, config.head == "replaced" and config.replaced_beside_first)
    nodes = {
        "Attention": config.n_layers,
        norm: 2 * config.n_layers + ends + (config.head == "masked") + sum(others),
    }
    return nodes | ({"RotaryEmbedding": 2 * config.n_layers} if config.positions.scheme == "rope" else {})


FAMILY = Family(Bert, {"tapped": tapped, "fused": fused})
