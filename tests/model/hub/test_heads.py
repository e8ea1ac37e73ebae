"""Models that were fine-tuned for a task of their own: the body is what `transformers` computes, the head is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from torch import nn

from model import pretrained, unsaid
from tests.model.agreement import Difference, left_padding, patterns, peer_output, random_ids, run
from tests.model.published import (
    ALIBI_SIZES,
    ENCODER_DECODERS,
    GROUPED,
    SEQ2SEQ_SIZES,
    SIZES,
    T5_SIZES,
    Case,
    random_peer,
    saved,
)
from tests.model.published_encoders import BOTH, DEBERTA, MODERN, V3

TOLERANCE = 1e-4
LABELS = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}}
DISTILBERT = {"vocab_size": 97, "dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": 64}
GPT2 = {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64, "pad_token_id": 1, **ALIBI_SIZES}
SORTS, SORTS_TOKENS = "sorts whole texts (NEGATIVE, POSITIVE)", "sorts each token of a text"
ANSWERS = "finds the answer to a question in a text"


def case(peer: Callable[[Any], nn.Module], config: Callable[..., Any], sizes: dict[str, Any] = SIZES) -> Case:
    """A model with labels that have names, where it sorts texts."""
    named = LABELS if "Sequence" in getattr(peer, "__name__", "") else {}
    return Case(peer, lambda: config(**sizes, **named))


ENCODERS: dict[str, tuple[Case, str]] = {
    "bert, sequences": (case(hf.BertForSequenceClassification, hf.BertConfig), SORTS),
    "bert, tokens": (case(hf.BertForTokenClassification, hf.BertConfig), SORTS_TOKENS),
    "bert, answers": (case(hf.BertForQuestionAnswering, hf.BertConfig), ANSWERS),
    "bert, choice": (case(hf.BertForMultipleChoice, hf.BertConfig), "chooses between texts"),
    "roberta, sequences": (case(hf.RobertaForSequenceClassification, hf.RobertaConfig), SORTS),
    "roberta, answers": (case(hf.RobertaForQuestionAnswering, hf.RobertaConfig), ANSWERS),
    "distilbert, sequences": (case(hf.DistilBertForSequenceClassification, hf.DistilBertConfig, DISTILBERT), SORTS),
    "distilbert, answers": (case(hf.DistilBertForQuestionAnswering, hf.DistilBertConfig, DISTILBERT), ANSWERS),
    "electra, sequences": (case(hf.ElectraForSequenceClassification, hf.ElectraConfig), SORTS),
    "electra, tokens": (case(hf.ElectraForTokenClassification, hf.ElectraConfig), SORTS_TOKENS),
}
ENCODERS |= {
    "modernbert, sequences": (case(hf.ModernBertForSequenceClassification, hf.ModernBertConfig, MODERN), SORTS),
    "modernbert, tokens": (case(hf.ModernBertForTokenClassification, hf.ModernBertConfig, MODERN), SORTS_TOKENS),
}
ENCODERS |= {
    "deberta, sequences": (case(hf.DebertaForSequenceClassification, hf.DebertaConfig, DEBERTA | BOTH), SORTS),
    "deberta-v2, sequences": (case(hf.DebertaV2ForSequenceClassification, hf.DebertaV2Config, DEBERTA | V3), SORTS),
    "deberta-v2, tokens": (case(hf.DebertaV2ForTokenClassification, hf.DebertaV2Config, DEBERTA | V3), SORTS_TOKENS),
    "deberta-v2, answers": (case(hf.DebertaV2ForQuestionAnswering, hf.DebertaV2Config, DEBERTA | V3), ANSWERS),
}
ENCODERS |= {
    "t5, tokens": (case(hf.T5ForTokenClassification, hf.T5Config, T5_SIZES), SORTS_TOKENS),
    "mt5, tokens": (case(hf.MT5ForTokenClassification, hf.MT5Config, T5_SIZES), SORTS_TOKENS),
}
DECODERS: dict[str, tuple[Case, str]] = {
    "gpt2, sequences": (case(hf.GPT2ForSequenceClassification, hf.GPT2Config, GPT2), SORTS),
    "gpt2, tokens": (case(hf.GPT2ForTokenClassification, hf.GPT2Config, GPT2), SORTS_TOKENS),
    "llama, sequences": (case(hf.LlamaForSequenceClassification, hf.LlamaConfig, GROUPED | {"pad_token_id": 1}), SORTS),
    "llama, answers": (case(hf.LlamaForQuestionAnswering, hf.LlamaConfig, GROUPED), ANSWERS),
    "mistral, tokens": (case(hf.MistralForTokenClassification, hf.MistralConfig, GROUPED), SORTS_TOKENS),
    "qwen2, sequences": (case(hf.Qwen2ForSequenceClassification, hf.Qwen2Config, GROUPED | {"pad_token_id": 1}), SORTS),
}
T5 = T5_SIZES | {"decoder_start_token_id": 0}
MBART = SEQ2SEQ_SIZES | {"decoder_start_token_id": 2}
READING_TWICE: dict[str, tuple[Case, str]] = {
    "t5, sequences": (case(hf.T5ForSequenceClassification, hf.T5Config, T5), SORTS),
    "t5 v1.1, answers": (
        case(hf.T5ForQuestionAnswering, hf.T5Config, T5 | {"feed_forward_proj": "gated-gelu"}),
        ANSWERS,
    ),
    "bart, sequences": (case(hf.BartForSequenceClassification, hf.BartConfig, SEQ2SEQ_SIZES), SORTS),
    "bart, answers": (case(hf.BartForQuestionAnswering, hf.BartConfig, SEQ2SEQ_SIZES), ANSWERS),
    "mbart, sequences": (case(hf.MBartForSequenceClassification, hf.MBartConfig, MBART), SORTS),
    "mbart, answers": (case(hf.MBartForQuestionAnswering, hf.MBartConfig, MBART), ANSWERS),
}
"""Encoder-decoders under heads that read what the decoder makes of the text itself."""


def told(name: str, cases: dict[str, tuple[Case, str]], folder: Path) -> tuple[Any, Any]:
    """The peer, and what is loaded of it, whose head is left aside in the expected words."""
    one, head = cases[name]
    peer = random_peer(one)
    loaded = saved(peer, folder)
    assert loaded.config.left_aside == f"a head that {head}"
    assert not loaded.config.predicts
    said = unsaid.sentence("it", loaded.config)
    assert said is not None
    assert said.startswith(f"it predicts no token: it was published with a head that {head}")
    return peer, loaded


@pytest.mark.parametrize("name", ENCODERS)
def test_the_body_of_a_fine_tuned_encoder_agrees_with_transformers(name: str, tmp_path: Path) -> None:
    if name == "bert, choice":  # its peer reads several texts at once: it is the body alone that is compared
        one, head = ENCODERS[name]
        peer = random_peer(one)
        assert saved(peer, tmp_path).config.left_aside == f"a head that {head}"
        return
    peer, loaded = told(name, ENCODERS, tmp_path)
    agrees(peer, loaded, n_tokens=48)


@pytest.mark.parametrize("name", DECODERS)
def test_the_body_of_a_fine_tuned_decoder_agrees_with_transformers(name: str, tmp_path: Path) -> None:
    peer, loaded = told(name, DECODERS, tmp_path)
    assert agrees(peer, loaded, n_tokens=48).logits.shape[-1] == 0


def agrees(peer: Any, loaded: Any, n_tokens: int) -> Any:
    """Holds the last stream and all attention probabilities against the peer's; gives our output."""
    ids, padding = random_ids(n_tokens), left_padding(n_tokens).flip(1)
    ids = ids.masked_fill(~padding, 1)
    theirs = peer_output(peer, ids, padding)
    names = patterns(loaded.config.n_layers)
    ours, taken = run(loaded.module, names, ids, attention_mask=padding[:, None])
    worst = Difference()
    worst.note("logits", ours.hidden, theirs.hidden_states[-1], padding)
    for tap, attention in zip(names, theirs.attentions, strict=True):
        worst.note("pattern", taken[tap], attention, padding)
    assert worst.logits < TOLERANCE
    assert worst.pattern < TOLERANCE
    return ours


