"""A checkpoint of ours as a model of `transformers`: the same weights under the other names, and so the same outputs.

`model.hub` knows the way from there to here. It is walked once with numbers for weights, each its own place; where a
number arrives, there the weight of that place belongs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from torch import Tensor

from export import families
from model import config as configs
from model import pretrained
from model.config import BertConfig, GPTConfig, T5Config

EXACT = 2**24
"""Numbers below it are exact in float32."""


def write(checkpoint: Path, folder: Path) -> None:
    """Writes the checkpoint as `transformers` would save it."""
    config = configs.load(checkpoint)
    peer = peer_of(config)
    places: dict[str, tuple[Tensor, int]] = {}
    start = 1
    with torch.no_grad():
        for name, parameter in peer.named_parameters():
            numbers = torch.arange(start, start + parameter.numel(), dtype=torch.float32)
            parameter.copy_(numbers.view_as(parameter))
            places[name] = (parameter, start)
            start += parameter.numel()
        assert start < EXACT, f"{config.name} has {start} weights, more than float32 counts"
        with tempfile.TemporaryDirectory() as numbered:
            peer.save_pretrained(numbered)
            arrived = pretrained.load(numbered).module.state_dict()
        flat = torch.zeros(start)
        for name, weight in families.load(checkpoint).state_dict().items():
            flat[arrived[name].flatten().long()] = weight.flatten()
        flat[0] = 0
        for parameter, first in places.values():
            parameter.copy_(flat[first : first + parameter.numel()].view_as(parameter))
    peer.save_pretrained(folder)


def peer_of(config: Any) -> Any:
    """The model of `transformers` of the same make."""
    none: dict[str, Any] = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    if isinstance(config, GPTConfig):
        assert config.experts is not None
        theirs: Any = hf.Qwen2MoeConfig(
            vocab_size=config.d_vocab,
            hidden_size=config.d_model,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            num_key_value_heads=config.kv_heads,
            intermediate_size=config.d_mlp,
            max_position_embeddings=config.n_ctx,
            rms_norm_eps=config.norm_eps,
            tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": config.positions.theta},
            num_experts=config.experts.n_experts,
            num_experts_per_tok=config.experts.top_k,
            moe_intermediate_size=config.experts.d_expert,
            shared_expert_intermediate_size=1,  # Qwen's blocks have one; its weights stay 0
            decoder_sparse_step=config.experts.every,
            norm_topk_prob=True,
            qkv_bias=False,
            **none,
        )
        assert config.head_width * config.n_heads == config.d_model
        return hf.Qwen2MoeForCausalLM(theirs).eval()
    if isinstance(config, BertConfig):
        theirs = hf.BertConfig(
            vocab_size=config.d_vocab,
            hidden_size=config.d_model,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            intermediate_size=config.d_mlp,
            max_position_embeddings=config.n_ctx,
            type_vocab_size=config.n_segments,
            layer_norm_eps=config.norm_eps,
        )
        return hf.BertForPreTraining(theirs).eval()
    assert isinstance(config, T5Config)
    theirs = hf.T5Config(
        vocab_size=config.d_vocab,
        d_model=config.d_model,
        d_kv=config.head_width,
        d_ff=config.d_mlp,
        num_layers=config.n_layers,
        num_decoder_layers=config.decoder_layers,
        num_heads=config.n_heads,
        feed_forward_proj="gated-gelu",
        layer_norm_epsilon=config.norm_eps,
        relative_attention_num_buckets=config.positions.n_buckets,
        relative_attention_max_distance=config.positions.max_distance,
        decoder_start_token_id=0,
    )
    return hf.T5ForConditionalGeneration(theirs).eval()
