"""The passages beside the bundled weights: where each neuron is furthest from zero, and nowhere further."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from export import passages as looking
from export.__main__ import CHECKPOINTS
from export.runtime import passages
from export.runtime.session import Session
from model import config as configs
from model import stories, taps
from model.config import Place
from model.tokenizer import Tokenizer
from model.trace import ForwardTrace, Stream, Token

MOST_BYTES = 300_000


@pytest.mark.parametrize("name", ["gpt", "bert", "t5"])
def test_the_three_have_passages_of_all_neurons_from_stories_that_differ(name: str) -> None:
    folder = CHECKPOINTS / name
    config = configs.load(folder)
    there = passages.load(folder, config)
    assert there is not None, f"python -m export passages {name} writes them"
    assert (folder / passages.FILE).stat().st_size < MOST_BYTES
    told = stories.held_out()
    assert {block.split(".")[0] for block in there.found} == set(config.streams)
    for place, layer in [(stream, layer) for stream in config.streams for layer in range(config.stacks[stream].layers)]:
        block = f"{place}.{layer}."
        story, start, end, activation = (there.found[block + part] for part in ("story", "start", "end", "activation"))
        experts = config.experts
        width = config.d_mlp if experts is None or layer not in config.expert_layers else 8 * experts.d_expert
        assert story.shape == start.shape == end.shape == activation.shape == (width, passages.KEPT)
        assert all(len(set(row)) == passages.KEPT for row in story.tolist())
        assert (np.diff(np.abs(activation.astype(np.float32)), axis=1) <= 0).all()
        assert (end >= start).all()
        assert all(
            last <= len(told[which]) for row in zip(story, end, strict=True) for which, last in zip(*row, strict=True)
        )


def test_a_passage_is_where_the_neuron_is_furthest_from_zero() -> None:
    folder, told = CHECKPOINTS / "gpt", stories.held_out()[:3]
    found, count = looking.look(folder, told)
    session = Session(folder)
    tokenizer = Tokenizer.of(session.config, folder / "tokenizer.json")
    layer, neuron = 2, 17
    read = taps.LN2.name(layer)
    furthest = []
    with np.errstate(over="ignore"):
        for read_aloud in told:
            tokens = tokenizer.encode(read_aloud).tokens
            x = session.run([token.id for token in tokens], taps=[read]).taps[read][0, 1:].astype(np.float64)
            gate, up = (weights(folder, f"blocks.{layer}.mlp.{part}.weight")[neuron] for part in ("gate", "up"))
            given = x @ gate
            activations = given / (1 + np.exp(-given)) * (x @ up)
            at = int(np.abs(activations).argmax())
            furthest.append((activations[at], tokens[1 + at]))
    assert count == sum(len(tokenizer.encode(story).tokens) - 1 for story in told)
    order = sorted(range(3), key=lambda story: -abs(furthest[story][0]))
    assert found[f"text.{layer}.story"][neuron].tolist() == order
    for rank, story in enumerate(order):
        activation, token = furthest[story]
        assert found[f"text.{layer}.activation"][neuron, rank] == pytest.approx(activation, rel=2e-3)
        assert found[f"text.{layer}.start"][neuron, rank] == token.start
        assert found[f"text.{layer}.end"][neuron, rank] == token.end


def test_a_decoders_passage_is_a_token_that_it_wrote_and_the_encoder_did_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, told = CHECKPOINTS / "t5", stories.held_out()[:2]
    passes: list[tuple[str, Mapping[Place, Stream], np.ndarray]] = []
    run = looking._pass

    def recorded(session: Session, streams: Mapping[Place, Stream], place: Place) -> ForwardTrace:
        trace = run(session, streams, place)
        name = taps.LN2.at("decoder").name(3)
        if place == "decoder":
            passes.append((streams["encoder"].text, streams, trace.taps[name][0].astype(np.float64)))
        return trace

    monkeypatch.setattr(looking, "_pass", recorded)
    found, _ = looking.look(folder, told)
    neuron, furthest = 23, []
    gate, up = (weights(folder, f"decoder.blocks.3.mlp.{part}.weight")[neuron] for part in ("gate", "up"))
    for story in told:
        mine = [one for one in passes if one[0] == story]
        assert len(mine) >= looking.CUTS
        best = (0.0, Token(0, "", 0, 0))
        for _, streams, x in mine:
            read = [token.start for token in streams["encoder"].tokens if not token.special]
            written = streams["decoder"].tokens
            own = [token for token in written if not token.special]
            assert len(own) == round(0.15 * (len(own) + len(read)))
            assert not {token.start for token in own if token.end > token.start} & set(read)
            given = x @ gate
            gelu = 0.5 * given * (1 + np.tanh(np.sqrt(2 / np.pi) * (given + 0.044715 * given**3)))
            for token, activation in zip(written, gelu * (x @ up), strict=True):
                if not token.special and abs(activation) > abs(best[0]):
                    best = (float(activation), token)
        furthest.append(best)
    order = sorted(range(2), key=lambda at: -abs(furthest[at][0]))
    assert found["decoder.3.story"][neuron].tolist() == order
    for rank, at in enumerate(order):
        activation, token = furthest[at]
        assert found["decoder.3.activation"][neuron, rank] == pytest.approx(activation, rel=2e-3)
        assert (found["decoder.3.start"][neuron, rank], found["decoder.3.end"][neuron, rank]) == (
            token.start,
            token.end,
        )


def weights(folder: Path, name: str) -> np.ndarray:
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")[name].astype(np.float64)


def test_a_passage_is_cut_between_words() -> None:
    story = "Alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa"
    start = story.index("hotel")
    cut = passages.around(story, start, start + len("hotel"))
    assert cut["before"] == "charlie delta echo foxtrot golf "
    assert (cut["token"], cut["after"]) == ("hotel", " india juliett kilo lima mike")
    assert passages.around("a b", 0, 1) == {"before": "", "token": "a", "after": " b"}


def test_passages_of_other_weights_are_refused(tmp_path: Path) -> None:
    shutil.copy(CHECKPOINTS / "gpt" / passages.FILE, tmp_path)
    shutil.copy(CHECKPOINTS / "gpt-rope" / "model.safetensors", tmp_path)
    config = configs.load(CHECKPOINTS / "gpt")
    with pytest.raises(ValueError, match=r"was measured on another model\.safetensors"):
        passages.load(tmp_path, config)
    (tmp_path / passages.FILE).unlink()
    assert passages.load(tmp_path, config) is None
