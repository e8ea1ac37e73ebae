"""The payload: what is unpacked on the other side is what the trace holds, and a cell can be recomputed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from app.engine import Engine
from app.exhibits.sampling import frame as sampling_frame
from app.wire import payload
from app.wire.payload import Packed
from model.study import sampling
from model.study.sampling import Settings
from model.trace import ForwardTrace, Stream, Token
from tests.app.conftest import CONFIG
from tests.frames import opened

TEXT = "the little dog ran to the park"


@pytest.fixture
def trace(engine: Engine) -> ForwardTrace:
    return engine.trace(TEXT, model="tiny")


def unpack(packed: dict[str, Any], name: str) -> NDArray[Any]:
    """An array as the browser sees it: a typed array over the blob, the causal half spread out into the square."""
    description = packed["arrays"][name]
    *outer, rows, columns = shape = description["shape"] if description["half"] else [*description["shape"], 1, 1]
    dtype = np.dtype(description["dtype"]).newbyteorder("<")
    length = int(np.prod(outer)) * rows * (columns + 1) // 2 if description["half"] else int(np.prod(shape))
    values = np.frombuffer(packed["blob"], dtype, length, description["offset"])
    if not description["half"]:
        return values.reshape(description["shape"])
    halves = iter(values.tolist())
    square = np.zeros(shape, dtype)
    for place in np.ndindex(*outer):
        for row in range(rows):
            for column in range(row + 1):
                square[(*place, row, column)] = next(halves)
    return square


@given(
    st.lists(
        arrays.arrays(
            st.sampled_from([np.uint8, np.uint16, np.uint32, np.float32]), arrays.array_shapes(min_side=0, max_side=7)
        ),
        max_size=4,
    )
)
def test_packed_arrays_come_back_from_aligned_offsets(given_arrays: list[NDArray[Any]]) -> None:
    named = {f"array {i}": array for i, array in enumerate(given_arrays)}
    packed = payload.pack({name: Packed(array, array.shape) for name, array in named.items()})
    for name, array in named.items():
        assert packed["arrays"][name]["offset"] % 4 == 0
        np.testing.assert_array_equal(unpack(packed, name), array)


def test_big_endian_arrays_travel_little_endian() -> None:
    packed = payload.pack({"a": Packed(np.array([1, 258], dtype=">u2"), (2,))})
    assert packed["blob"] == b"\x01\x00\x02\x01"


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.text(max_size=9), st.integers())), st.binary())
def test_a_frame_is_one_body_whose_blob_begins_at_a_multiple_of_four(fields: dict[str, Any], blob: bytes) -> None:
    fields.pop("blob", None)
    body = payload.framed({**fields, "blob": blob})
    assert opened(body) == {**fields, "blob": blob}
    assert (len(body) - len(blob)) % 4 == 0
    assert opened(payload.framed(fields))["blob"] == b""


@pytest.mark.parametrize("settings", [Settings(), Settings(temperature=0.5, top_k=9, top_p=0.8, min_p=0.02)])
def test_the_curve_is_the_vocabulary_in_falling_order(trace: ForwardTrace, settings: Settings) -> None:
    logits = trace.logits[0, -1]
    distribution = sampling.shape(logits, settings)
    packed = payload.pack(sampling_frame.curve(logits, distribution))
    ranks, curve, chances = (unpack(packed, name) for name in ("curve_ranks", "curve", "curve_chance"))
    assert {1, int(distribution.keep.sum()), CONFIG.d_vocab} <= set(ranks.tolist())
    assert (np.diff(ranks.astype(int)) > 0).all()
    ids = sampling.descending(logits)[ranks - 1]
    np.testing.assert_allclose(curve, distribution.probabilities[ids], rtol=1e-6)
    np.testing.assert_allclose(chances, distribution.chances[ids], rtol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257, 300, 4_096, 151_936])
def test_a_curve_of_any_vocabulary_has_few_points_and_no_gap_that_could_be_seen(n: int) -> None:
    kept = max(1, n // 3)
    ranks = sampling_frame.ranks(n, kept)
    assert (ranks[0], ranks[-1]) == (1, n)
    assert kept in ranks
    assert len(ranks) <= sampling_frame.EACH + sampling_frame.N_SPREAD + 1
    missing = np.flatnonzero(np.diff(ranks) > 1)
    pixels = 1_100 * np.diff(np.log(ranks)) / max(np.log(n), 1)
    assert (pixels[missing] < 0.75).all(), "on a picture 1,100 px wide"


def test_what_comes_next_lists_the_likeliest_and_sums_up_the_rest(trace: ForwardTrace) -> None:
    logits = trace.logits[0, -1]
    distribution = sampling.shape(logits, Settings(temperature=0.8, top_k=5))
    following = payload.next_token(logits, distribution, lambda id: {"text": f"<{id}>"}, n_top=12)
    top = following["top"]
    assert [entry["id"] for entry in top] == np.argsort(-logits)[:12].tolist()
    for entry in top:
        id = entry["id"]
        assert entry["text"] == f"<{id}>"
        assert entry["logit"] == float(logits[id])
        assert entry["probability"] == distribution.probabilities[id]
        assert entry["scaled"] == distribution.scaled[id]
        assert entry["chance"] == distribution.chances[id]
        assert entry["kept"] is bool(distribution.keep[id])
    assert [entry["kept"] for entry in top] == [True] * 5 + [False] * 7
    assert following["kept"] == 5
    assert following["left"] == {"top_k": 5}
    assert following["kept_mass"] == pytest.approx(sum(entry["scaled"] for entry in top[:5]))
    assert following["rest"] == CONFIG.d_vocab - 12
    assert following["rest_mass"] + sum(entry["probability"] for entry in top) == pytest.approx(1)
    assert following["entropy_bits"] == pytest.approx(sampling.entropy_bits(distribution.probabilities))


def test_tokens_carry_their_bytes_in_hex() -> None:
    tokens = (Token(0, "<|endoftext|>", 0, 0, special=True), Token(9, "é", 0, 1, "é".encode()))
    assert payload.tokens(Stream("é", tokens)) == [
        {"id": 0, "text": "<|endoftext|>", "start": 0, "end": 0, "raw": "", "special": True},
        {"id": 9, "text": "é", "start": 0, "end": 1, "raw": "c3a9", "special": False},
    ]
