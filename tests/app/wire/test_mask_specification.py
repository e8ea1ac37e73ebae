"""Masks by name: what each allows on a text, that it only takes away, and what is refused in which words."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.page import STATIC
from app.wire import mask_specification
from app.wire.fields import Fields, RequestError
from app.wire.interventions import Interventions
from app.wire.mask_specification import KINDS, MOST_STARTS, START, Mask
from model import masks
from model.config import PRESETS, Config

GPT, BERT, T5 = PRESETS["gpt"], PRESETS["bert"], PRESETS["t5"]
N = 23
AT = np.arange(N)[None]
SPECS = ("window:4", "strided:5", "fixed:6:2", "longformer:4:2", "bigbird:2:1:1:7", "document:5:9", "document")


def painted(size: int, forbidden: list[tuple[int, int]]) -> str:
    bits = np.zeros((size, size), np.uint8)
    for cell in forbidden:
        bits[cell] = 1
    return f"painted:{size}.{base64.urlsafe_b64encode(np.packbits(bits).tobytes()).decode().rstrip('=')}"


def test_every_preset_is_the_function_of_its_paper_cut_to_what_the_model_allows():
    blocks = masks.draw_random_blocks(-(-N // 2), 1, 1, seed=7, causal=True)
    numbers = np.array([[0] * 5 + [1] * 4 + [2] * 14])
    expected = (
        masks.sliding_window(AT, AT, 4),
        masks.strided(AT, AT, 5),
        masks.fixed(AT, AT, 6, 2),
        masks.longformer(AT, AT, 4, np.array([0, 1])),
        masks.bigbird(AT, AT, 2, 1, blocks),
        masks.document(numbers, numbers),
        masks.causal(AT, AT),
    )
    for spec, pattern in zip(SPECS, expected, strict=True):
        allowed = Mask.read(spec, GPT).allowed(N, GPT)
        assert np.array_equal(allowed, pattern & masks.causal(AT, AT)), spec


@pytest.mark.parametrize("config", [BERT, T5], ids=["bert", "t5"])
def test_a_window_over_a_model_that_reads_both_ways_lies_on_both_sides(config: Config):
    allowed = Mask.read("window:3", config).allowed(N, config)
    assert (allowed == (abs(AT.T - AT) < 3)).all()


@pytest.mark.parametrize("config", [GPT, BERT], ids=["gpt", "bert"])
def test_a_text_of_nine_tokens_reads_blocks_at_random(config: Config):
    """They are drawn within the text, whatever the seed: over the whole context none of them lay within it."""
    without = Mask.read("bigbird:2:1:0:0", config).allowed(9, config)
    for seed in range(20):
        more = Mask.read(f"bigbird:2:1:1:{seed}", config).allowed(9, config) & ~without
        rows = {int(query) // 2 for query in np.flatnonzero(more[0].any(axis=-1))}
        assert rows == ({3, 4} if config is GPT else {1, 2, 3, 4}), seed


def test_random_blocks_of_a_decoder_stay_while_the_text_grows():
    """What is cached was computed under them."""
    mask = Mask.read("bigbird:2:1:2:3", GPT)
    for n_tokens in range(1, 40):
        assert np.array_equal(mask.allowed(40, GPT)[:, :n_tokens, :n_tokens], mask.allowed(n_tokens, GPT))


def test_painted_cells_are_forbidden_and_all_others_stay():
    forbidden = [(3, 1), (7, 7), (7, 2)]
    mask = Mask.read(painted(9, forbidden), GPT)
    for n_tokens in (5, 9, N):
        taken = (mask_specification.base(n_tokens, GPT) & ~mask.allowed(n_tokens, GPT))[0]
        assert np.argwhere(taken).tolist() == [list(cell) for cell in sorted(forbidden) if max(cell) < n_tokens]


def test_a_token_that_is_left_nothing_attends_to_itself():
    allowed = Mask.read(painted(4, [(2, 0), (2, 1), (2, 2)]), GPT).allowed(6, GPT)
    assert not allowed[:, 2].any()
    mended = mask_specification.with_self(allowed)
    assert np.argwhere(mended & ~allowed).tolist() == [[0, 2, 2]]


def test_the_graph_is_given_the_rows_of_the_new_tokens():
    whole = Interventions(mask=Mask.read("strided:4", GPT)).inputs(GPT, N)["attention_mask"]
    end = Interventions(mask=Mask.read("strided:4", GPT)).inputs(GPT, 3, n_past=N - 3)["attention_mask"]
    assert whole.shape == (1, N, N)
    assert np.array_equal(end, whole[:, -3:])


@given(st.sampled_from(SPECS), st.integers(1, 40))
def test_a_mask_never_gives_and_never_leaves_a_row_empty(spec: str, n_tokens: int):
    allowed = mask_specification.with_self(Mask.read(spec, GPT).allowed(n_tokens, GPT))
    assert not (allowed & ~mask_specification.base(n_tokens, GPT)).any()
    assert allowed.any(axis=-1).all()


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("shiny", "mask is 'shiny'; send one of window, strided, .*, painted, with its numbers."),
        ("window", "mask is 'window'; send window:window."),
        ("window:0", "window of the mask window is 0; send a whole number from 1 to 128."),
        ("window:1:2", "send window:window."),
        ("window:-1", "send window:window."),
        ("window:٣", "send window:window."),
        ("fixed:4", "send fixed:stride:summary."),
        ("bigbird:2:1:9:0", "random of the mask bigbird is 9; send a whole number from 0 to 4."),
        ("document:0", "start of the mask document is 0; send a whole number from 1 to 4095."),
        ("document:" + ":".join(map(str, range(1, 40))), "mask names 39 documents; send at most 32."),
        ("painted:0.", "painted mask is '0.'; send SIZE.BITS with a size from 1 to 64 tokens."),
        ("painted:65.AA", "a size from 1 to 64 tokens."),
        ("painted:9.AA", "painted mask of 9 tokens has 1 bytes; send 11."),
        ("painted:9.A", "painted mask of 9 tokens has 0 bytes; send 11."),
        ("painted:9.ÄÄ", "send SIZE.BITS"),
    ],
)
def test_what_is_no_mask_is_refused_with_the_way_out(spec: str, sentence: str):
    with pytest.raises(RequestError, match=sentence):
        Fields({"interventions": {"mask": spec}}).interventions("interventions", GPT)


@pytest.mark.parametrize("kind", ["strided:4", "fixed:4:1"])
def test_patterns_of_decoders_are_refused_where_a_model_reads_both_ways(kind: str):
    with pytest.raises(ValueError, match="which never looks ahead; bert reads both ways: choose another."):
        Mask.read(kind, BERT)


@given(st.text(max_size=30) | st.from_regex(r"[a-z]+(:\d+)*", fullmatch=True))
def test_any_other_text_is_a_mask_or_a_sentence(text: str):
    said = ""
    try:
        said = Mask.read(text, GPT).kind
    except ValueError as error:
        said = str(error)
    assert said in KINDS or said.endswith(".")


def test_masks_by_the_same_numbers_are_the_same_key():
    assert Mask.read("document:9:5", GPT) == Mask.read("document:5:9:9", GPT)
    assert hash(Mask.read("window:4", GPT)) == hash(Mask.read("window:4", GPT))
    assert Interventions(mask=Mask.read("window:4", GPT)) != Interventions()


def test_the_page_holds_a_link_within_the_same_limits() -> None:
    script = (STATIC / "js" / "state" / "mask_specification.js").read_text(encoding="utf-8")
    written = re.search(r"export const NUMBERS = (\{.*?\n\});", script, re.DOTALL)
    assert written is not None
    read = json.loads(re.sub(r",(\s*[\]}])", r"\1", re.sub(r"(\w+):", r'"\1":', written[1])))
    kinds = {kind: [[one.low, one.high, one.initial] for one in numbers] for kind, numbers in KINDS.items() if numbers}
    assert read == kinds
    assert f"const STARTS = [{START.low}, {START.high}];" in script
    assert f"const MOST_STARTS = {MOST_STARTS};" in script
