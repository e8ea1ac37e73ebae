"""Ours, token by token: the fused graph, its cache handed from run to run, as the page's server writes."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.running.model import is_large
from export.runtime import Precision
from export.runtime.session import Session
from tests.bench.race.interface import N_DECODED, CannotError, Contestant, Outcome, Task, decoded, place

FORMS: dict[str, tuple[str, Precision]] = {
    "float32": ("ours", "float32"),
    "int8": ("ours-int8", "int8"),
    "int4": ("ours-int4", "float32"),
}


class Ours(Contestant):
    """Greedily."""

    def load(self, task: Task) -> None:
        form, precision = FORMS[task.precision]
        try:
            folder = place(task, form)
            self.session = Session(folder, "fused", precision=precision, spins=is_large(task.model, folder))
        except FileNotFoundError as error:
            raise CannotError(str(error)) from error

    def ready(self, task: Task) -> Callable[[], Outcome]:
        read = self.session.run(task.ids(self.session.config.d_vocab), cache=True)
        first = int(read.logits[0, -1].argmax())

        def run() -> Outcome:
            ids, cache, moments = [first], read.cache, [time.perf_counter()]
            for _ in range(N_DECODED):
                step = self.session.run([ids[-1]], past=cache, cache=True)
                cache = step.cache
                ids.append(int(step.logits[0, -1].argmax()))
                moments.append(time.perf_counter())
            return decoded(moments, ids)

        return run


CONTESTANT = Ours
