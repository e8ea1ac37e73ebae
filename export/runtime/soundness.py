"""Whether a bundled model is what it was when it was sealed: the digests of its files, and what each of its graphs
makes of one text, held against `sound.json` beside them.

    python -m export.runtime.soundness [NAME ...]

seals bundled models anew, after their weights or their graphs were made again. No torch here: a server checks with
this. Digests hold for the files that no exporter writes; a graph may come from another version of it, and is held by
its outputs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.runtime.layout import digest
from export.runtime.session import Run, Session
from model import config as configs
from model import zoo
from model.config import T5Config
from model.tokenizer import Tokenizer

SEAL = "sound.json"
SEALED = ("config.json", "model.safetensors", "tokenizer.json")
TEXT = "The little dog ran to the park because he saw a big red ball."
WRITTEN = 4
"""How many tokens a T5's decoder is given: the first of what it reads, behind its start token."""
N_VALUES = 32
"""How many outputs of a graph are kept, evenly spread over all of them."""
TOLERANCE = 1e-3
"""Between machines, of the largest output; an exporter's own is 1e-4 (export/parity.py)."""


class UnsoundError(Exception):
    """A model is not what it was; the message says in what."""


def check_files(folder: Path) -> None:
    """Holds the files of a model against its seal; one without a seal has nothing to be held against.

    Raises:
        UnsoundError: a file is missing or another.
    """
    sealed: Mapping[str, str] = seal(folder).get("sha256", {})
    for name, expected in sealed.items():
        if not (folder / name).is_file():
            raise UnsoundError(f"{name} is missing")
        if digest(folder / name) != expected:
            raise UnsoundError(f"{name} is not the one that was sealed")


def check_outputs(folder: Path) -> None:
    """Has every graph of a model read one text, and holds what it makes of it against the seal.

    Raises:
        UnsoundError: a graph is missing, does not run, or gives other numbers.
    """
    expected: Mapping[str, list[float]] = seal(folder).get("outputs", {})
    if not expected:
        return
    try:
        found = outputs(folder)
    except Exception as error:
        raise UnsoundError(f"its graphs do not run: {type(error).__name__}") from error
    for graph, values in expected.items():
        there = np.array(found.get(graph, []))
        if there.shape != (len(values),) or not np.isfinite(there).all():
            raise UnsoundError(f"{graph}.onnx gives no such numbers as when it was sealed")
        apart = float(np.abs(there - values).max() / np.abs(values).max())
        if apart > TOLERANCE:
            raise UnsoundError(f"{graph}.onnx differs by {apart:.1e} of its largest output; {TOLERANCE:g} is allowed")


def seal(folder: Path) -> dict[str, Any]:
    """What a model was sealed with; nothing where it was not.

    Raises:
        UnsoundError: the seal cannot be read.
    """
    if not (folder / SEAL).is_file():
        return {}
    try:
        value = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsoundError(f"{SEAL} cannot be read") from error
    if not isinstance(value, dict):
        raise UnsoundError(f"{SEAL} is no seal")
    return value


def outputs(folder: Path) -> dict[str, list[float]]:
    """Some outputs of each graph of a model for one text, in float32."""
    config = configs.load(folder)
    ids = [token.id for token in Tokenizer.of(config, folder / "tokenizer.json").encode(TEXT, config.n_ctx).tokens]
    if not isinstance(config, T5Config):
        return {
            "tapped": said(Session(folder, "tapped").run(ids)),
            "fused": said(Session(folder, "fused").run(ids)),
        }
    written = [config.start_token_id, *ids[:WRITTEN]]
    cross = Session(folder, "encoder").run(ids).cross
    assert cross is not None
    return {
        "tapped": said(Session(folder, "tapped").run(ids, decoder_ids=written)),
        "encoder": spread(np.concatenate([tensor for pair in cross for tensor in pair], axis=-1)),
        "decoder": said(Session(folder, "decoder").run(written, cross=cross)),
    }


def said(run: Run) -> list[float]:
    """Some of a run's logits; of a model that has none, of what else it says of each token."""
    return spread(run.logits if run.logits.size else next(iter(run.heads.values())))


def spread(values: np.ndarray[Any, Any]) -> list[float]:
    """`N_VALUES` of an array, evenly spread."""
    flat = values.ravel()
    return [float(value) for value in flat[np.linspace(0, flat.size - 1, N_VALUES).astype(int)]]


def write(folder: Path) -> None:
    """Seals a model as it is now."""
    digests = {name: digest(folder / name) for name in SEALED}
    text = json.dumps({"sha256": digests, "outputs": outputs(folder)}, indent=1)
    (folder / SEAL).write_text(text + "\n", encoding="utf-8")


def main(names: list[str]) -> None:
    """Seals the bundled models of these names, or all."""
    for graph in sorted(zoo.CHECKPOINTS.glob("*/tapped.onnx")):
        if not names or graph.parent.name in names:
            write(graph.parent)
            print(f"{graph.parent.name} is sealed")


if __name__ == "__main__":
    main(sys.argv[1:])
