"""onnxruntime-genai: the graph of its own builder, and its loop."""

from __future__ import annotations

import time
from collections.abc import Callable

import onnxruntime_genai as og

from tests.bench.race.interface import N_DECODED, N_THREADS, CannotError, Contestant, Outcome, Task, decoded, place

FORMS = {"float32": "genai", "int4": "genai-int4"}


class GenAI(Contestant):
    """Greedily."""

    def load(self, task: Task) -> None:
        if task.precision not in FORMS:
            raise CannotError(f"its builder makes no {task.precision} for a CPU")
        settings = og.Config(str(place(task, FORMS[task.precision])))
        settings.overlay(f'{{"model": {{"decoder": {{"session_options": {{"intra_op_num_threads": {N_THREADS}}}}}}}}}')
        self.model = og.Model(settings)
        self.d_vocab = int(task.vocabulary)

    def ready(self, task: Task) -> Callable[[], Outcome]:
        ids = task.ids(self.d_vocab)

        def run() -> Outcome:
            choices = og.GeneratorParams(self.model)
            length = len(ids) + N_DECODED + 1
            choices.set_search_options(do_sample=False, max_length=length, min_length=length)
            generator = og.Generator(self.model, choices)
            generator.append_tokens(ids)
            moments = []
            for _ in range(N_DECODED + 1):
                generator.generate_next_token()
                moments.append(time.perf_counter())
            return decoded(moments, generator.get_sequence(0)[len(ids) :])

        return run


CONTESTANT = GenAI
