"""Beam search: parity with `transformers`, the whole tree where it can be listed, and what a greedy path is."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import GPT2Config, GPT2LMHeadModel

from model.softmax import log_softmax
from model.study import beam

END = 0


class Continuations:
    """What `model.study.beam.Advance` asks for, with a function of the tokens so far in the model's place; keeps
    nothing.
    """

    def __init__(self, logits: Any) -> None:
        self.logits = logits
        self.rows: list[tuple[int, ...]] = [()]

    def __call__(self, rows: Sequence[int], ids: Sequence[int]) -> NDArray[np.floating]:
        self.rows = [(*self.rows[row], id) for row, id in zip(rows, ids, strict=True)]
        return np.stack([self.logits(row) for row in self.rows])


def search(logits: Any, width: int, depth: int, ends: Sequence[int] = (END,)) -> beam.Tree:
    return beam.search(logits(()), Continuations(logits), Continuations(logits), width=width, depth=depth, ends=ends)


def ids_of(tree: beam.Tree, leaf: int) -> tuple[int, ...]:
    return tuple(tree.nodes[node].id for node in tree.path(leaf))


def random_table(seed: int, d_vocab: int) -> Any:
    """A model whose logits depend on the whole continuation, as a hash would make them."""

    def logits(ids: tuple[int, ...]) -> NDArray[np.float64]:
        return np.random.default_rng([seed, *ids]).normal(0, 2, d_vocab)

    return logits


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("width", [2, 3, 5])
def test_it_finds_what_transformers_finds(seed: int, width: int) -> None:
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=23, n_positions=40, n_embd=16, n_layer=2, n_head=2, initializer_range=0.6, eos_token_id=END
    )
    model = GPT2LMHeadModel(config).eval()
    prompt = [5, 7, 3]

    def logits(ids: tuple[int, ...]) -> NDArray[np.float64]:
        with torch.no_grad():
            return model(torch.tensor([[*prompt, *ids]])).logits[0, -1].double().numpy()

    depth = 9
    theirs = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        num_beams=width,
        num_return_sequences=width,
        max_new_tokens=depth,
        do_sample=False,
        length_penalty=1.0,
        early_stopping=False,
        eos_token_id=END,
        pad_token_id=22,
        return_dict_in_generate=True,
        output_scores=True,
    )
    tree = search(logits, width, depth)
    found = [tuple(id for id in row[len(prompt) :] if id != 22 or END not in row) for row in theirs.sequences.tolist()]
    assert [ids_of(tree, leaf) for leaf in tree.finished] == found
    scores = [tree.nodes[leaf].normalized for leaf in tree.finished]
    np.testing.assert_allclose(scores, theirs.sequences_scores.tolist(), atol=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_wide_enough_it_finds_the_best_of_all_continuations(seed: int) -> None:
    logits = random_table(seed, 2)
    tree = search(logits, width=4, depth=3, ends=())
    every = {}
    for ids in itertools.product(range(2), repeat=3):
        steps = [log_softmax(logits(ids[:at]))[ids[at]] for at in range(3)]
        every[ids] = float(sum(steps))
    best = max(every, key=lambda ids: every[ids])
    assert ids_of(tree, tree.finished[0]) == best
    for leaf in tree.finished:
        assert tree.nodes[leaf].score == pytest.approx(every[ids_of(tree, leaf)])


def test_one_continuation_is_the_greedy_path() -> None:
    logits = random_table(1, 9)
    tree = search(logits, width=1, depth=6, ends=())
    assert tree.path(tree.finished[0]) == list(tree.greedy)
    so_far: tuple[int, ...] = ()
    for node in tree.greedy:
        assert tree.nodes[node].id == logits(so_far).argmax()
        so_far = (*so_far, tree.nodes[node].id)


@pytest.mark.parametrize("seed", range(10))
def test_scores_are_sums_along_the_path_and_parents_come_first(seed: int) -> None:
    tree = search(random_table(seed, 9), width=3, depth=8)
    for index, node in enumerate(tree.nodes):
        assert node.parent is None or node.parent < index
        path = [tree.nodes[step] for step in tree.path(index)]
        assert node.score == pytest.approx(sum(step.log_probability for step in path))
        assert node.depth == len(path)
        assert all(step.id != END for step in path[:-1]), "nothing goes on after the end"
    assert len({ids_of(tree, index) for index in range(len(tree.nodes))}) == len(tree.nodes)
    ranks = [tree.nodes[leaf].normalized for leaf in tree.finished]
    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize(
    ("width", "depth", "sentence"),
    [(0, 4, "width is 0; choose from 1"), (6, 4, "width is 6"), (2, 0, "depth is 0"), (2, 13, "depth is 13; choose")],
)
def test_a_search_of_another_size_is_refused(width: int, depth: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        search(random_table(0, 9), width, depth)
