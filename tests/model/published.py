"""Small random models of `transformers` for every architecture that can be loaded, saved as published ones are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from torch import nn

from model import pretrained
from model.pretrained import Pretrained

SIZES: dict[str, Any] = {
    "vocab_size": 97,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "bos_token_id": None,
    "eos_token_id": None,
}
GROUPED = SIZES | {"num_key_value_heads": 2}
GEMMA = GROUPED | {"head_dim": 12, "query_pre_attn_scalar": 9}
YARN = {"rope_type": "yarn", "rope_theta": 10_000.0, "factor": 4.0, "original_max_position_embeddings": 16}
LLAMA3 = YARN | {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0}
LONG = {"rope_type": "longrope", "rope_theta": 10_000.0, "original_max_position_embeddings": 48}
"""LongRoPE, but for its factors: what is compared ends where others hold."""
LINEAR = {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0}
EXPERTS = {"num_experts": 5, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
LATENT = SIZES | {
    "num_key_value_heads": 4,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 4,
    "v_head_dim": 6,
    "kv_lora_rank": 20,
}
LATENT |= {"n_routed_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "first_k_dense_replace": 1}
GROUPED_EXPERTS = LATENT | {"n_group": 3, "topk_group": 2, "num_experts_per_tok": 3, "routed_scaling_factor": 2.5}
"""Three of four experts in two groups: not always the three best of all."""
SHARPENED = YARN | {"mscale": 1.0, "mscale_all_dim": 0.707}
T5_SIZES: dict[str, Any] = {
    "vocab_size": 97,
    "d_model": 32,
    "d_kv": 12,
    "d_ff": 48,
    "num_layers": 3,
    "num_decoder_layers": 2,
    "num_heads": 4,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 20,
}
ALIBI_SIZES = {"vocab_size": 97, "bos_token_id": None, "eos_token_id": None}
N_TOKENS = 48
"""Past every threshold above: windows of 8, YaRN's and Llama 3's original 16, T5's largest distance of 20."""
PADDING_ID = 1


