"""Every preset at once, tiny: trained, measured, left alone when finished, and its figures those of its card."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
import torch

from model import config as configs
from model.config import PRESETS, BertConfig, GPTConfig, PositionConfig, T5Config
from model.study import timelapse
from model.study.objective import IGNORED
from model.train import card, everything, lengths, measure_t5, report_bert
from model.train.__main__ import main
from model.train.generate import write
from model.train.masked_tokens import MaskedTokens
from model.train.plans import PLANS
from model.train.text_to_text import TextToText
from model.train.workers import Worker

NAMES = ("gpt-learned", "gpt-rope", "bert", "t5")


@pytest.fixture(scope="module")
def out(
    tmp_path_factory: pytest.TempPathFactory, corpus: Path, tiny: GPTConfig, tiny_bert: BertConfig, tiny_t5: T5Config
) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    learned = dataclasses.replace(tiny, experts=None, positions=PositionConfig("learned"))
    presets = dict(zip(NAMES, (learned, dataclasses.replace(tiny, experts=None), tiny_bert, tiny_t5), strict=True))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lengths, "LENGTHS", (48, 96))
        patched.setattr(lengths, "N_SCORED", 16)
        for name in list(PLANS):
            if name not in NAMES:
                patched.delitem(PLANS, name)
        for name, preset in presets.items():
            recipe = dataclasses.replace(
                PLANS[name].recipe, steps=12, lr=1e-2, batch_tokens=256, n_held_out=9, eval_every=6
            )
            patched.setitem(PRESETS, name, preset)
            patched.setitem(PLANS, name, dataclasses.replace(PLANS[name], recipe=recipe))
        main(["all", "--data", str(corpus), "--out", str(folder)])
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
        main(["all", "--data", str(corpus), "--out", str(folder)])  # all of them are finished
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before
    return folder


def text(out: Path, name: str) -> str:
    return (out / name / "CARD.md").read_text(encoding="utf-8")


def row(written: str, begin: str) -> list[str]:
    """The cells of the one row of a card that begins so."""
    (found,) = [line for line in written.splitlines() if line.startswith(f"| {begin}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


@pytest.mark.parametrize("name", NAMES)
def test_each_card_says_how_to_repeat_the_run_and_names_its_licences(out: Path, name: str):
    written = text(out, name)
    assert f"python -m model.train {name} --data DIR --out DIR --steps 12" in written
    assert "CDLA-Sharing-1.0" in written
    assert ("CC BY-SA 3.0" in written) == (name in ("bert", "t5"))
    assert ("CC BY 2.0 FR" in written) == (name == "t5")


def test_only_the_filmed_model_has_a_timelapse_and_its_command_says_so(out: Path):
    assert [path.parent.name for path in sorted(out.glob("*/timelapse.npz"))] == [everything.FILMED]
    moments = timelapse.Timelapse(out / everything.FILMED / "timelapse.npz").moments
    assert [moments[0].step, moments[-1].step] == [0, 12]
    assert f"--snapshots {everything.N_SNAPSHOTS}" in text(out, everything.FILMED)
    assert "--snapshots" not in text(out, "bert")


def test_position_models_have_a_table_of_lengths_that_the_card_repeats(out: Path):
    rope, learned = (json.loads((out / name / "lengths.json").read_text()) for name in ("gpt-rope", "gpt-learned"))
    assert learned["nats"]["96"] is None
    assert row(text(out, "gpt-learned"), "96")[1] == "no such positions"
    assert row(text(out, "gpt-rope"), "96")[1] == f"{rope['nats']['96']:.3f}"


def test_the_shared_vocabulary_is_the_same_in_all_of_them(out: Path):
    assert (out / "gpt-rope" / "tokenizer.json").read_bytes() == (out / "gpt-learned" / "tokenizer.json").read_bytes()


def test_berts_card_counts_right_guesses_and_compares_them_with_bigrams(out: Path, corpus: Path):
    module, tokenizer = card.load(out / "bert")
    task = MaskedTokens.load(
        configs.load(out / "bert"), dataclasses.replace(PLANS["bert"].recipe, n_held_out=9), corpus, tokenizer
    )
    with Worker.join() as worker:
        measured = task.measure(module, worker)
    assert f"| this model ({measured.loss:.3f} nats a token) | {measured.figure:.1%} |" in text(out, "bert")
    share = float(row(text(out, "bert"), "bigrams on both sides, interpolated")[1].rstrip("%")) / 100
    left, right, was = report_bert.gaps(task.held_out)
    assert 0 < share < 1
    assert len(left) == len(right) == len(was) == sum((example.targets != IGNORED).sum() for example in task.held_out)
    samples = text(out, "bert").split("## Ten samples")[1]
    assert samples.count("> ") == len(report_bert.SENTENCES) == 10


def test_a_filled_sentence_shows_probabilities_of_the_whole_vocabulary(out: Path, corpus: Path):
    module, tokenizer = card.load(out / "bert")
    task = MaskedTokens.load(
        configs.load(out / "bert"), dataclasses.replace(PLANS["bert"].recipe, n_held_out=9), corpus, tokenizer
    )
    found = report_bert.fill(module, task, "The little [MASK] was happy.")
    ids = [2, *task.encode(("The little",)), 4, *task.encode(("was happy.",)), 3]
    with torch.no_grad():
        p = module(torch.tensor([ids])).logits[0, ids.index(4)].softmax(-1)
    assert [chance for _, chance in found] == pytest.approx(sorted(p.tolist(), reverse=True)[: len(found)])
    assert found[0][0] == tokenizer.id_to_token(int(p.argmax()))


def test_t5s_card_has_each_figure_beside_its_baseline_and_ten_samples(out: Path):
    written = text(out, "t5")
    for what in (
        "translation, chrF",
        "translation, BLEU",
        "sentiment, accuracy",
        "grammar, accuracy",
        "gaps filled exactly",
    ):
        assert len(row(written, what)) == 5
    assert row(written, "grammar, accuracy")[3] == "50.0%"
    assert (
        len(re.findall(r"^\| (?:translate|sentiment|grammar|fill)", written.split("## Ten samples")[1], re.MULTILINE))
        == 10
    )


def test_batched_writing_is_the_argmax_of_full_forward_passes(out: Path, corpus: Path):
    module, tokenizer = card.load(out / "t5")
    task = TextToText.load(
        configs.load(out / "t5"), dataclasses.replace(PLANS["t5"].recipe, n_held_out=9), corpus, tokenizer
    )
    reads = [task.pair(text, "").read for text in ("sentiment: a happy hat", "grammar: The fox", "fill: a")]
    for read, written in zip(reads, write(module, task, reads, 6), strict=True):
        ids = [module.config.start_token_id]
        with torch.no_grad():
            for _ in range(6):
                ids.append(int(module(torch.tensor([read]), torch.tensor([ids])).logits[0, -1].argmax()))
        expected = ids[1:]
        assert written == (expected[: expected.index(task.end)] if task.end in expected else expected)


def test_references_are_laid_out_for_sacrebleu():
    assert measure_t5.streams([["a", "b"], ["c"]]) == [["a", "c"], ["b", "c"]]
    assert measure_t5.chrf(["Le chat dort."], [["Il dort.", "Le chat dort."]]) == pytest.approx(100)
    assert measure_t5.bleu(["Le petit chat dort ."], [["Le grand chien mange ."]]) < 50