def test_a_decoder_without_any_head_predicts_nothing(tmp_path: Path) -> None:
    peer = random_peer(Case(hf.LlamaModel, lambda: hf.LlamaConfig(**GROUPED)))
    loaded = saved(peer, tmp_path)
    assert loaded.config.head == "none"
    assert unsaid.sentence("it", loaded.config) == (
        "it predicts no token: it was published without the head that says which token comes next."
    )


def test_a_head_beside_the_one_that_predicts_is_left_aside_and_said_to_be(tmp_path: Path) -> None:
    peer = random_peer(Case(hf.BertForMaskedLM, lambda: hf.BertConfig(**SIZES)))
    peer.classifier = nn.Linear(32, 2)
    loaded = saved(peer, tmp_path)
    assert loaded.config.predicts
    said = "a head that was made for a task of its own"
    assert unsaid.sentence("it", loaded.config) == f"it was published with {said} too; that head is left aside here."


def test_labels_without_names_are_counted(tmp_path: Path) -> None:
    hf.BertForTokenClassification(hf.BertConfig(**SIZES, num_labels=3)).save_pretrained(tmp_path)
    assert pretrained.load(tmp_path).config.left_aside == "a head that sorts each token of a text (into 3 classes)"


def test_of_many_labels_some_are_named(tmp_path: Path) -> None:
    labels = dict(enumerate(["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC"]))
    hf.BertForTokenClassification(hf.BertConfig(**SIZES, id2label=labels)).save_pretrained(tmp_path)
    aside = pretrained.load(tmp_path).config.left_aside
    assert aside == "a head that sorts each token of a text (O, B-PER, I-PER, B-ORG, and 2 more)"


