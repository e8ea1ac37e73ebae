"""A tiny model for tests of the page: a real tokenizer, and a session that computes a consistent random network.

It stands where `export.runtime.session.Session` stands, so that these tests need no training and no ONNX Runtime. The
numbers mean nothing, but they belong together as a real model's do: the pattern is the causal softmax of the rotated
queries and keys, and everything depends on the ids alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from numpy.typing import ArrayLike, NDArray
from safetensors.numpy import save_file

from app.engine import Engine
from app.page.answers import Answers
from app.running import model as running
from export.runtime.session import Run
from model import config as configs
from model import taps
from model.config import ExpertsConfig, GPTConfig
from model.tokenizer import Tokenizer

CONFIG = GPTConfig(
    name="tiny",
    d_vocab=300,
    n_ctx=24,
    d_model=24,
    n_layers=3,
    n_heads=4,
    n_kv_heads=2,
    d_mlp=32,
    experts=ExpertsConfig(n_experts=4, top_k=2, d_expert=8, every=2),
    bos_token_id=0,
)
CORPUS = ["once upon a time there was a little dog", "the dog ran to the park because the cat sat there", "a cat"]


class NumPySession:
    """Random arrays in the shapes of the table of taps, made from the ids; counts its runs."""

    takes_past = False

    def __init__(self, folder: Path, graph: str = "tapped", spins: bool = False) -> None:
        self.config = configs.load(folder)
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.slowness_s = 0.0
        self._lock = threading.Lock()

    def run(self, ids: ArrayLike, *, taps: Iterable[str] = (), expert_bias: ArrayLike | None = None) -> Run:
        with self._lock:
            self.runs += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.slowness_s)
        tokens = np.atleast_2d(np.asarray(ids))
        assert tokens.shape[1] <= self.config.n_ctx
        bias = np.zeros((self.config.n_layers, 4)) if expert_bias is None else np.asarray(expert_bias)
        changes = [int(place) for place in np.flatnonzero(bias)]
        rng = np.random.default_rng([*tokens.ravel(), *changes])
        values = self._taps(rng, tokens.shape[1], bias)
        logits = rng.normal(0, 3, (1, tokens.shape[1], self.config.d_vocab)).astype(np.float32)
        with self._lock:
            self.at_once -= 1
        return Run(logits, {name: values[name] for name in taps}, None)

    def _taps(
        self, rng: np.random.Generator, n_tokens: int, expert_bias: NDArray[Any]
    ) -> dict[str, NDArray[np.float32]]:
        sizes = taps.sizes(self.config) | {"batch": 1} | dict.fromkeys(("pos", "query", "key"), n_tokens)
        table = taps.table(self.config)
        values = {
            name: rng.normal(size=[sizes[axis] for axis in tap.axes]).astype(np.float32) for name, tap in table.items()
        }
        for layer in self.config.expert_layers:
            values[taps.ROUTER.name(layer)] += expert_bias[layer].astype(np.float32)
        group = self.config.n_heads // self.config.kv_heads
        for layer in range(self.config.n_layers):
            q, k = values[taps.ROT_Q.name(layer)], values[taps.ROT_K.name(layer)]
            scores = np.einsum("bqhd,bkhd->bhqk", q, k.repeat(group, axis=2)) / np.sqrt(self.config.head_width)
            scores = np.where(np.tri(n_tokens, dtype=bool), scores, -np.inf)
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            values[taps.PATTERN.name(layer)] = (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)
        return values


def train_tokenizer(path: Path) -> None:
    """A byte-level BPE of CONFIG.d_vocab entries, the end-of-text token first."""
    inner = tokenizers.Tokenizer(tokenizers.models.BPE())
    inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=CONFIG.d_vocab,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(CORPUS * 5, trainer)
    assert inner.get_vocab_size() == CONFIG.d_vocab
    inner.save(str(path))


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints that holds one model, `tiny`."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text(configs.to_json(CONFIG), encoding="utf-8")
    train_tokenizer(folder / "tokenizer.json")
    (folder / "tapped.onnx").touch()
    rng = np.random.default_rng(0)
    shapes = {"embed.weight": (300, 24), "ln_final.weight": (24,)}
    shapes |= {f"blocks.{layer}.attn.o.weight": (24, 24) for layer in range(CONFIG.n_layers)}
    weights = {name: rng.normal(size=shape).astype(np.float16) for name, shape in shapes.items()}
    save_file(weights, folder / "model.safetensors")
    return folder.parent


@pytest.fixture(scope="session")
def tokenizer(checkpoints: Path) -> Tokenizer:
    """The tokenizer of `tiny`."""
    return Tokenizer.load(checkpoints / "tiny" / "tokenizer.json", CONFIG.bos_token_id)


@pytest.fixture
def engine(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(running, "Session", NumPySession)
    return Engine(checkpoints)


@pytest.fixture
def session(engine: Engine) -> NumPySession:
    """The session behind `engine`."""
    inner = engine.model("tiny").session
    assert isinstance(inner, NumPySession)
    return inner


@pytest.fixture
def answers(engine: Engine) -> Answers:
    return Answers(engine)
