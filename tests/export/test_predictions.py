"""What is measured of a change in precision, and what is refused: numbers small enough to count by hand."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest

from export import half, int8, predictions
from model.config import Config
from model.tokenizer import Tokenizer
from tests.export.conftest import TINY, TINY_BERT, TINY_T5, write_checkpoint, write_vocabulary
from tests.export.test_weights import adder


def test_a_divergence_is_counted_in_bits():
    even, odds = np.log([[0.5, 0.5]]), np.log([[0.75, 0.25]])
    expected = 0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25)
    np.testing.assert_allclose(predictions.kl_bits(even, odds + 3.0), [expected])
    assert predictions.kl_bits(even, even) == [0.0]
    assert predictions.kl_bits(even, np.array([[np.nan, 0.0]])) == [np.inf]


def test_a_byte_times_its_scale_is_the_number_to_half_a_step():
    weight = np.random.default_rng(0).normal(size=(5, 64)) * np.array([[1e-3], [1.0], [30.0], [0.0], [1.0]])
    numbers, scales = int8.quantize(weight)
    assert (numbers.dtype, scales.dtype) == (np.dtype(np.uint8), np.dtype(np.float16))
    assert (numbers.shape, scales.shape) == ((5, 2, 32), (5, 2))
    steps = np.repeat(scales.astype(np.float64), 32, axis=-1)
    # The largest of a block may be cut by what rounding took from its scale.
    assert (np.abs(int8.dequantize(numbers, scales) - weight) <= 0.5 * steps + 2**-10 * np.abs(weight)).all()
    assert (numbers[3] == int8.ZERO).all()


def test_a_weight_past_the_end_of_float16_is_refused():
    model = adder([1, 2])
    model.graph.initializers["w"].const_value = ir.tensor(np.array([[0, 70_000]], np.float32))
    with pytest.raises(ValueError, match="w holds 70000; float16 ends at 65504: use --precision int8"):
        half.halve(model, {"w"})


def test_rows_that_are_no_whole_blocks_are_refused():
    with pytest.raises(
        ValueError, match="no weight has rows of whole blocks of 32 numbers; --precision fp16 takes any"
    ):
        int8.rewrite(adder([1, 2]))


@pytest.mark.parametrize(
    ("config", "without", "message"),
    [
        (dataclasses.replace(TINY_BERT, head="none", next_sentence=False), None, "tiny-bert has no head that predicts"),
        (TINY_BERT, "[MASK]", "the vocabulary has no [MASK] and no <mask>: nothing can be masked"),
        (TINY_T5, "<extra_id_", "the vocabulary has no <extra_id_0>, for which a T5 writes what was cut out"),
    ],
)
def test_what_predicts_nothing_is_refused(
    config: Config, without: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_vocabulary(write_checkpoint(tmp_path, config))
    if without:
        path = tmp_path / "tokenizer.json"
        path.write_text(path.read_text().replace(without, "[other"))
    monkeypatch.setattr(predictions, "Session", lambda *_, **__: None)
    with pytest.raises(ValueError, match=re.escape(message)):
        predictions.predictions(tmp_path, "float32", ["a b"])


def test_a_passage_past_the_context_is_read_in_parts(tmp_path: Path):
    write_vocabulary(tmp_path)
    letters = Tokenizer.load(tmp_path / "tokenizer.json").encode("abcdefgh" * 7).tokens
    rows = list(predictions.rows_of(letters, TINY.n_ctx))
    assert [len(row.ids) for row in rows] == [24, 24, 8]
    assert [id for row in rows for id in row.text] == [token.id for token in letters]


def test_the_held_out_text_is_there_and_long_enough():
    texts = predictions.passages()
    assert len(texts) >= 5
    assert sum(len(text.split()) for text in texts) > 600
