"""Ways to run one pass over a text on a device: ours, and PyTorch's over `transformers`.

All give logits at every token, in one text, without a cache. Ours take every input from the device and leave what they
give there (I/O binding), as PyTorch does; one of them takes NumPy and gives NumPy, so that the copies count. What gives
probabilities besides is compared with what gives them.

Attention of ours is told its mask as an array, which ONNX Runtime's flash kernel does not take: it runs the one that it
calls memory-efficient, or, where scores are asked for, the one that holds them all
(https://github.com/microsoft/onnxruntime/pull/27992).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from export.runtime import GraphName
from export.runtime.session import DTYPES, NEUTRAL, Session, lengths
from model import config as configs
from tests.bench.gpu.machine import Device

ROOM = 0.4
"""Of the free memory, what probabilities may take: they are there twice, before and after the softmax."""


class NoRoomError(Exception):
    """What a pass gives does not fit on the device."""


class Runner(ABC):
    """One way. It is made for a model, and ready for a length at a time."""

    gives_pattern = False

    def __init__(self, folder: Path, device: Device) -> None:
        self.folder, self.device = folder, device
        self.config = configs.load(folder / "ours")

    @abstractmethod
    def ready(self, ids: list[int]) -> Callable[[], object]:
        """What runs one pass over these tokens; the device may still be at it when it returns."""

    def check(self, n: int) -> None:
        """Raises NoRoomError where probabilities of n tokens do not fit."""
        needed = 2 * self.config.n_layers * self.config.n_heads * n * n
        if self.gives_pattern and needed > ROOM * self.device.free_bytes():
            raise NoRoomError(f"probabilities of {n:,} tokens take {needed / 1e9:.0f} GB")


class Ours(Runner):
    """A graph in float16."""

    graph: GraphName = "fused"

    def ready(self, ids: list[int]) -> Callable[[], object]:
        from onnxruntime import OrtValue

        session, feed = self.session(), self.feed(ids)
        binding = session.inner.io_binding()
        held = {}
        for name, value in feed.items():
            if value.size:
                held[name] = OrtValue.ortvalue_from_numpy(value, self.device.name, 0)
                binding.bind_ortvalue_input(name, held[name])
            else:  # an empty past has no place on the device
                binding.bind_cpu_input(name, value)
        wanted = self.wanted(session)

        def run() -> object:
            binding.clear_binding_outputs()  # else a run writes where the last one did, if the shapes are as stated
            for name in wanted:
                binding.bind_output(name, self.device.name)
            session.inner.run_with_iobinding(binding)
            return held

        return run

    def session(self) -> Session:
        """The graph, loaded once."""
        if not hasattr(self, "_session"):
            self._session = Session(self.folder / "ours", self.graph, self.device.providers, "fp16")
        return self._session

    def wanted(self, session: Session) -> list[str]:
        """What is fetched."""
        return [name for name in session.outputs if name == "logits"]

    def feed(self, ids: list[int]) -> dict[str, np.ndarray]:
        """Every input; what may be left out is neutral."""
        chosen = lengths(batch=1, pos=len(ids))
        feed: dict[str, np.ndarray] = {}
        for name, node in self.session().inputs.items():
            shape = [chosen.get(axis, axis) for axis in node.shape]
            feed[name] = np.full(shape, NEUTRAL.get(name, 0), DTYPES[node.type])
        return feed | {"input_ids": np.asarray([ids])}


class OursCopied(Ours):
    """The same with arrays in NumPy."""

    def ready(self, ids: list[int]) -> Callable[[], object]:
        session, feed = self.session(), self.feed(ids)
        return lambda: session.inner.run(self.wanted(session), feed)


class OursTapped(Ours):
    """The tapped graph for CUDA, asked for the probabilities too."""

    graph: GraphName = "tapped"
    gives_pattern = True

    def wanted(self, session: Session) -> list[str]:
        return [name for name in session.outputs if name == "logits" or name.endswith("hook_pattern")]


class Transformers(Runner):
    """`transformers` with one of its attentions."""

    attention: Literal["eager", "sdpa"] = "eager"

    def ready(self, ids: list[int]) -> Callable[[], object]:
        model, given = self.model(), torch.tensor([ids], device=self.device.name)

        def run() -> object:
            with torch.inference_mode():
                return model(given, use_cache=False, output_attentions=self.gives_pattern)

        return run

    def model(self) -> Any:
        """The model, loaded once."""
        if not hasattr(self, "_model"):
            import transformers as hf

            hf.logging.set_verbosity_error()
            kind = hf.AutoModelForCausalLM
            loaded = kind.from_pretrained(
                self.folder / "hf", attn_implementation=self.attention, dtype=self.device.dtype
            )
            self._model = loaded.to(self.device.name).eval()
        return self._model


class Sdpa(Transformers):
    attention: Literal["eager", "sdpa"] = "sdpa"


class EagerWithPattern(Transformers):
    gives_pattern = True


class Compiled(Sdpa):
    """`torch.compile` over the same; compiled for each length before anything counts."""

    def ready(self, ids: list[int]) -> Callable[[], object]:
        torch.compiler.reset()
        model, given = self.model(), torch.tensor([ids], device=self.device.name)
        compiled = torch.compile(lambda tokens: model(tokens, use_cache=False).logits, dynamic=False)

        def run() -> object:
            with torch.inference_mode():
                return compiled(given)

        return run


@dataclass(frozen=True)
class Entry:
    """A way, as it is listed."""

    name: str
    label: str
    kind: type[Runner]
    against: str
    """Whom its ratio is to."""


ENTRIES = (
    Entry("ours", "Cutaway", Ours, "ours"),
    Entry("ours-copied", "Cutaway, copies counted", OursCopied, "ours"),
    Entry("eager", "transformers, eager", Transformers, "ours"),
    Entry("sdpa", "transformers, SDPA", Sdpa, "ours"),
    Entry("compiled", "torch.compile", Compiled, "ours"),
    Entry("ours-tapped", "Cutaway, probabilities", OursTapped, "ours-tapped"),
    Entry("eager-pattern", "transformers, probabilities", EagerWithPattern, "ours-tapped"),
)
