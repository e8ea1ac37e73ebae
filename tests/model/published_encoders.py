"""Small random encoders of `transformers`, as `tests.model.published` has decoders and encoder-decoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import transformers as hf

from tests.model.published import N_TOKENS, PADDING_ID, SIZES, T5_SIZES, Case

SEGMENTS = {"token_type_ids": torch.arange(N_TOKENS).ge(20).long().expand(2, -1)}
ENCODERS: dict[str, Case] = {
    "bert, both heads": Case(hf.BertForPreTraining, lambda: hf.BertConfig(**SIZES), SEGMENTS),
    "bert, masked head": Case(hf.BertForMaskedLM, lambda: hf.BertConfig(hidden_act="gelu_new", **SIZES), SEGMENTS),
    "bert, no head": Case(hf.BertModel, lambda: hf.BertConfig(**SIZES), SEGMENTS),
    "roberta": Case(
        hf.RobertaForMaskedLM, lambda: hf.RobertaConfig(type_vocab_size=1, pad_token_id=PADDING_ID, **SIZES)
    ),
    "xlm-roberta, no head": Case(
        hf.XLMRobertaModel, lambda: hf.XLMRobertaConfig(type_vocab_size=1, pad_token_id=PADDING_ID, **SIZES)
    ),
    "camembert, no head": Case(
        hf.CamembertModel, lambda: hf.CamembertConfig(type_vocab_size=1, pad_token_id=PADDING_ID, **SIZES)
    ),
    "distilbert": Case(
        hf.DistilBertForMaskedLM,
        lambda: hf.DistilBertConfig(
            vocab_size=97, dim=32, n_layers=3, n_heads=4, hidden_dim=48, max_position_embeddings=64
        ),
    ),
    "electra, generator": Case(hf.ElectraForMaskedLM, lambda: hf.ElectraConfig(embedding_size=20, **SIZES), SEGMENTS),
    "electra, discriminator": Case(
        hf.ElectraForPreTraining, lambda: hf.ElectraConfig(embedding_size=32, **SIZES), SEGMENTS
    ),
}

MODERN = {key: value for key, value in SIZES.items() if not key.endswith("token_id")}
MODERN |= {"num_hidden_layers": 4, "pad_token_id": PADDING_ID, "cls_token_id": 0, "sep_token_id": 2, "bos_token_id": 0}
MODERN |= {"eos_token_id": 2, "local_attention": 8}
ENCODERS |= {
    "modernbert": Case(hf.ModernBertForMaskedLM, lambda: hf.ModernBertConfig(**MODERN)),
    "modernbert, biases, every second block whole": Case(
        hf.ModernBertForMaskedLM,
        lambda: hf.ModernBertConfig(
            attention_bias=True,
            mlp_bias=True,
            classifier_bias=True,
            norm_bias=True,
            global_attn_every_n_layers=2,
            rope_parameters={
                "full_attention": {"rope_type": "default", "rope_theta": 20_000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 500.0},
            },
            **MODERN,
        ),
    ),
    "modernbert, no head": Case(hf.ModernBertModel, lambda: hf.ModernBertConfig(**MODERN)),
}

DEBERTA = {key: value for key, value in SIZES.items() if not key.endswith("token_id")}
DEBERTA |= {"relative_attention": True, "position_biased_input": False, "pad_token_id": PADDING_ID}
BOTH: dict[str, Any] = {"pos_att_type": ["p2c", "c2p"]}
V3: dict[str, Any] = BOTH | {
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
    "position_buckets": 12,
    "max_relative_positions": 24,
}


def deberta(peer: Any = hf.DebertaV2ForMaskedLM, extra: Mapping[str, Any] | None = None, **settings: Any) -> Case:
    """A DeBERTa v2's or v3's case."""
    return Case(peer, lambda: hf.DebertaV2Config(**DEBERTA | settings), extra or {})


ENCODERS |= {
    "deberta": Case(hf.DebertaForMaskedLM, lambda: hf.DebertaConfig(max_relative_positions=20, **BOTH, **DEBERTA)),
    "deberta, content to position, no head": Case(
        hf.DebertaModel, lambda: hf.DebertaConfig(max_relative_positions=80, pos_att_type=["c2p"], **DEBERTA)
    ),
    "deberta-v2": deberta(legacy=False, **V3),
    "deberta-v2, projections of its own": deberta(**V3 | {"share_att_key": False}),
    "deberta-v2, every distance by itself": deberta(max_relative_positions=20, **BOTH),
    "deberta-v2, content to position": deberta(**V3 | {"pos_att_type": "c2p"}),
    "deberta-v2, position to content, segments, positions added": deberta(
        extra=SEGMENTS, type_vocab_size=2, **V3 | {"pos_att_type": "p2c", "position_biased_input": True}
    ),
    "deberta-v2, convolution, narrow embeddings": deberta(
        conv_kernel_size=5, conv_groups=2, conv_act="gelu", embedding_size=20, hidden_act="gelu_new", **V3
    ),
    "deberta-v2, no terms": deberta(pos_att_type="", position_biased_input=True),
    "deberta-v2, no head": deberta(hf.DebertaV2Model, **V3),
}

ENCODERS |= {
    "t5 v1.0, encoder": Case(hf.T5EncoderModel, lambda: hf.T5Config(**T5_SIZES)),
    "t5 v1.1, encoder": Case(hf.T5EncoderModel, lambda: hf.T5Config(**T5_SIZES, feed_forward_proj="gated-gelu")),
    "mt5, encoder": Case(hf.MT5EncoderModel, lambda: hf.MT5Config(**T5_SIZES)),
}
