"""What an example claims is true of the model that reads it: each claim of the page's list, on its own text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from app.engine import Engine, Reading
from app.exhibits.trio.gap import TASKS
from model import zoo
from model.study.objective import losses
from tests.js import run

EXAMPLES: list[Mapping[str, Any]] = run.evaluated("Object.values(exhibits).flatMap(({ examples }) => examples)")


@pytest.fixture(scope="module")
def bundled() -> Engine:
    """The models that ship; no name here hides the tiny one's fixtures."""
    if not all((zoo.CHECKPOINTS / name / "tapped.onnx").is_file() for name in ("gpt", "bert", "t5")):
        pytest.skip("the graphs of the bundled models are not built; python -m export build")
    return Engine(zoo.CHECKPOINTS)


def written(reading: Reading) -> str:
    return reading.trace.streams["decoder"].text


def likeliest(reading: Reading, n: int) -> set[str]:
    ids = np.argsort(reading.trace.logits[0, -1])[-n:].tolist()
    return {reading.model.tokenizer.text_of(id).strip() for id in ids}


def one_head_looks_at_what_followed_the_first_time(reading: Reading, engine: Engine) -> bool:
    ids = [token.id for token in reading.trace.tokens]
    first = ids.index(ids[-1])
    layers = range(reading.model.config.n_layers)
    return first < len(ids) - 1 and max(reading.trace.pattern(layer)[:, -1, first + 1].max() for layer in layers) > 0.5


def both_names_are_likely(reading: Reading, engine: Engine) -> bool:
    return {"Tom", "Anna"} <= likeliest(reading, 12)


def only_who_reads_both_ways_uses_what_follows_the_gap(reading: Reading, engine: Engine) -> bool:
    text = reading.trace.streams["text"].text
    at = [token.id == reading.model.tokenizer.mask_id for token in reading.trace.tokens].index(True)
    other = engine.read(text.replace("had no food", "got a present"), "bert")
    moved = np.abs(reading.trace.logits[0, at] - other.trace.logits[0, at]).max()
    causal = {name: engine.config(name).stacks[engine.config(name).streams[0]].causal for name in ("gpt", "bert", "t5")}
    return moved > 0.5 and causal == {"gpt": True, "bert": False, "t5": False}


def it_writes_what_is_missing(reading: Reading, engine: Engine) -> bool:
    gap, start = "<extra_id_0>", reading.trace.streams["decoder"].tokens
    return gap in [token.text for token in reading.trace.tokens] and start[1].text == gap and len(start) > 2


def it_is_french(reading: Reading, engine: Engine) -> bool:
    return {"homme", "chien", "parc"} <= set(written(reading).replace(".", " ").split())


def cross_attention_reads_the_task(reading: Reading, engine: Engine) -> bool:
    n_task = [token.text for token in reading.trace.tokens].index(":") + 1
    layers = range(engine.config("t5").n_layers)
    return max(reading.trace.pattern(layer, "cross")[..., :n_task].sum(-1).max() for layer in layers) > 0.5


def it_is_judged(reading: Reading, engine: Engine) -> bool:
    return written(reading) == "positive"


def signs_are_bytes_or_unknown(reading: Reading, engine: Engine) -> bool:
    text = reading.trace.streams["text"].text
    unknown = [token.text for token in engine.trace(text, "bert").tokens].count("[UNK]")
    return len(reading.trace.tokens) > len(text) and unknown > 0


def it_is_code_that_costs_each_another_number(reading: Reading, engine: Engine) -> bool:
    text = reading.trace.streams["text"].text
    counts = {len(engine.trace(text, name).tokens) for name in ("gpt", "gpt-rope", "bert", "t5")}
    return "\t" in text and "\n" in text and any(map(str.isdigit, text)) and len(counts) > 2


def it_is_longer_than_the_window_and_said_so(reading: Reading, engine: Engine) -> bool:
    return reading.trace.streams["text"].clipped > 0 and bool(reading.notices)


def the_last_word_costs_most(reading: Reading, engine: Engine) -> bool:
    ids = np.array(reading.trace.streams["text"].ids)
    nats = losses(reading.trace.logits[0, :-1], ids[1:]).nats
    return int(nats.argmax()) == len(nats) - 1


CLAIMS: Mapping[str, Callable[[Reading, Engine], bool]] = {
    "Said twice: one head looks back at what followed the first time": one_head_looks_at_what_followed_the_first_time,
    "Who gets it? The heads that decide between two names": both_names_are_likely,
    "Loss, token by token: the unlikely last word costs more than any other": the_last_word_costs_most,
    "A gap in the middle: only BERT and T5 can use what comes after it": (
        only_who_reads_both_ways_uses_what_follows_the_gap
    ),
    "The same gap in T5's spelling: it writes what is missing": it_writes_what_is_missing,
    "Into French: which word was read while each was written": it_is_french,
    "The task is a few words in front of the text; cross-attention reads them too": cross_attention_reads_the_task,
    "A judgement, written as a word": it_is_judged,
    "What looks like one sign is many bytes; some vocabularies have no entry for it": signs_are_bytes_or_unknown,
    "Code: tabs, line ends and numbers, and who spends how many tokens on them": (
        it_is_code_that_costs_each_another_number
    ),
    "Longer than the window: what the model no longer reads, and says so": it_is_longer_than_the_window_and_said_so,
}


def test_every_example_makes_one_claim_that_is_read_here() -> None:
    assert sorted(example["shows"] for example in EXAMPLES) == sorted(CLAIMS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["shows"])
def test_what_an_example_claims_is_true_on_its_model(example: Mapping[str, Any], bundled: Engine) -> None:
    task = example.get("set", {}).get("task", "") if example["family"] == "t5" else ""
    text = TASKS.get(task, "") + example["text"]
    reading = bundled.read(text, example.get("model", example["family"]))
    assert CLAIMS[example["shows"]](reading, bundled)
