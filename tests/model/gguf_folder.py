"""A Llama in a GGUF file as a folder in Hugging Face layout: dequantized weights, config.json, tokenizer.json.

GGUF names and orders things as llama.cpp does: its rotary embedding pairs neighbouring coordinates, so the rows of q
and k are interleaved there, and are put back here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
from gguf import GGUFReader, dequantize
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import decoders, models, pre_tokenizers

NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
WHOLE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}


def convert(gguf: Path, folder: Path) -> None:
    """Writes config.json, model.safetensors and tokenizer.json into `folder`."""
    reader = GGUFReader(gguf)
    settings = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "vocab_size": len(_read(reader, "tokenizer.ggml.tokens")),
        "hidden_size": _read(reader, "llama.embedding_length"),
        "intermediate_size": _read(reader, "llama.feed_forward_length"),
        "num_hidden_layers": _read(reader, "llama.block_count"),
        "num_attention_heads": _read(reader, "llama.attention.head_count"),
        "num_key_value_heads": _read(reader, "llama.attention.head_count_kv"),
        "max_position_embeddings": _read(reader, "llama.context_length"),
        "rope_theta": _read(reader, "llama.rope.freq_base"),
        "rms_norm_eps": _read(reader, "llama.attention.layer_norm_rms_epsilon"),
        "tie_word_embeddings": True,
    }
    heads = {"attn_q": settings["num_attention_heads"], "attn_k": settings["num_key_value_heads"]}
    tensors = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if tensor.name in WHOLE:
            tensors[WHOLE[tensor.name]] = torch.from_numpy(values)
            continue
        _, layer, part, kind = tensor.name.split(".")
        if part in heads:
            values = _in_halves(values, heads[part])
        tensors[f"model.layers.{layer}.{NAMES[part]}.{kind}"] = torch.from_numpy(np.ascontiguousarray(values))
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(settings))
    _tokenizer(reader).save(str(folder / "tokenizer.json"))


def _read(reader: GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    assert field is not None, key
    return field.contents()


def _in_halves(rows: NDArray[np.float32], n_heads: int) -> NDArray[np.float32]:
    """Rows of neighbouring pairs as rows of two halves, head by head. *Shape:* (n_heads x d_head, d_model)."""
    pairs = rows.reshape(n_heads, -1, 2, rows.shape[-1])
    return pairs.swapaxes(1, 2).reshape(rows.shape)


def _tokenizer(reader: GGUFReader) -> tokenizers.Tokenizer:
    """SmolLM's byte-level BPE, which takes digits one by one."""
    vocabulary = {token: id for id, token in enumerate(_read(reader, "tokenizer.ggml.tokens"))}
    merges = [tuple(merge.split(" ")) for merge in _read(reader, "tokenizer.ggml.merges")]
    tokenizer = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
