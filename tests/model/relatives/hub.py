"""The table's models as `transformers` builds them, on no device: an independent count of the same configs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import transformers as hf

from model.relatives.shape import Shape

Built = Callable[[Shape], torch.nn.Module]


def _gpt1(shape: Shape) -> torch.nn.Module:
    config = hf.OpenAIGPTConfig(
        vocab_size=shape.d_vocab, n_positions=shape.n_positions, n_embd=shape.d_model, n_layer=shape.n_layers,
        n_head=shape.n_heads,
    )  # fmt: skip
    return hf.OpenAIGPTLMHeadModel(config)


def _gpt2(shape: Shape) -> torch.nn.Module:
    config = hf.GPT2Config(
        vocab_size=shape.d_vocab, n_positions=shape.n_positions, n_embd=shape.d_model, n_layer=shape.n_layers,
        n_head=shape.n_heads, n_inner=shape.d_ff, attn_implementation="eager",
    )  # fmt: skip
    return hf.GPT2LMHeadModel(config)


def _decoder(config: Any, model: Any, **more: Any) -> Built:
    """A decoder of Llama's naming."""

    def build(shape: Shape) -> torch.nn.Module:
        fields: dict[str, Any] = {
            "vocab_size": shape.d_vocab,
            "hidden_size": shape.d_model,
            "num_hidden_layers": shape.n_layers,
            "num_attention_heads": shape.n_heads,
            "num_key_value_heads": shape.n_kv_heads,
            "head_dim": shape.d_head,
            "intermediate_size": shape.d_ff,
            "tie_word_embeddings": shape.tied,
            "attn_implementation": "eager",
            "pad_token_id": 0,
        }
        if shape.experts:
            fields |= {
                "num_local_experts": shape.experts.n,
                "num_experts": shape.experts.n,
                "num_experts_per_tok": shape.experts.chosen,
                "moe_intermediate_size": shape.experts.d_ff,
            }
            fields["intermediate_size"] = shape.d_ff or shape.experts.d_ff
        return model(config(**{**fields, **more}))

    return build


def _neox(shape: Shape) -> torch.nn.Module:
    config = hf.GPTNeoXConfig(
        vocab_size=shape.d_vocab, hidden_size=shape.d_model, num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads, intermediate_size=shape.d_ff, tie_word_embeddings=False,
    )  # fmt: skip
    return hf.GPTNeoXForCausalLM(config)


def _bloom(shape: Shape) -> torch.nn.Module:
    config = hf.BloomConfig(
        vocab_size=shape.d_vocab, hidden_size=shape.d_model, n_layer=shape.n_layers, n_head=shape.n_heads
    )
    return hf.BloomForCausalLM(config)


def _mpt(shape: Shape) -> torch.nn.Module:
    config = hf.MptConfig(
        vocab_size=shape.d_vocab, d_model=shape.d_model, n_layers=shape.n_layers, n_heads=shape.n_heads,
        expansion_ratio=shape.d_ff // shape.d_model,
    )  # fmt: skip
    return hf.MptForCausalLM(config)


def _encoder(config: Any, model: Any, **more: Any) -> Built:
    """An encoder of BERT's naming."""

    def build(shape: Shape) -> torch.nn.Module:
        fields: dict[str, Any] = {
            "vocab_size": shape.d_vocab,
            "hidden_size": shape.d_model,
            "num_hidden_layers": shape.n_layers,
            "num_attention_heads": shape.n_heads,
            "intermediate_size": shape.d_ff,
            "max_position_embeddings": shape.n_positions,
            "type_vocab_size": shape.n_segments,
            "attn_implementation": "eager",
        }
        return model(config(**{**fields, **more}))

    return build


def _electra(shape: Shape) -> torch.nn.Module:
    return _encoder(hf.ElectraConfig, hf.ElectraForPreTraining, embedding_size=shape.d_model)(shape)


def _distilbert(shape: Shape) -> torch.nn.Module:
    config = hf.DistilBertConfig(
        vocab_size=shape.d_vocab, dim=shape.d_model, n_layers=shape.n_layers, n_heads=shape.n_heads,
        hidden_dim=shape.d_ff, max_position_embeddings=shape.n_positions,
    )  # fmt: skip
    return hf.DistilBertModel(config)


def _bart(shape: Shape) -> torch.nn.Module:
    config = hf.BartConfig(
        vocab_size=shape.d_vocab, d_model=shape.d_model, encoder_layers=shape.n_layers,
        decoder_layers=shape.n_decoder_layers, encoder_attention_heads=shape.n_heads,
        decoder_attention_heads=shape.n_heads, encoder_ffn_dim=shape.d_ff, decoder_ffn_dim=shape.d_ff,
        max_position_embeddings=shape.n_ctx, attn_implementation="eager",
    )  # fmt: skip
    return hf.BartForConditionalGeneration(config)


def _t5(shape: Shape) -> torch.nn.Module:
    feed = {"ReLU": "relu", "GELU": "gelu", "SiLU": "silu"}[shape.activation]
    config = hf.T5Config(
        vocab_size=shape.d_vocab, d_model=shape.d_model, d_kv=shape.d_head, d_ff=shape.d_ff,
        num_layers=shape.n_layers, num_decoder_layers=shape.n_decoder_layers, num_heads=shape.n_heads,
        relative_attention_num_buckets=shape.n_positions,
        feed_forward_proj=f"gated-{feed}" if shape.gated else feed,
    )  # fmt: skip
    model = hf.T5ForConditionalGeneration(config)
    if not shape.tied:  # `transformers` ties them in any case, and loads a head of its own over it
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.lm_head.weight))
    return model


