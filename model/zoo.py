"""What can be loaded by name: the models that come with the project, and published ones worth a look.

No torch here. This is the list behind the page's model picker. A hub model's numbers are of its float weights as
published; `model.pretrained.load` asks the hub for the present ones before it downloads anything.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from model import config as configs
from model.memory import available_memory

CHECKPOINTS = Path(__file__).parent / "checkpoints"


@dataclass(frozen=True)
class Entry:
    """One model that can be loaded."""

    name: str
    """What `model.pretrained.load` takes."""
    family: str
    n_parameters: int
    n_bytes: int
    """Size of its weights as stored."""
    licence: str
    bundled: bool = False


_TINY = "a tiny GPT, trained on English children's stories; one of six that differ in how they know positions"
_SCHEMES = ("alibi", "learned", "nope", "rope", "sinusoidal", "t5bias")
ABOUT: dict[str, str] = {
    "gpt": "a small GPT, trained on English children's stories",
    "bert": "a small BERT, trained to fill gaps in English children's stories and encyclopedia articles",
    "t5": "a small T5, trained on short English texts: to fill gaps, to translate into French, to judge",
    **dict.fromkeys((f"gpt-{scheme}" for scheme in _SCHEMES), _TINY),
}
"""What each bundled model is and has read, as its CARD.md tells at length."""

HUB: tuple[Entry, ...] = (
    Entry("openai-community/gpt2", "gpt", 124_439_808, 548_105_171, "MIT"),
    Entry("distilbert/distilgpt2", "gpt", 81_912_576, 352_824_413, "Apache-2.0"),
    Entry("HuggingFaceTB/SmolLM2-135M", "gpt", 134_515_008, 269_060_552, "Apache-2.0"),
    Entry("Qwen/Qwen3-0.6B", "gpt", 596_049_920, 1_503_300_328, "Apache-2.0"),
    Entry("EleutherAI/pythia-70m", "gpt", 70_426_624, 166_029_852, "Apache-2.0"),
    Entry("google-bert/bert-base-cased", "bert", 108_932_934, 435_755_784, "Apache-2.0"),
    Entry("google-bert/bert-base-uncased", "bert", 110_106_428, 440_449_768, "Apache-2.0"),
    Entry("FacebookAI/roberta-base", "bert", 124_697_433, 498_818_054, "MIT"),
    Entry("distilbert/distilbert-base-uncased", "bert", 66_985_530, 267_954_768, "Apache-2.0"),
    Entry("google-t5/t5-small", "t5", 60_506_624, 242_043_056, "Apache-2.0"),
    Entry("google/flan-t5-small", "t5", 76_961_152, 307_867_048, "Apache-2.0"),
)


def bundled() -> tuple[Entry, ...]:
    """The models in `model/checkpoints` whose config and weights are there, by name."""
    entries = []
    for folder in sorted(path.parent for path in CHECKPOINTS.glob("*/config.json")):
        weights = folder / "model.safetensors"
        if weights.is_file():
            config = configs.load(folder)
            size = weights.stat().st_size
            entries.append(Entry(folder.name, config.family, n_parameters(weights), size, "Apache-2.0", bundled=True))
    return tuple(entries)


def entries() -> tuple[Entry, ...]:
    """All of them, those that need no download first."""
    return (*bundled(), *HUB)


def n_parameters(path: Path) -> int:
    """How many numbers a safetensors file holds, by its header alone."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def require_memory(name: str, n_bytes: int, n_download: int) -> None:
    """Refuses a model that this machine could not hold.

    Args:
        n_bytes: what its weights will take up in memory.
        n_download: size of the files.

    Raises:
        ValueError: that is more than there is; the message has the numbers.
    """
    available = available_memory()
    if available is not None and n_bytes > available:
        raise ValueError(
            f"{name} needs {in_words(n_bytes)} of memory for its weights, and {in_words(available)} are free here; "
            f"nothing of its {in_words(n_download)} was downloaded. Choose a smaller model or a larger machine"
        )


def in_words(n_bytes: int) -> str:
    """A size as people say it: "269.1 MB", "1.5 GB"."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"
