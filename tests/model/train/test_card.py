"""The card, from a run made here by the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from model.config import PRESETS, GPTConfig
from model.study.sampling import Settings
from model.train import card, ngram, report_gpt
from model.train.__main__ import main
from model.train.data import Tokens
from model.train.next_token import HeldOut
from model.train.text import MAIN, Split, find
from model.train.workers import Worker

ARGUMENTS = "--steps 30 --lr 0.02 --batch-tokens 192 --label-smoothing 0.1 --seed 3"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, tiny: GPTConfig, data: Path) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(PRESETS, "gpt", tiny)
        main(["gpt", "--data", str(data), "--out", str(folder), *ARGUMENTS.split()])
        main(["card", "gpt", "--data", str(data), "--out", str(folder)])
    return folder


@pytest.fixture(scope="module")
def text(out: Path) -> str:
    return (out / "CARD.md").read_text(encoding="utf-8")


def test_the_card_repeats_the_command_line_of_the_run(text: str):
    (options,) = re.findall(r"python -m model\.train gpt --data DIR --out DIR (.*)", text)
    words = options.split()
    assert dict(zip(words[::2], words[1::2], strict=True)) == dict(
        zip(ARGUMENTS.split()[::2], ARGUMENTS.split()[1::2], strict=True)
    )


def test_the_card_says_how_far_the_model_is_below_the_ngrams(out: Path, data: Path, text: str):
    module, tokenizer = card.load(out)
    split = Split.choose(find(data), 500)
    held_out = HeldOut.encode(tokenizer, split)
    nats = held_out.loss(module, Worker(0, 1, torch.device("cpu")))
    five_gram = ngram.loss(Tokens.encode(tokenizer, split.training(MAIN)), held_out.tokens, module.config.d_vocab)
    per_byte = nats * held_out.tokens.n_predicted / held_out.n_bytes
    assert f"| this model | {nats:.3f} | {per_byte:.3f} | |" in text
    assert f"modified Kneser-Ney | {five_gram:.3f} |" in text
    assert f"| {1 - nats / five_gram:.1%} |" in text
    assert "5-gram" in (out / "curve.svg").read_text(encoding="utf-8")


def test_the_card_names_each_source_once_with_its_licence(text: str):
    assert text.count("| CDLA-Sharing-1.0 |") == 1
    assert text.count("| CC BY |") == 1
    assert "fairytales" not in text  # this run had none


def test_the_card_holds_ten_samples_each_repeatable_by_its_seed(out: Path, text: str):
    samples = re.split(r"\*\*Seed \d+\*\*\n\n", text.split("## Limits")[0])[1:]
    assert len(samples) == 10
    assert len(set(samples)) > 1
    module, tokenizer = card.load(out)
    again = report_gpt.continuation(module, tokenizer, report_gpt.PROMPT, report_gpt.SETTINGS, seed=4)
    assert samples[4].strip() == "\n".join("> " + line for line in again.splitlines()).strip()
    assert again.startswith(report_gpt.PROMPT)


def test_greedy_continuation_is_the_argmax_of_full_forward_passes(out: Path):
    module, tokenizer = card.load(out)
    written = report_gpt.continuation(module, tokenizer, "Once there", Settings(temperature=0), seed=0)
    ids = [0, *tokenizer.encode("Once there").ids]
    with torch.no_grad():
        for _ in range(report_gpt.N_NEW):
            chosen = int(module(torch.tensor([ids])).logits[0, -1].argmax())
            if chosen == 0:
                break
            ids.append(chosen)
    assert written == tokenizer.decode(ids)
