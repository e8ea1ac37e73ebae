"""Pieces, windows, rows and the order of batches."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.study.objective import IGNORED
from model.train.data import Batches, Tokens
from model.train.text import MAIN, SOURCES, Split, find, train_tokenizer
from model.train.vocabulary import END, END_ID


def tokens_of(lengths: list[int]) -> Tokens:
    """Documents of so many tokens each, all tokens but the marks distinct."""
    documents = [[END_ID, *range(1000 * at + 1, 1000 * at + 1 + length)] for at, length in enumerate(lengths)]
    ids = [id for document in documents for id in document] + [END_ID]
    return Tokens(np.array(ids, dtype=np.uint16), np.cumsum([0, *map(len, documents)]))


def batches_of(seed: int = 0) -> Batches:
    """Two sources of unlike length."""
    sources = {MAIN: tokens_of([5, 9, 20, 3, 40, 11]), "fairytales": tokens_of([100, 50])}
    return Batches(sources, n_ctx=16, n_tokens=64, seed=seed)


@given(lengths=st.lists(st.integers(0, 60), min_size=1, max_size=8), n_ctx=st.integers(2, 20))
def test_pieces_hold_every_input_once_and_start_with_their_document(lengths: list[int], n_ctx: int):
    tokens = tokens_of(lengths)
    pieces = tokens.pieces(n_ctx)
    covered = [at for start, length in pieces for at in range(start, start + length)]
    assert covered == list(range(tokens.n_predicted))
    assert set(tokens.starts[:-1]) <= set(pieces[:, 0])
    assert pieces[:, 1].max() <= n_ctx


@given(lengths=st.lists(st.integers(0, 60), min_size=1, max_size=8), n_ctx=st.integers(2, 20))
def test_windows_score_every_token_once_with_enough_context(lengths: list[int], n_ctx: int):
    tokens = tokens_of(lengths)
    windows = tokens.windows(n_ctx)
    scored = [at for start, length, context in windows for at in range(start + context, start + length)]
    assert scored == list(range(tokens.n_predicted))
    assert windows[:, 1].max() <= n_ctx
    for start, _, context in windows:
        assert start in tokens.starts or context >= n_ctx // 2


def test_rows_predict_the_next_token_and_ignore_padding_and_context():
    tokens = tokens_of([3, 1])
    inputs, targets = tokens.rows(np.array([(0, 4, 1), (4, 2, 0)]))
    assert inputs.tolist() == [[0, 1, 2, 3], [0, 1001, 0, 0]]
    assert targets.tolist() == [[IGNORED, 2, 3, 0], [1001, 0, IGNORED, IGNORED]]


def test_a_mark_inside_a_document_is_encoded_as_plain_text(data: Path):
    tokenizer = train_tokenizer(Split.choose(find(data), 9), 300)
    tokens = Tokens.encode(tokenizer, [f"a {END} b", "c"])
    assert np.flatnonzero(tokens.ids == END_ID).tolist() == tokens.starts.tolist()
    assert tokenizer.decode(tokens.ids[1 : tokens.starts[1]].tolist()) == f"a {END} b"


def test_a_batch_is_no_larger_than_asked():
    batches = batches_of()
    for _ in range(100):
        inputs, targets = batches.take(mixed=True)
        assert inputs.numel() <= 64
        assert inputs.shape == targets.shape


def test_an_epoch_sees_every_piece_once(monkeypatch: pytest.MonkeyPatch):
    batches = batches_of()
    n_pieces = len(batches.by_source[MAIN].pieces(16))
    monkeypatch.setattr(Batches, "POOL", n_pieces)
    for _ in range(3):
        seen: Counter[int] = Counter()
        while sum(seen.values()) < batches.by_source[MAIN].n_predicted:
            _, targets = batches.take(mixed=False)
            seen.update(targets[targets != IGNORED].tolist())
        assert seen == Counter(batches.by_source[MAIN].ids[1:].tolist())


def test_sources_are_mixed_by_their_shares_and_then_the_stories_are_alone():
    batches = batches_of()
    rows = {True: 0, False: 0}
    fairytale_rows = dict(rows)
    fairytales = set(batches.by_source["fairytales"].ids.tolist()) - set(batches.by_source[MAIN].ids.tolist())
    for mixed in (True, False):
        while rows[mixed] < Batches.POOL:
            inputs, _ = batches.take(mixed)
            rows[mixed] += len(inputs)
            fairytale_rows[mixed] += sum(bool(fairytales & set(row)) for row in inputs.tolist())
    share = SOURCES["fairytales"].share / (SOURCES["fairytales"].share + SOURCES[MAIN].share)
    # Of the two books' pieces 9 of 11 hold tokens that no story has; the rows of a pool are a little more than 1,024.
    assert fairytale_rows[True] / rows[True] == pytest.approx(share, abs=0.05)
    assert fairytale_rows[False] == 0


@pytest.mark.parametrize("taken", [0, 1, 37, 400])
def test_restored_batches_go_on_where_they_were(taken: int):
    batches, restored = batches_of(), batches_of()
    for _ in range(taken):
        batches.take(mixed=True)
    restored.restore(batches.state())
    for _ in range(200):
        for expected, got in zip(batches.take(mixed=False), restored.take(mixed=False), strict=True):
            assert torch.equal(expected, got)


def test_the_order_is_a_function_of_the_seed():
    first, same, other = batches_of(1), batches_of(1), batches_of(2)
    orders = [[batches.take(mixed=True)[0].tolist() for _ in range(10)] for batches in (first, same, other)]
    assert orders[0] == orders[1] != orders[2]
