"""A few made-up stories and a model small enough to train on them within a test."""

from __future__ import annotations

import itertools
import json
import lzma
from pathlib import Path

import pytest

from model.config import BertConfig, ExpertsConfig, GPTConfig, T5Config
from model.study.recipe import Recipe
from model.train.vocabulary import END

HEROES = ("fox", "frog", "girl", "boy", "cat", "bird")
FINDS = ("ball", "star", "cake", "boat", "hat")
FEELINGS = ("happy", "sad", "proud")


def story(hero: str, find: str, feeling: str) -> str:
    """One of the made-up stories; the length of some exceeds the tiny model's context."""
    middle = f'"Look, a {find}!" said the {hero}. ' * (1 + len(feeling) % 3)
    return f"Once there was a little {hero}.\nThe {hero} found a {find}. {middle}The {hero} was {feeling}."


@pytest.fixture(scope="session")
def stories() -> list[str]:
    """Ninety distinct stories."""
    return [story(*words) for words in itertools.product(HEROES, FINDS, FEELINGS)]


@pytest.fixture(scope="session")
def data(stories: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with TinyStories, plain, and a picture book, compressed."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "tinystories.txt").write_text(f"\n{END}\n".join(stories), encoding="utf-8")
    book = "The goat\n\nThe goat ate the\ngrass. Then it ate\nthe hat.\n\n" * 20
    with lzma.open(folder / "picturebooks.txt.xz", "wt", encoding="utf-8") as file:
        file.write(f"{book}{END}\n{book.upper()}")
    return folder


@pytest.fixture(scope="session")
def corpus(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with every source, small."""
    folder = tmp_path_factory.mktemp("corpus")
    for path in data.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    words = list(itertools.product(HEROES, FINDS, FEELINGS))
    articles = (
        f"Article {at}\nThe {hero} is an animal. It has a {find}.\nMany a {hero} is {feeling}. People know it well."
        for at, (hero, find, feeling) in enumerate(words)
    )
    with lzma.open(folder / "wikipedia.txt.xz", "wt", encoding="utf-8") as file:
        file.write("\n\n".join(articles) + "\n")
    pairs = [
        f"The {feeling} {hero} {verb} a {find}.\tLe {hero} {feeling} {verb} un {find} {colour}."
        for hero, find, feeling in words
        for verb in ("has", "sees")
        for colour in ("bleu", "vert")
    ]
    (folder / "tatoeba-eng-fra.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    rated = [f"a {feeling} {find} for a {hero}\t{int(feeling != 'sad')}" for hero, find, feeling in words]
    (folder / "sst2-train.tsv").write_text("\n".join(["sentence\tlabel", *rated[:70]]) + "\n", encoding="utf-8")
    (folder / "sst2-dev.tsv").write_text("\n".join(["sentence\tlabel", *rated[65:]]) + "\n", encoding="utf-8")
    minimal = [
        {"good": f"The {hero} has {n} hats.", "bad": f"The {hero} have {n} hats.", "uid": "agreement"}
        for hero in HEROES
        for n in range(2, 40)
    ]
    (folder / "blimp.jsonl").write_text("\n".join(map(json.dumps, minimal)) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_bert() -> BertConfig:
    """A BERT with next to no parameters."""
    return BertConfig("tiny-bert", d_vocab=200, n_ctx=48, d_model=16, n_layers=1, n_heads=2, d_mlp=32)


@pytest.fixture(scope="session")
def tiny_t5() -> T5Config:
    """A T5 with next to no parameters."""
    return T5Config("tiny-t5", d_vocab=150, n_ctx=48, d_model=16, n_layers=1, n_heads=2, d_mlp=32)


@pytest.fixture(scope="session")
def tiny() -> GPTConfig:
    """A GPT with everything that the bundled one has, and next to no parameters."""
    return GPTConfig(
        name="tiny",
        d_vocab=300,
        n_ctx=48,
        d_model=16,
        n_layers=2,
        n_heads=2,
        n_kv_heads=1,
        d_mlp=32,
        experts=ExpertsConfig(n_experts=2, top_k=1, d_expert=16, every=2),
        bos_token_id=0,
    )


@pytest.fixture(scope="session")
def brief() -> Recipe:
    """A few steps on small batches."""
    return Recipe(steps=8, batch_tokens=192, n_held_out=9, eval_every=4)
