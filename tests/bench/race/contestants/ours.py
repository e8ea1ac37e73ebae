"""Ours: the tapped graph in ONNX Runtime, as the page's server runs it, asked for what one pass of the others gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.running.model import is_large
from export.runtime.session import Session
from model import taps
from tests.bench.race.interface import Contestant, Outcome, Task, place, timed


def patterns(names: Mapping[str, Any]) -> list[str]:
    """The taps that hold probabilities; of two stacks the encoder's, the decoder's, then those across."""
    found = [name for name in names if name.endswith("hook_pattern")]
    return sorted(found, key=lambda name: ("cross_attn" in name, name.startswith("decoder.")))


class Ours(Contestant):
    """The whole pass in one run."""

    form = "ours"

    def load(self, task: Task) -> None:
        folder = place(task, self.form)
        self.session = Session(folder, spins=is_large(task.model, folder))

    def taps(self) -> list[str]:
        """What is asked for besides the logits."""
        return patterns(taps.table(self.session.config))

    def ready(self, task: Task) -> Callable[[], Outcome]:
        names, asked = patterns(taps.table(self.session.config)), self.taps()
        ids = task.ids(self.session.config.d_vocab)
        decoder_ids = ids if self.session.config.family == "t5" else None

        def arrays() -> dict[str, Any]:
            run = self.session.run(ids, decoder_ids=decoder_ids, taps=asked)
            return {"logits": run.logits, "patterns": [run.taps[name] for name in names]}

        return timed(arrays)


CONTESTANT = Ours