@dataclass(frozen=True)
class Case:
    """One architecture with one set of choices."""

    peer: Callable[[Any], nn.Module]
    config: Callable[[], Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the peer's forward pass, besides ids and mask."""


def causal(config: Callable[..., Any], **settings: Any) -> Case:
    """A decoder's case."""
    return Case(hf.AutoModelForCausalLM.from_config, lambda: config(**settings))


DECODERS: dict[str, Case] = {
    "gpt2": causal(hf.GPT2Config, n_embd=32, n_layer=3, n_head=4, n_positions=64, **ALIBI_SIZES),
    "llama": causal(hf.LlamaConfig, **GROUPED),
    "llama, multi-query": causal(hf.LlamaConfig, num_key_value_heads=1, **SIZES),
    "llama, tied, wide heads, biases": causal(
        hf.LlamaConfig, head_dim=12, attention_bias=True, mlp_bias=True, tie_word_embeddings=True, **GROUPED
    ),
    "llama, linear interpolation": causal(hf.LlamaConfig, rope_parameters=LINEAR, **GROUPED),
    "llama, llama3 scaling": causal(hf.LlamaConfig, rope_parameters=LLAMA3, **GROUPED),
    "llama, yarn": causal(hf.LlamaConfig, rope_parameters=YARN, **GROUPED),
    "llama, yarn, all settings": causal(
        hf.LlamaConfig,
        rope_parameters=YARN | {"beta_fast": 4, "beta_slow": 0.5, "attention_factor": 1.3, "truncate": False},
        **GROUPED,
    ),
    "mistral, window": causal(hf.MistralConfig, sliding_window=8, **GROUPED),
    "mistral, no window": causal(hf.MistralConfig, sliding_window=None, **GROUPED),
    "qwen2": causal(hf.Qwen2Config, **GROUPED),
    "qwen2, windows from block 1 on": causal(
        hf.Qwen2Config, use_sliding_window=True, sliding_window=8, max_window_layers=1, **GROUPED
    ),
    "qwen3": causal(hf.Qwen3Config, head_dim=16, **GROUPED),
    "qwen3, yarn": causal(hf.Qwen3Config, head_dim=16, rope_parameters=YARN, **GROUPED),
    "mixtral": causal(hf.MixtralConfig, num_local_experts=5, num_experts_per_tok=2, **GROUPED),
    "mixtral, window": causal(hf.MixtralConfig, num_local_experts=5, sliding_window=8, **GROUPED),
    "qwen2_moe": causal(
        hf.Qwen2MoeConfig, shared_expert_intermediate_size=40, decoder_sparse_step=2, **EXPERTS, **GROUPED
    ),
    "qwen3_moe": causal(hf.Qwen3MoeConfig, head_dim=16, mlp_only_layers=[0], norm_topk_prob=True, **EXPERTS, **GROUPED),
    "qwen3_moe, top 1 (switch)": causal(
        hf.Qwen3MoeConfig, head_dim=16, **GROUPED, **EXPERTS | {"num_experts_per_tok": 1, "norm_topk_prob": False}
    ),
    "deepseek_v2, queries whole": causal(hf.DeepseekV2Config, q_lora_rank=None, n_shared_experts=2, **LATENT),
    "deepseek_v2, yarn with mscale, groups, biases": causal(
        hf.DeepseekV2Config,
        q_lora_rank=16,
        n_shared_experts=1,
        topk_method="group_limited_greedy",
        attention_bias=True,
        rope_parameters=SHARPENED,
        **GROUPED_EXPERTS,
    ),
    "deepseek_v3, yarn with mscale": causal(
        hf.DeepseekV3Config, q_lora_rank=16, n_shared_experts=1, rope_parameters=SHARPENED, **GROUPED_EXPERTS
    ),
    "deepseek_v3, queries whole, one group, all dense but one, tied": causal(
        hf.DeepseekV3Config,
        q_lora_rank=None,
        n_group=1,
        topk_group=1,
        tie_word_embeddings=True,
        **LATENT | {"first_k_dense_replace": 2},
    ),
    "olmo2": causal(hf.Olmo2Config, **GROUPED),
    "olmo2, wide heads, biases": causal(
        hf.Olmo2Config, head_dim=12, attention_bias=True, tie_word_embeddings=True, **GROUPED
    ),
    "olmo3, yarn, every second": causal(
        hf.Olmo3Config,
        sliding_window=8,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters={"full_attention": YARN | {"rope_theta": 500_000.0}},
        **GROUPED,
    ),
    "phi3": causal(hf.Phi3Config, pad_token_id=None, **GROUPED),
    "phi3, window, three quarters rotated, tied": causal(
        hf.Phi3Config,
        pad_token_id=None,
        sliding_window=8,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0, "partial_rotary_factor": 0.75},
        **GROUPED,
    ),
    "phi3, longrope": causal(
        hf.Phi3Config,
        pad_token_id=None,
        original_max_position_embeddings=48,
        rope_parameters=LONG | {"short_factor": [1.0, 1.1, 2.5, 3.0], "long_factor": [1.2, 4.0, 9.0, 20.0]},
        **GROUPED,
    ),
    "phi3, longrope, three quarters rotated, attention factor given": causal(
        hf.Phi3Config,
        pad_token_id=None,
        original_max_position_embeddings=48,
        rope_parameters=LONG
        | {"partial_rotary_factor": 0.75, "attention_factor": 1.3, "factor": 8.0}
        | {"short_factor": [1.0, 1.1, 2.5], "long_factor": [1.2, 4.0, 9.0]},
        **GROUPED,
    ),
    "gemma": causal(hf.GemmaConfig, head_dim=12, **GROUPED),
    "gemma2": causal(
        hf.Gemma2Config, sliding_window=8, attn_logit_softcapping=2.0, final_logit_softcapping=3.0, **GEMMA
    ),
    "gemma2, uncapped, windows by name": causal(
        hf.Gemma2Config,
        sliding_window=8,
        layer_types=["full_attention", "sliding_attention", "sliding_attention"],
        attn_logit_softcapping=None,
        final_logit_softcapping=None,
        **GEMMA,
    ),
    "gemma3_text": causal(hf.Gemma3TextConfig, sliding_window=8, sliding_window_pattern=3, **GEMMA),
    "gemma3_text, scaled, capped, every second": causal(
        hf.Gemma3TextConfig,
        sliding_window=8,
        sliding_window_pattern=2,
        final_logit_softcapping=3.0,
        rope_scaling={"rope_type": "linear", "factor": 8.0},
        **GEMMA,
    ),
    "gpt_neox": causal(hf.GPTNeoXConfig, **SIZES),
    "gpt_neox, sequential, half rotated": causal(
        hf.GPTNeoXConfig,
        use_parallel_residual=False,
        attention_bias=False,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0, "partial_rotary_factor": 0.5},
        **SIZES,
    ),
    "bloom": causal(hf.BloomConfig, hidden_size=32, n_layer=3, n_head=4, **ALIBI_SIZES),
    "bloom, 6 heads": causal(hf.BloomConfig, hidden_size=48, n_layer=2, n_head=6, **ALIBI_SIZES),
    "mpt": causal(hf.MptConfig, d_model=32, n_layers=3, n_heads=4, max_seq_len=64, **ALIBI_SIZES),
    "mpt, 6 heads": causal(hf.MptConfig, d_model=48, n_layers=2, n_heads=6, max_seq_len=64, **ALIBI_SIZES),
}

