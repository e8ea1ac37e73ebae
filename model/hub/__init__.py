"""How published checkpoints are laid out: one module a family of layouts, from `config.json` and tensor names to ours.

`architecture` has the words that the others are written in, `settings` reads what several `config.json` share.
`ARCHITECTURES` finds the layout by the `model_type` of a `config.json`.
"""

from __future__ import annotations

from model.hub import (
    bart,
    bert,
    bloom,
    deberta,
    deepseek,
    distilbert,
    electra,
    gemma,
    gpt2,
    llama,
    modernbert,
    mpt,
    neox,
    olmo,
    phi,
    t5,
)
from model.hub.architecture import Architecture

ARCHITECTURES: dict[str, Architecture] = {
    "gpt2": gpt2.GPT2,
    "llama": llama.LLAMA,
    "mistral": llama.MISTRAL,
    "qwen2": llama.QWEN2,
    "qwen3": llama.QWEN3,
    "mixtral": llama.MIXTRAL,
    "qwen2_moe": llama.QWEN2_MOE,
    "qwen3_moe": llama.QWEN3_MOE,
    "deepseek_v2": deepseek.DEEPSEEK_V2,
    "deepseek_v3": deepseek.DEEPSEEK_V3,
    "olmo2": olmo.OLMO2,
    "olmo3": olmo.OLMO3,
    "phi3": phi.PHI3,
    "gemma": gemma.GEMMA,
    "gemma2": gemma.GEMMA2,
    "gemma3_text": gemma.GEMMA3,
    "gpt_neox": neox.NEOX,
    "bloom": bloom.BLOOM,
    "mpt": mpt.MPT,
    "bert": bert.BERT,
    "roberta": bert.ROBERTA,
    "xlm-roberta": bert.ROBERTA,
    "camembert": bert.ROBERTA,
    "distilbert": distilbert.DISTILBERT,
    "electra": electra.ELECTRA,
    "modernbert": modernbert.MODERNBERT,
    "deberta": deberta.DEBERTA,
    "deberta-v2": deberta.DEBERTA_V2,
    "t5": t5.T5,
    "mt5": t5.MT5,
    "bart": bart.BART,
    "mbart": bart.MBART,
    "marian": bart.MARIAN,
    "pegasus": bart.PEGASUS,
}

NOT_READ = {
    "albert": "all its blocks share one set of weights",
    "longformer": "its windows have queries, keys and values of their own for tokens that see all",
    "big_bird": "its tokens read blocks, some of them drawn at random",
    "xlnet": "it reads a text in a permuted order, by two streams",
}
"""Layouts that people ask for, and what in each is computed by no layer of ours."""
