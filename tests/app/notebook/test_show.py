"""`show` in a notebook: the example runs, and what cannot be drawn is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import traitlets
from nbclient import NotebookClient

from app.notebook import kernel as kernels
from app.notebook import show
from app.notebook.packed import Arrays, checked
from app.running import memory
from app.wire.patterns import WHOLE

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "app" / "notebook" / "example.ipynb"
TOKENS = ["The", " cat", " sat"]


@pytest.mark.filterwarnings("default")  # of Jupyter's own packages
def test_the_example_runs_and_shows_its_widgets() -> None:
    notebook = nbformat.read(EXAMPLE, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "it is committed without what it showed"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    data = [output["data"] for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]
    assert sum("application/vnd.jupyter.widget-view+json" in one for one in data) == 2
    assert "('layer', 2)" in data[1]["text/plain"]


def causal(layers: int = 2, heads: int = 3, tokens: int = 3) -> np.ndarray[Any, Any]:
    rows = np.tril(np.ones((layers, heads, tokens, tokens)))
    return rows / rows.sum(-1, keepdims=True)


def opened(body: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """What a frame says, and its arrays as they travel."""
    length = int.from_bytes(body[:4], "little")
    told, blob = json.loads(body[4 : 4 + length]), body[4 + length :]
    arrays = {}
    for name, array in told["arrays"].items():
        queries = array["shape"][-2]
        size = int(np.prod(array["shape"][:-2]) * (queries * (queries + 1) // 2)) if array["half"] else None
        arrays[name] = np.frombuffer(
            blob, array["dtype"], int(np.prod(array["shape"])) if size is None else size, array["offset"]
        )
    return told, arrays


def test_arrays_travel_as_they_are_the_causal_half_of_a_causal_one() -> None:
    told, arrays = opened(Arrays(causal(), TOKENS).answer("arrays", {}))
    assert told["arrays"]["pattern_all"]["half"] is True
    assert [token["text"] for token in told["keys"]] == TOKENS
    third = int(WHOLE * np.float64(np.float32(1 / 3)))
    assert arrays["pattern_all"][:6].tolist() == [WHOLE, WHOLE // 2, WHOLE // 2, third, third, third]
    whole = np.full((1, 1, 2, 3), 1 / 4)
    told, arrays = opened(Arrays(whole, ["a", "b"], TOKENS).answer("arrays", {}))
    assert told["arrays"]["pattern_all"]["half"] is False
    assert (told["own"], told["habits"]) == (False, ["first"])
    assert arrays["pattern_all"].tolist() == [WHOLE // 4] * 6


@pytest.mark.parametrize(
    ("patterns", "says"),
    [
        (causal()[0], r"give patterns\[None\]"),
        (causal()[:, None], r"squeeze\(1\)"),
        (causal()[0, 0], r"\(layers, heads, queries, keys\)"),
        (np.zeros((0, 1, 3, 3)), r"\(layers, heads, queries, keys\)"),
        (causal() - 0.5, "after its softmax"),
        (np.full((1, 1, 3, 3), np.nan), "after its softmax"),
        ([causal(1), causal(2)], "np.stack"),
        (causal(2, 3, 4), "4 queries and 4 keys, and there are 3 tokens"),
    ],
)
def test_what_are_no_patterns_of_these_tokens_is_refused_with_what_would_do(patterns: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        show(patterns=patterns, tokens=TOKENS)


def test_more_than_a_notebook_can_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer layers"):
        checked(np.broadcast_to(np.float32(0), (30, 30, 200, 200)))


def test_patterns_need_tokens_and_no_text() -> None:
    with pytest.raises(ValueError, match="tokens="):
        show(patterns=causal())
    with pytest.raises(ValueError, match="leave those out"):
        show("The cat sat", patterns=causal(), tokens=TOKENS)


def test_an_unknown_model_exhibit_or_trait_is_refused_by_name() -> None:
    with pytest.raises(traitlets.TraitError, match="there is bert, gpt"):
        show("The cat", model="gpt5")
    with pytest.raises(traitlets.TraitError, match="exhibit"):
        show("The cat", exhibit="nothing")
    with pytest.raises(traitlets.TraitError):
        show("The cat", layer=-1)
    widget = show("The cat", exhibit="tokens")
    assert (widget.exhibit, widget.text) == ("tokens", "The cat")


def test_the_kernel_gives_freed_memory_back_behind_each_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[bool] = []
    monkeypatch.setattr(memory.heap, "settle", lambda: settled.append(True))
    kernels.kernel().answer("frame", {})
    assert settled == [True]


def test_the_kernel_answers_as_a_server_does_and_never_raises() -> None:
    answer = kernels.kernel().answer
    assert "no answer" in json.loads(answer("shutdown", {}))["error"]
    refused = json.loads(answer("card", {"model": "nobody"}))
    assert "error" in refused
    assert json.loads(answer("card", {"model": "gpt"}))["markup"].startswith("<h2>")
