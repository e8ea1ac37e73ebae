"""Encoder-decoders as in 2017 in the exhibits: BART and Marian, with positions added, and norms in the stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from app.asked.question import Question
from app.engine import Engine
from app.exhibits import WALK
from app.exhibits.attention.frame import steps
from app.exhibits.machine.anatomy import anatomy
from app.exhibits.machine.frame import lengths, stations
from app.page.answers import Answers
from app.page.traits import traits
from app.running.model import end_of
from app.wire.fields import Fields
from export import from_hub
from model import taps
from model.config import Place, T5Config
from model.study import lens
from tests.app.page.test_answers import SAMPLING
from tests.export.conftest import write_vocabulary
from tests.model.published import ENCODER_DECODERS, random_peer, saved

TEXT = "the little dog ran to the park"
NAMES = ("bart", "marian", "mbart")
WRITING: dict[str, dict[str, Any]] = {"bart": {"forced_bos_token_id": 8}, "marian": {"bad_words_ids": [[1], [57]]}}
"""What they have in a generation_config.json."""
every_model = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The answers about small random ones: two with norms in the stream, and one with norms before parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUTAWAY_CACHE", str(tmp_path_factory.mktemp("cache")))
        engine = Engine()
        for name in NAMES:
            folder = tmp_path_factory.mktemp("hub") / name
            saved(random_peer(ENCODER_DECODERS[name]), folder)
            write_vocabulary(folder)
            if name in WRITING:
                (folder / "generation_config.json").write_text(json.dumps(WRITING[name]))
            engine.open_with(name, from_hub.local(folder))
        yield Answers(engine)


def ask(name: str, **fields: Any) -> dict[str, Any]:
    """A request for one of them."""
    neutral = {"seq": 1, "text": TEXT, "model": name, "sampling": SAMPLING, "layer": 1, "head": 0, "kind": "cross"}
    neutral |= {"of": "logit", "task": "fill", "scheme": "own", "sees": "own", "factor": 1, "stack": "decoder"}
    return neutral | fields


@every_model
@pytest.mark.parametrize("exhibit", WALK)
def test_every_exhibit_answers(answers: Answers, name: str, exhibit: str) -> None:
    frame = answers.frame(ask(name, exhibit=exhibit))
    assert "error" not in frame, frame["error"]
    assert frame["absent"] is None


def asked(answers: Answers, name: str, **fields: Any) -> Question:
    """The same as exhibits read it."""
    return Question(Fields(ask(name, **fields)), answers.engine)


@every_model
def test_a_text_is_written_as_transformers_writes_it(answers: Answers, name: str) -> None:
    trace = asked(answers, name, exhibit="machine").trace
    config = trace.config
    assert isinstance(config, T5Config)
    peer = random_peer(ENCODER_DECODERS[name])
    read, written = (list(stream.ids) for stream in trace.streams.values())
    theirs = peer.generate(
        torch.tensor([read]), do_sample=False, max_new_tokens=len(written), min_length=0, **WRITING.get(name, {})
    )[0].tolist()
    assert written == theirs[: len(written)]
    assert len(written) > 2
    assert written[0] == config.start_token_id
    if name == "bart":
        assert written[1] == 8
    if name == "marian":
        assert trace.logits[0, :, 57].max() < -1000


@every_model
def test_what_is_said_of_its_parts_is_so(answers: Answers, name: str) -> None:
    config = answers.engine.config(name)
    parts, told = anatomy(config), set(traits(config))
    assert parts["norm"] == "LayerNorm"
    assert parts["embeddings"] == ["token", "position"]
    assert parts["post_norm"] == (name != "mbart")
    expected = {"norms-before", "logits-sum"} if name == "mbart" else {"norms-in-stream", "logits-no-sum"}
    assert expected | {"scores-divided"} <= told
    assert "decoder.blocks.0.attn.hook_attn_bias" not in taps.table(config)
    models = answers.catalog()["models"]
    assert models[name]["positions"] == ("sinusoidal" if name == "marian" else "learned")


@every_model
@pytest.mark.parametrize("place", ["encoder", "decoder", "cross"])
def test_a_cell_of_attention_comes_about_as_it_is_told(answers: Answers, name: str, place: Place) -> None:
    trace = asked(answers, name, exhibit="attention").trace
    cell = steps(trace, 1, 2, 1, 1, place)
    assert cell["scales"]
    assert cell["bias"] is None
    assert cell["scaled"] == pytest.approx(cell["dot"] / np.sqrt(trace.config.head_width))
    assert cell["probability"] == pytest.approx(trace.pattern(1, place)[2, 1, 1], abs=1e-6)


@every_model
def test_the_lens_ends_in_what_the_model_says(answers: Answers, name: str) -> None:
    question = asked(answers, name, exhibit="residual", written=1)
    logits = question.model.lens.logits(lens.streams(question.trace, 1))
    np.testing.assert_allclose(logits[-1], question.logits, atol=1e-3)
    config = question.model.config
    assert len(logits) == 1 + 3 * config.stacks["decoder"].layers


def test_a_logit_is_taken_apart_where_norms_stand_before_parts_alone(answers: Answers) -> None:
    for name in NAMES:
        residual = answers.frame(ask(name, exhibit="residual", written=1))["residual"]
        if name != "mbart":
            assert residual["parts"] is residual["sum"] is residual["scale"] is None
            continue
        assert residual["sum"] == pytest.approx(residual["logit"], abs=1e-3)
        assert np.abs(residual["parts"]["cross_bias"]).max() > 0
        other = answers.frame(ask(name, exhibit="residual", written=1, of="difference"))["residual"]
        assert other["sum"] == pytest.approx(other["logit"], abs=1e-3)


@every_model
@pytest.mark.parametrize("stack", ["encoder", "decoder"])
def test_neurons_add_up_to_what_is_added(answers: Answers, name: str, stack: Place) -> None:
    question = asked(answers, name, exhibit="memory", stack=stack)
    for layer in range(question.model.config.stacks[stack].layers):
        neurons = question.model.feed_forward.neurons(question.trace, stack, layer, 1)
        np.testing.assert_allclose(neurons.sum, question.trace.row(taps.MLP_OUT, 1, layer, stack), atol=1e-4)
    memory = answers.frame(ask(name, exhibit="memory", stack=stack, layer=1, query=1, written=1))["memory"]
    read = question.model.feed_forward.norm(stack, 1, "ln2")[0]
    assert read.shape == (32,)
    assert memory["reads"]["norm"] == "layer"
    mid = taps.RESID_MID_CROSS if stack == "decoder" else taps.RESID_MID
    before = question.trace.row(mid, 1, 1, stack)
    assert memory["reads"]["scale"] == pytest.approx(np.sqrt(before.var() + 1e-5), rel=1e-4)


@pytest.mark.parametrize("name", ["bart", "marian"])
def test_what_a_neuron_of_the_last_block_says_is_what_is_lost_with_it(answers: Answers, name: str) -> None:
    fields = {"exhibit": "memory", "layer": 1, "written": 1, "stack": "decoder"}
    strongest = answers.frame(ask(name, **fields))["memory"]["top"][0]
    off = {"interventions": {"neurons": {f"decoder.1.{strongest['neuron']}": 0}}}
    with_it = asked(answers, name, **fields)
    read, written = (stream.ids for stream in with_it.trace.streams.values())
    changed = asked(answers, name, **fields, **off).reading.interventions
    inputs = changed.inputs(with_it.model.config, len(read), len(written))
    without = with_it.model.session.run(read, decoder_ids=written, **inputs).logits[0, 1]
    for entry in (strongest["promotes"][0], strongest["demotes"][0]):
        assert entry["logit"] == pytest.approx(with_it.logits[entry["id"]] - without[entry["id"]], abs=1e-3)


@every_model
def test_positions_are_those_that_the_encoder_adds(answers: Answers, name: str) -> None:
    question = asked(answers, name, exhibit="positions")
    told = answers.frame(ask(name, exhibit="positions"))["positions"]
    added = question.trace.read(taps.POS_EMBED, place="encoder")
    assert told["lengths"]["position"] == pytest.approx(np.linalg.norm(added, axis=-1).tolist(), rel=1e-5)
    if name == "marian":
        angles = np.arange(len(added))[:, None] * np.array(told["sinusoidal"]["frequencies"])
        np.testing.assert_allclose(added, np.concatenate([np.sin(angles), np.cos(angles)], axis=-1), atol=1e-5)
    else:
        learned = {"source": question.model.config.name, "n_positions": 48}
        assert learned.items() <= told["learned"].items()


@every_model
def test_the_machine_measures_the_stream_before_and_behind_each_norm(answers: Answers, name: str) -> None:
    trace = asked(answers, name, exhibit="machine").trace
    measured, parts = stations(trace.config, "decoder")
    assert (len(measured), len(parts)) == (3 if name == "mbart" else 6, 3)
    norms, added = lengths(trace, "decoder")
    assert norms.shape[0] == 1 + 2 * len(measured) + (name == "mbart")
    assert added.shape[0] == 2 * 3


@every_model
def test_a_beam_ends_where_the_config_says(answers: Answers, name: str) -> None:
    question = asked(answers, name, exhibit="sampling")
    config = question.model.config
    assert isinstance(config, T5Config)
    assert end_of(question.model, question.trace.streams["encoder"].ids) == config.end_token_id
    assert config.end_token_id is not None
    nodes = answers.named("beam")(ask(name, exhibit="sampling", width=3, depth=4))["nodes"]
    assert all(nodes[node["parent"]]["id"] != config.end_token_id for node in nodes if node["parent"] is not None)


def test_a_text_longer_than_the_table_is_clipped_and_past_it_refused(answers: Answers) -> None:
    question = asked(answers, "bart", exhibit="machine", text="a" * 60)
    assert len(question.trace.tokens) == question.model.config.n_ctx == 48
    for graph, written in ((question.model.session, [2]), (question.model.graph("encoder"), None)):
        with pytest.raises(ValueError, match="49 tokens, but its positions end at n_ctx = 48; clip the text"):
            graph.run([5] * 49, decoder_ids=written)


def test_a_model_without_sentinels_is_asked_by_no_prefix_and_trained_on_no_gaps(answers: Answers) -> None:
    tokenizer = answers.engine.model("bart").tokenizer
    named = tokenizer.inner.token_to_id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "inner", Without(tokenizer.inner, "<extra_id_"))
        assert named("<extra_id_0>") is not None
        trio = answers.frame(ask("bart", exhibit="trio"))["trio"]["t5"]
        assert (trio["prefix"], "<extra_id_" in trio["read"], "[MASK]" in trio["read"]) == (0, False, True)
        assert not trio["asked"]
        assert "has no sentinels" in answers.frame(ask("bart", exhibit="training"))["absent"]


class Without:
    """A vocabulary that lacks the entries whose names begin so."""

    def __init__(self, inner: Any, begin: str) -> None:
        self._inner, self._begin = inner, begin

    def token_to_id(self, name: str) -> int | None:
        """Their ids; of those that it lacks None."""
        found: int | None = self._inner.token_to_id(name)
        return None if name.startswith(self._begin) else found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
