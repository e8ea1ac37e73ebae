"""Frame, cell and draw: what the browser gets for what it sends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.exhibits import WALK
from app.page.answers import DEFAULT_TEXT, Answers
from app.running.model import N_WRITTEN
from app.wire.fields import RequestError
from app.wire.text import CHARACTERS
from model.study import sampling
from tests.app.conftest import CONFIG, NumPySession

SAMPLING = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0}


def ask(**fields: Any) -> dict[str, Any]:
    """A request for the tiny model."""
    neutral = {"seq": 1, "text": "the little dog", "model": "tiny", "exhibit": "tokens", "sampling": SAMPLING}
    return neutral | {"of": "logit", "task": "translate"} | fields


def test_the_catalog_describes_every_model_and_the_first_picture(answers: Answers) -> None:
    catalog = answers.catalog()
    assert catalog["models"]["tiny"] == {
        "name": "tiny",
        "family": "gpt",
        "n_layers": 3,
        "n_heads": 4,
        "n_kv_heads": 2,
        "d_head": 6,
        "d_model": 24,
        "d_mlp": 32,
        "n_ctx": 24,
        "d_vocab": 300,
        "predicts": True,
        "stacks": {
            "text": {"layers": 3, "causal": True, "windows": (None,) * 3, "asks": "text", "reads": "text"},
        },
        "positions": "rope",
        "traits": [
            "reads-normed",
            "adds-raw",
            "scores-uncapped",
            "scaled-by-head",
            "scores-divided",
            "logits-uncapped",
            "unconvolved",
            "keys-own",
            "gates-softmax",
            "gates-normed",
            "gates-unscaled",
            "gates-ungrouped",
            "gates-unbiased",
            "experts-alone",
            "feed-gated",
            "feed-unbiased",
            "logits-sum",
            "speaks",
            "norms-before",
        ],
        "experts": {
            "n_experts": 4,
            "top_k": 2,
            "d_expert": 8,
            "layers": [0, 2],
            "switched": True,
            "active_parameters": 8952 - 2 * 2 * 3 * 24 * 8,
        },
        "parameters": 8952,
        "means": False,
        "about": None,
    }
    assert catalog["default"] == {"model": "tiny", "text": DEFAULT_TEXT, "exhibit": WALK[0]}
    assert catalog["walk"] == WALK
    assert catalog["limits"] == {"characters": CHARACTERS, "written": N_WRITTEN}


@pytest.mark.parametrize(
    ("exhibit", "arrays"),
    [
        (
            "machine",
            {"pattern", "pattern_head", "norms", "added", "added_open", "medians", "router", "embed", "embed_scale"},
        ),
        ("tokens", {"ruler_ids", "ruler_starts", "ruler_ends"}),
        ("attention", {"pattern", "pattern_head", "habits"}),
        ("experts", {"router_logits", "router", "weights"}),
        ("residual", set()),
        ("sampling", {"curve_ranks", "curve", "curve_chance", "draws_u"}),
        ("cache", {"cache_q", "cache_keys", "cache_values", "cache_weights", "cache_z"}),
    ],
)
def test_a_frame_brings_only_what_its_exhibit_draws(answers: Answers, exhibit: str, arrays: set[str]) -> None:
    frame = answers.frame(ask(exhibit=exhibit))
    assert frame["text"] == "the little dog"
    assert frame["notice"] is None
    assert frame["clipped"] == 0
    assert frame["arrays"].keys() == arrays
    assert bool(frame["blob"]) is bool(arrays)
    assert "".join(token["text"] for token in frame["tokens"][1:]) == "the little dog"
    assert len(frame["next"]["top"]) == answers.exhibits[exhibit].n_top
    assert frame["next"]["d_vocab"] == CONFIG.d_vocab
    timing = frame["timing_ms"]
    assert timing["total"] >= timing["tokenize"] + timing["graph"] + timing["pack"] > 0


@pytest.mark.parametrize(
    "text", ["", "a", "<script>alert(1)</script>", "שלום", "👨‍👩‍👧", "\x00", "\ud800", "x" * 10_000]
)
def test_a_frame_echoes_exactly_the_text_that_was_asked_for(answers: Answers, text: str) -> None:
    assert answers.frame(ask(text=text))["text"] == text


def test_a_frame_says_what_was_done_to_the_text(answers: Answers) -> None:
    frame = answers.frame(ask(text="the dog \x00 " * 2_000))
    assert frame["clipped"] > 0
    assert frame["notice"].startswith("The text has 20,000 characters; the last ")
    assert "control characters (U+0000) read as bytes." in frame["notice"]
    assert frame["notice"].endswith(f"Showing the last 23 tokens of {23 + frame['clipped']:,}.")


def test_a_cell_names_its_place_and_comes_from_the_same_run(answers: Answers, session: NumPySession) -> None:
    answers.frame(ask(exhibit="attention"))
    cell = answers.named("cell")(ask(layer=1, head=3, query=2, key=1))
    assert session.runs == 1
    assert {name: cell[name] for name in ("layer", "head", "query", "key")} == {
        "layer": 1,
        "head": 3,
        "query": 2,
        "key": 1,
    }
    trace = answers.engine.trace("the little dog", model="tiny")
    assert cell["probability"] == float(trace.pattern(1)[3, 2, 1])


@pytest.mark.parametrize(("field", "past"), [("layer", 3), ("head", 4), ("query", 99), ("key", 99)])
def test_a_cell_outside_the_model_or_the_text_is_refused(answers: Answers, field: str, past: int) -> None:
    place = {"layer": 0, "head": 0, "query": 0, "key": 0, field: past}
    with pytest.raises(RequestError, match=f"{field} is {past}; send a whole number from 0 to"):
        answers.named("cell")(ask(**place))


def test_a_draw_appends_what_the_seed_decides_and_again_the_same(answers: Answers) -> None:
    request = ask(sampling=SAMPLING | {"seed": 11}, draw=4)
    first = answers.draw(request)
    assert answers.draw(request) == first
    logits = answers.engine.trace("the little dog", model="tiny").logits[0, -1]
    chances = sampling.shape(logits, sampling.Settings()).chances
    assert first["u"] == sampling.generator(11, 4).random()
    assert first["drawn"][0]["id"] == sampling.draw(chances, first["u"])
    assert first["drawn"][0]["chance"] == chances[first["drawn"][0]["id"]]
    others = {answers.draw(request | {"draw": draw})["u"] for draw in range(5, 10)}
    assert len(others) == 5


def force(session: NumPySession, monkeypatch: pytest.MonkeyPatch, *ids: int) -> None:
    """Makes the model say these tokens, in turn, whatever comes before."""
    inner, turn = session.run, iter(ids)

    def run(*args: Any, **kwargs: Any) -> Any:
        result = inner(*args, **kwargs)
        result.logits[0, -1] = -50
        result.logits[0, -1, next(turn)] = 50
        return result

    monkeypatch.setattr(session, "run", run)


def ids_of_bytes(answers: Answers, raw: bytes) -> list[int]:
    """The entries that stand for single bytes."""
    tokenizer = answers.engine.model("tiny").tokenizer
    by_bytes = {tokenizer.bytes_of(id): id for id in range(1, CONFIG.d_vocab)}
    return [by_bytes[bytes([byte])] for byte in raw]


@pytest.mark.parametrize("character", ["a", "é", "你", "👍"])
def test_a_draw_goes_on_until_the_character_is_whole(
    answers: Answers, session: NumPySession, monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    ids = ids_of_bytes(answers, character.encode())
    force(session, monkeypatch, *ids)
    answer = answers.draw(ask(draw=0))
    assert answer["text"] == "the little dog" + character
    assert [token["id"] for token in answer["drawn"]] == ids
    assert not answer["ended"]


@pytest.mark.parametrize(
    ("raw", "spelled"), [(b"\x80", "\ufffd"), (b"\xf0\xf0\xf0\xf0", "\ufffd" * 4), (b"\xe4\xbda", "\ufffda")]
)
def test_bytes_that_make_no_character_are_appended_as_replacement_characters(
    answers: Answers, session: NumPySession, monkeypatch: pytest.MonkeyPatch, raw: bytes, spelled: str
) -> None:
    force(session, monkeypatch, *ids_of_bytes(answers, raw))
    answer = answers.draw(ask(text="b", draw=0))
    assert answer["text"] == "b" + spelled
    assert len(answer["drawn"]) == len(raw)


@pytest.mark.parametrize(("text", "spelled"), [("", "a"), ("b", "b a")])
def test_what_begins_a_text_that_is_read_with_a_space_in_front_is_written_without_one(
    answers: Answers, session: NumPySession, monkeypatch: pytest.MonkeyPatch, text: str, spelled: str
) -> None:
    """Else the text would be read as beginning with two of them, and not with the token that was drawn."""
    tokenizer = answers.engine.model("tiny").tokenizer
    (id,) = ids_of_bytes(answers, b"a")
    monkeypatch.setattr(tokenizer, "bytes_of", lambda drawn: b" a" if drawn == id else b"")
    monkeypatch.setattr(tokenizer, "puts_space_in_front", True)
    force(session, monkeypatch, id)
    assert answers.draw(ask(text=text, draw=0))["text"] == spelled


def test_the_end_of_text_leaves_the_text_as_it_is(
    answers: Answers, session: NumPySession, monkeypatch: pytest.MonkeyPatch
) -> None:
    force(session, monkeypatch, 0)
    answer = answers.draw(ask(draw=0))
    assert answer["ended"]
    assert answer["text"] == "the little dog"
    assert [token["text"] for token in answer["drawn"]] == ["<|endoftext|>"]


def test_draws_of_the_page_agree_with_the_chances_it_shows(answers: Answers) -> None:
    settings = SAMPLING | {"temperature": 0.7, "top_k": 6, "seed": 5}
    shown = {entry["id"]: entry["chance"] for entry in answers.frame(ask(sampling=settings))["next"]["top"]}
    n = 2_000
    drawn = [answers.draw(ask(sampling=settings, draw=draw))["drawn"][0]["id"] for draw in range(n)]
    counts = np.array([drawn.count(id) for id in shown])
    expected = n * np.array(list(shown.values()))
    assert counts.sum() == n
    kept = expected > 0
    assert not counts[~kept].any()
    chi_square = ((counts[kept] - expected[kept]) ** 2 / expected[kept]).sum()
    assert chi_square < 25  # five degrees of freedom: 1.4 in ten thousand


@pytest.mark.parametrize(
    "change", [{"text": None}, {"model": "bert"}, {"exhibit": "boiler"}, {"sampling": {}}, {"sampling": None}]
)
def test_a_frame_that_cannot_be_computed_is_refused_with_the_way_out(answers: Answers, change: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=r"^\w+ is .+; send .+\.$"):
        answers.frame(ask(**change))
