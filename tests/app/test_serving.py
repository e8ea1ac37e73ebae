"""Serving the bundled model for real: without torch, with one line of output, and numbers that agree."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from app.page.desk import Desk
from app.wire import payload
from model.trace import ForwardTrace
from tests.app.page.test_answers import SAMPLING
from tests.frames import opened

ROOT = Path(__file__).resolve().parents[2]
STORY = (
    "Once upon a time there was a little dog. The dog ran to the park because he saw a big red ball. His mom said no."
)


@pytest.fixture(scope="module")
def bundled() -> Answers:
    """The answers of the page as it is shipped."""
    return Answers(Engine())


@pytest.fixture(scope="module")
def trace(bundled: Answers) -> ForwardTrace:
    return bundled.engine.trace(STORY)


@pytest.mark.parametrize("exhibit", WALK)
def test_a_frame_of_32_tokens_stays_below_150_kilobytes(bundled: Answers, exhibit: str) -> None:
    text = 2 * STORY
    text = text[: bundled.engine.trace(text).tokens[31].end]
    request = {"seq": 1, "text": text, "model": "gpt", "exhibit": exhibit, "sampling": SAMPLING, "of": "logit"}
    request |= {"layer": 0, "head": 0, "scheme": "own", "factor": 4, "sees": "own", "task": "translate"}
    reply = Desk().reply(bundled.frame, request, encode=payload.framed)
    assert len(opened(reply)["tokens"]) == 32
    assert len(reply) < 150_000


@pytest.mark.parametrize("place", [(0, 0, 9, 3), (1, 5, 20, 20), (3, 2, 15, 0), (5, 4, 26, 25)])
def test_the_numbers_of_a_cell_recompute_to_what_the_graph_computed(
    bundled: Answers, trace: ForwardTrace, place: tuple[int, int, int, int]
) -> None:
    request = {"seq": 1, "text": STORY, "model": "gpt"} | dict(
        zip(("layer", "head", "query", "key"), place, strict=True)
    )
    cell = bundled.named("cell")(request)
    layer, head, query, key = place
    assert cell["dot"] == pytest.approx(float(np.dot(cell["q"], cell["k"])))
    assert cell["scales"]
    root = np.sqrt(trace.config.head_width)
    scores = np.array([np.dot(cell["q"], k) / root for k in trace.qkv(layer, head)[1][: query + 1]])
    np.testing.assert_allclose(cell["row"]["scores"][: query + 1], scores, rtol=1e-9)
    pattern = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    np.testing.assert_allclose(trace.pattern(layer)[head, query, : query + 1], pattern, atol=1e-5)
    assert cell["probability"] == pytest.approx(pattern[key], abs=1e-5)
    assert not any(cell["row"]["probabilities"][query + 1 :])


def test_what_is_typed_later_changes_nothing_before_it(bundled: Answers, trace: ForwardTrace) -> None:
    half = bundled.engine.trace(STORY[:40].rsplit(" ", 1)[0])
    n_tokens = len(half.tokens)
    assert half.tokens == trace.tokens[:n_tokens]
    np.testing.assert_allclose(half.logits, trace.logits[:, :n_tokens], atol=1e-3)
    for layer in range(trace.config.n_layers):
        np.testing.assert_allclose(half.pattern(layer), trace.pattern(layer)[:, :n_tokens, :n_tokens], atol=1e-4)


def test_the_last_word_of_a_long_paste_still_decides(bundled: Answers) -> None:
    pasted = STORY * 90
    assert len(pasted) > 10_000
    frame = bundled.frame({"seq": 1, "text": pasted, "model": "gpt", "exhibit": "attention", "sampling": SAMPLING})
    assert len(frame["tokens"]) == 256
    assert frame["tokens"][-1]["end"] == len(pasted)
    assert "Showing the last 255 tokens of " in frame["notice"]


def test_serving_and_answering_never_import_torch() -> None:
    script = f"""
import sys
from app.page import page
from app.page.answers import Answers
from app.engine import Engine
engine = Engine()
page.build(engine)
request = {{"seq": 1, "text": {STORY!r}, "model": "gpt", "exhibit": "attention", "sampling": {SAMPLING!r},
            "layer": 0, "head": 0, "query": 1, "key": 0, "draw": 0}}
answers = Answers(engine)
for answer in (answers.frame, answers.named("cell"), answers.draw):
    assert answer(request)["text"].startswith({STORY!r})
heavy = sorted({{"torch", "transformers", "onnx", "onnxscript"}} & sys.modules.keys())
assert not heavy, heavy
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@contextmanager
def server(port: int) -> Iterator[subprocess.Popen[str]]:
    """`cutaway serve` as a child process; nothing of it is left afterwards."""
    command = [sys.executable, "-m", "app.main", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def test_the_server_says_its_address_in_one_line_and_ends_quietly_on_an_interrupt() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with server(port) as process:
        assert output(process).readline() == f"Cutaway: http://127.0.0.1:{port}/ (Ctrl+C to stop)\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert "Traceback" not in output(process).read()


def test_a_port_that_is_taken_is_named_with_the_way_out() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with server(port) as process:
            assert output(process).read() == f"Port {port} of 127.0.0.1 cannot be had; choose another with --port.\n"
            assert process.wait(timeout=30) == 1