def _deepseek(shape: Shape) -> torch.nn.Module:
    latent, experts = shape.latent, shape.experts
    assert latent is not None
    assert experts is not None
    config = hf.DeepseekV3Config(
        vocab_size=shape.d_vocab, hidden_size=shape.d_model, num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads, num_key_value_heads=shape.n_kv_heads, intermediate_size=shape.d_ff,
        moe_intermediate_size=experts.d_ff, n_routed_experts=experts.n, n_shared_experts=experts.shared,
        num_experts_per_tok=experts.chosen, first_k_dense_replace=shape.n_layers - experts.n_layers,
        q_lora_rank=latent.q_rank, kv_lora_rank=latent.kv_rank, qk_rope_head_dim=latent.rope,
        qk_nope_head_dim=latent.nope, v_head_dim=latent.d_value,
    )  # fmt: skip
    return hf.DeepseekV3ForCausalLM(config)


def _mamba(shape: Shape) -> torch.nn.Module:
    mamba = shape.mamba
    assert mamba is not None
    config = hf.MambaConfig(
        vocab_size=shape.d_vocab, hidden_size=shape.d_model, num_hidden_layers=shape.n_layers,
        state_size=mamba.d_state, conv_kernel=mamba.d_conv, expand=mamba.d_inner // shape.d_model,
        time_step_rank=mamba.dt_rank,
    )  # fmt: skip
    return hf.MambaForCausalLM(config)


def _rwkv(shape: Shape) -> torch.nn.Module:
    config = hf.RwkvConfig(
        vocab_size=shape.d_vocab, hidden_size=shape.d_model, num_hidden_layers=shape.n_layers,
        intermediate_size=shape.d_ff,
    )  # fmt: skip
    return hf.RwkvForCausalLM(config)


def _jamba(shape: Shape) -> torch.nn.Module:
    mamba, experts = shape.mamba, shape.experts
    assert mamba is not None
    assert experts is not None
    config = hf.JambaConfig(
        vocab_size=shape.d_vocab, hidden_size=shape.d_model, num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads, num_key_value_heads=shape.n_kv_heads, intermediate_size=shape.d_ff,
        num_experts=experts.n, num_experts_per_tok=experts.chosen, mamba_d_state=mamba.d_state,
        mamba_d_conv=mamba.d_conv, mamba_dt_rank=mamba.dt_rank, mamba_expand=mamba.d_inner // shape.d_model,
    )  # fmt: skip
    return hf.JambaForCausalLM(config)


_LLAMA = _decoder(hf.LlamaConfig, hf.LlamaForCausalLM)
_QWEN3_EXPERTS = _decoder(hf.Qwen3MoeConfig, hf.Qwen3MoeForCausalLM)
BUILD: Mapping[str, Built] = {
    "gpt-1": _gpt1,
    "gpt-2-xl": _gpt2,
    "gpt-3": _gpt2,
    "gpt-neox-20b": _neox,
    "bloom": _bloom,
    "mpt-7b": _mpt,
    **dict.fromkeys(("llama-1-65b", "llama-2-70b", "llama-3-8b", "llama-3-70b", "llama-3-405b"), _LLAMA),
    "mistral-7b": _decoder(hf.MistralConfig, hf.MistralForCausalLM),
    "mixtral-8x7b": _decoder(hf.MixtralConfig, hf.MixtralForCausalLM),
    "qwen2.5-7b": _decoder(hf.Qwen2Config, hf.Qwen2ForCausalLM),
    "qwen3-8b": _decoder(hf.Qwen3Config, hf.Qwen3ForCausalLM),
    "qwen3-235b": _QWEN3_EXPERTS,
    "gemma-7b": _decoder(hf.GemmaConfig, hf.GemmaForCausalLM),
    "gemma-3-27b": _decoder(hf.Gemma3TextConfig, hf.Gemma3ForCausalLM),
    "phi-2": _decoder(hf.PhiConfig, hf.PhiForCausalLM),
    "phi-3-mini": _decoder(hf.Phi3Config, hf.Phi3ForCausalLM),
    "deepseek-v3": _deepseek,
    "bert-base": _encoder(hf.BertConfig, hf.BertModel),
    "bert-large": _encoder(hf.BertConfig, hf.BertModel),
    "roberta-large": _encoder(hf.RobertaConfig, hf.RobertaModel),
    "distilbert": _distilbert,
    "electra-large": _electra,
    "deberta-v3-large": _encoder(
        hf.DebertaV2Config, hf.DebertaV2Model, relative_attention=True, position_buckets=256, share_att_key=True,
        pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm", position_biased_input=False,
    ),
    "bart-large": _bart,
    **dict.fromkeys(("t5-base", "t5-11b", "mt5-xxl", "ul2"), _t5),
    "mamba-2.8b": _mamba,
    "rwkv-4-14b": _rwkv,
    "jamba": _jamba,
}  # fmt: skip
"""All but the first transformer, which `torch` itself has."""


def built(id: str, shape: Shape) -> torch.nn.Module:
    """A model without numbers."""
    with torch.device("meta"):
        return BUILD[id](shape).eval()