@pytest.mark.parametrize("name", READING_TWICE)
def test_the_body_of_a_fine_tuned_encoder_decoder_agrees_with_transformers(name: str, tmp_path: Path) -> None:
    """The peer gives its decoder the text one token behind, past every threshold; it is compared in float64."""
    peer, _ = told(name, READING_TWICE, tmp_path)
    loaded = pretrained.load(tmp_path, dtype=torch.float64)
    ids = random_ids()
    ids[:, -1] = peer.config.eos_token_id  # a head that sorts texts reads there
    theirs = peer_output(peer.double(), ids, None)
    start = loaded.config.start_token_id
    assert start is not None
    behind = torch.cat([torch.full((2, 1), start), ids[:, :-1]], dim=1)
    names = [tap for place, stack in loaded.config.stacks.items() for tap in patterns(stack.layers, place)]
    ours, taken = run(loaded.module, names, ids, behind)
    assert ours.logits.shape == (*ids.shape, 0)
    assert (ours.hidden - theirs.decoder_hidden_states[-1]).abs().max() < TOLERANCE
    attentions = [*theirs.encoder_attentions, *theirs.decoder_attentions, *theirs.cross_attentions]
    for tap, attention in zip(names, attentions, strict=True):
        assert (taken[tap] - attention).abs().max() < TOLERANCE


def test_a_head_beside_the_one_that_writes_leaves_it_there(tmp_path: Path) -> None:
    peer = random_peer(ENCODER_DECODERS["bart"])
    peer.classification_head = nn.Linear(32, 2)
    loaded = saved(peer, tmp_path)
    assert loaded.config.predicts
    assert loaded.config.left_aside == "a head that was made for a task of its own"


def test_a_t5_whose_own_head_is_missing_predicts_nothing(tmp_path: Path) -> None:
    peer = random_peer(Case(hf.T5Model, lambda: hf.T5Config(**T5_SIZES)))
    assert saved(peer, tmp_path).config.predicts  # with its embedding table
    settings = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(settings | {"tie_word_embeddings": False}))
    assert not pretrained.load(tmp_path).config.predicts


def test_the_encoder_of_a_t5_says_what_it_lacks(tmp_path: Path) -> None:
    hf.T5EncoderModel(hf.T5Config(**T5_SIZES)).save_pretrained(tmp_path)
    said = "it predicts no token: it was published without the decoder that reads what this encoder made, and writes."
    assert unsaid.sentence("it", pretrained.load(tmp_path).config) == said


def test_a_t5_that_should_have_a_decoder_is_not_taken_for_an_encoder(tmp_path: Path) -> None:
    hf.T5EncoderModel(hf.T5Config(**T5_SIZES)).save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(settings | {"architectures": ["T5ForConditionalGeneration"]}))
    with pytest.raises(ValueError, match=r"decoder\.block\.0"):
        pretrained.load(tmp_path)


def test_every_fine_tuned_model_is_saved_and_read_again_as_ours(tmp_path: Path) -> None:
    from model import config as configs

    loaded = saved(random_peer(ENCODERS["bert, sequences"][0]), tmp_path)
    assert configs.from_json(configs.to_json(loaded.config)) == loaded.config
    assert torch.equal(loaded.module(random_ids()).hidden, pretrained.load(tmp_path).module(random_ids()).hidden)