ENCODER_DECODERS: dict[str, Case] = {
    "t5 v1.0": Case(hf.T5ForConditionalGeneration, lambda: hf.T5Config(**T5_SIZES)),
    "t5 v1.1, unscaled": Case(
        hf.T5ForConditionalGeneration,
        lambda: hf.T5Config(feed_forward_proj="gated-gelu", tie_word_embeddings=False, **T5_SIZES),
    ),
    "mt5": Case(
        hf.MT5ForConditionalGeneration,
        lambda: hf.MT5Config(feed_forward_proj="gated-gelu", tie_word_embeddings=False, **T5_SIZES),
    ),
}

SEQ2SEQ_SIZES: dict[str, Any] = {
    "vocab_size": 97,
    "d_model": 32,
    "encoder_layers": 3,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": N_TOKENS,
    "pad_token_id": PADDING_ID,
}
"""A text of N_TOKENS is read up to the last position that there is."""
ENCODER_DECODERS |= {
    "bart": Case(hf.BartForConditionalGeneration, lambda: hf.BartConfig(**SEQ2SEQ_SIZES)),
    "bart, scaled, tanh GELU, no bias of logits": Case(
        hf.BartModel, lambda: hf.BartConfig(scale_embedding=True, activation_function="gelu_new", **SEQ2SEQ_SIZES)
    ),
    "mbart": Case(
        hf.MBartForConditionalGeneration,
        lambda: hf.MBartConfig(activation_function="relu", decoder_start_token_id=2, **SEQ2SEQ_SIZES),
    ),
    "pegasus": Case(
        hf.PegasusForConditionalGeneration,
        lambda: hf.PegasusConfig(scale_embedding=True, activation_function="relu", **SEQ2SEQ_SIZES),
    ),
    "marian": Case(
        hf.MarianMTModel,
        lambda: hf.MarianConfig(
            scale_embedding=True,
            activation_function="swish",
            eos_token_id=0,
            forced_eos_token_id=0,
            decoder_start_token_id=PADDING_ID,
            **SEQ2SEQ_SIZES,
        ),
    ),
}


def random_peer(case: Case) -> Any:
    """The model of `transformers`, with weights far enough from zero that heads look somewhere and experts differ."""
    config = case.config()
    config._attn_implementation = config._experts_implementation = "eager"
    torch.manual_seed(0)
    peer = case.peer(config)
    with torch.no_grad():
        for name, parameter in (*peer.named_parameters(), *peer.named_buffers()):
            if name == "final_logits_bias":
                parameter.normal_()
            elif not parameter.requires_grad:  # sinusoids
                continue
            elif "relative_attention_bias" in name:
                parameter.normal_()
            elif name.endswith("Attention.q.weight"):  # T5 does not scale its scores; its training began like this
                parameter.normal_(std=1.5 * (parameter.shape[0] / 4 * parameter.shape[1]) ** -0.5)
            elif name.endswith("self.in_proj.weight"):  # DeBERTa divides by more
                parameter.normal_(std=2 * parameter.shape[-1] ** -0.5)
            elif name.endswith("encoder_attn.q_proj.weight"):  # what was encoded differs less from token to token
                parameter.normal_(std=12 * parameter.shape[-1] ** -0.5)
            elif parameter.dim() > 1:
                parameter.normal_(std=1.5 * parameter.shape[-1] ** -0.5)
            elif name.endswith("bias"):
                parameter.normal_(std=0.3)
            elif config.model_type.startswith("gemma"):  # a norm's weight is stored less 1
                parameter.uniform_(-0.5, 0.5)
            else:
                parameter.uniform_(0.5, 1.5)
        for name, buffer in peer.named_buffers():
            if name.endswith("e_score_correction_bias"):
                buffer.normal_(std=0.1)
    return peer.eval()


def saved(peer: Any, folder: Path) -> Pretrained:
    """The peer as `transformers` saves it, loaded by us."""
    peer.save_pretrained(folder)
    return pretrained.load(folder)
