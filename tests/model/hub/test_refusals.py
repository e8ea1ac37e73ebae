"""Published settings that change what a model computes and that no layer of ours has: refused by name, not ignored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from model import pretrained

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 8,
    "max_position_embeddings": 16,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
}
MPT: dict[str, Any] = {
    "model_type": "mpt",
    "vocab_size": 8,
    "max_seq_len": 16,
    "d_model": 8,
    "n_layers": 1,
    "n_heads": 2,
}
GEMMA = LLAMA | {"model_type": "gemma2"}
GEMMA3 = LLAMA | {"model_type": "gemma3_text"}
MODERNBERT = LLAMA | {"model_type": "modernbert"}
SCALED = {"full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1.0}}
DEEPSEEK = LLAMA | {
    "model_type": "deepseek_v2",
    "kv_lora_rank": 4,
    "qk_rope_head_dim": 2,
    "qk_nope_head_dim": 2,
    "v_head_dim": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 8,
    "topk_group": 2,
}
DEEPSEEK3 = DEEPSEEK | {"model_type": "deepseek_v3"}
BART = {
    "model_type": "bart",
    "vocab_size": 8,
    "max_position_embeddings": 16,
    "d_model": 8,
    **{f"{stack}_layers": 1 for stack in ("encoder", "decoder")},
    **{f"{stack}_attention_heads": 2 for stack in ("encoder", "decoder")},
    **{f"{stack}_ffn_dim": 8 for stack in ("encoder", "decoder")},
}
MIXTRAL = LLAMA | {"model_type": "mixtral", "num_local_experts": 2, "num_experts_per_tok": 1}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model_type": "albert"}, "'albert' is not read: all its blocks share one set of weights"),
        ({"model_type": "deepseek_v32", "routed_scaling_factor": 2.5}, "the model_type 'deepseek_v32' is unknown"),
        (DEEPSEEK | {"norm_topk_prob": True}, "says norm_topk_prob = True; only False can be loaded"),
        (DEEPSEEK | {"topk_method": "noaux_tc"}, "says topk_method = 'noaux_tc'; only 'greedy' and"),
        (DEEPSEEK | {"moe_layer_freq": 2}, "says moe_layer_freq = 2; only 1 can be loaded"),
        (DEEPSEEK | {"num_key_value_heads": 1}, "says num_key_value_heads = 1; only 2 can be loaded"),
        (DEEPSEEK | {"hidden_act": "gelu"}, "says hidden_act = 'gelu'; only 'silu' can be loaded"),
        (DEEPSEEK | {"topk_method": "group_limited_greedy", "n_group": 3}, "4 experts in n_groups = 3"),
        (DEEPSEEK3 | {"norm_topk_prob": False}, "says norm_topk_prob = False; only True can be loaded"),
        (DEEPSEEK3 | {"scoring_func": "softmax"}, "says scoring_func = 'softmax'; only 'sigmoid' can be loaded"),
        (DEEPSEEK3 | {"rope_interleave": False}, "says rope_interleave = False; only True can be loaded"),
        (BART | {"normalize_before": True}, "says normalize_before = True; only False can be loaded"),
        (BART | {"decoder_ffn_dim": 9}, "says decoder_ffn_dim = 9; only 8 can be loaded"),
        (BART | {"encoder_layers": 10**18}, "says encoder_layers = 1000000000000000000; the files hold"),
        (BART | {"model_type": "mbart", "add_final_layer_norm": False}, "says add_final_layer_norm = False; only True"),
        (
            BART | {"model_type": "marian", "share_encoder_decoder_embeddings": False},
            "says share_encoder_decoder_embeddings = False; only True can be loaded",
        ),
        (BART, "it is an encoder without its decoder"),
        (LLAMA | {"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "the RoPE scaling 'dynamic' is unknown"),
        (LLAMA | {"rope_parameters": {"rope_type": "longrope"}}, "config.json lacks 'short_factor'"),
        (MPT | {"attn_config": {"clip_qkv": 8.0}}, "says clip_qkv = 8.0; only None can be loaded"),
        (MPT | {"attn_config": {"qk_ln": True}}, "says qk_ln = True; only False can be loaded"),
        (MPT | {"attn_config": {"alibi": False}}, "says alibi = False; only True can be loaded"),
        (MPT | {"logit_scale": 0.5}, "says logit_scale = 0.5; only None can be loaded"),
        (LLAMA | {"model_type": "olmo2", "clip_qkv": 8.0}, "says clip_qkv = 8.0; only None can be loaded"),
        (LLAMA | {"model_type": "olmo3", "layer_types": ["linear_attention"]}, "its layer_types name linear_attention"),
        (
            LLAMA | {"model_type": "phi3", "rope_scaling": {"type": "longrope", "short_factor": [1.0] * 7}},
            "7 pairs have a divisor in its RoPE; ",
        ),
        (LLAMA | {"model_type": "phi3", "rope_scaling": {"type": "su"}}, "config.json lacks 'short_factor'"),
        (
            LLAMA | {"model_type": "phi3", "rope_scaling": {"type": "linear", "factor": 2.0}},
            "its RoPE is scaled by 'linear'; a Phi's is scaled by longrope, or not at all",
        ),
        (
            GEMMA | {"use_bidirectional_attention": True},
            "says use_bidirectional_attention; only a Gemma that looks back",
        ),
        (GEMMA | {"layer_types": ["chunked_attention"]}, "its layer_types name chunked_attention; only full_attention"),
        (GEMMA | {"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "the RoPE scaling 'dynamic' is unknown"),
        (GEMMA3 | {"attn_logit_softcapping": 50.0}, "says attn_logit_softcapping, which `transformers` leaves out"),
        (
            GEMMA3 | {"rope_parameters": {"sliding_attention": {"rope_type": "linear", "factor": 2.0}}},
            "its RoPE is scaled in windows too (linear)",
        ),
        (
            GEMMA3 | {"rope_parameters": {"full_attention": {"base": 3}}},
            "has settings that no layer of ours knows: base",
        ),
        ({"model_type": "gemma3", "text_config": {}}, "the model_type 'gemma3' is unknown"),
        (MODERNBERT | {"decoder_bias": False}, "says decoder_bias = False; only True can be loaded"),
        (MODERNBERT | {"mlp_bias": True}, "says mlp_bias = True; only False can be loaded"),
        (MODERNBERT | {"rope_parameters": SCALED}, "its RoPE is scaled; only that of the training can be loaded"),
        (MODERNBERT | {"layer_types": ["chunked_attention"]}, "its layer_types name chunked_attention"),
        (MIXTRAL | {"hidden_act": "gelu"}, "says hidden_act = 'gelu'; only 'silu' can be loaded"),
    ],
)
def test_what_no_layer_of_ours_computes_is_refused_by_name(settings: dict[str, Any], message: str, tmp_path: Path):
    (tmp_path / "config.json").write_text(json.dumps(settings))
    save_file({"x": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="^cannot load") as refused:
        pretrained.load(tmp_path)
    assert message in str(refused.value)
