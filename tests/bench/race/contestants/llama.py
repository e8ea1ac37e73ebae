"""llama.cpp, built for this machine: GGUF files in float32, or as quantized as they were published."""

from __future__ import annotations

import time
from collections.abc import Callable

import llama_cpp
import numpy as np

from tests.bench.race.interface import N_DECODED, N_THREADS, Contestant, Outcome, Task, decoded, place


class Llama(Contestant):
    """Its own loop's calls, greedily."""

    def load(self, task: Task) -> None:
        self.model = llama_cpp.Llama(
            str(place(task, f"llama/{task.precision}.gguf")),
            n_ctx=1024 + N_DECODED,
            n_batch=512,
            n_threads=N_THREADS,
            n_threads_batch=N_THREADS,
            type_k=llama_cpp.GGML_TYPE_F32 if task.precision == "float32" else llama_cpp.GGML_TYPE_F16,
            type_v=llama_cpp.GGML_TYPE_F32 if task.precision == "float32" else llama_cpp.GGML_TYPE_F16,
            flash_attn=False,
            verbose=False,
        )

    def ready(self, task: Task) -> Callable[[], Outcome]:
        n_vocab = self.model.n_vocab()
        ids = task.ids(n_vocab)

        def likeliest() -> int:
            last = llama_cpp.llama_get_logits_ith(self.model.ctx, -1)
            return int(np.ctypeslib.as_array(last, shape=(n_vocab,)).argmax())

        def run() -> Outcome:
            self.model.reset()
            self.model.eval(ids)
            written, moments = [likeliest()], [time.perf_counter()]
            for _ in range(N_DECODED):
                self.model.eval([written[-1]])
                written.append(likeliest())
                moments.append(time.perf_counter())
            return decoded(moments, written)

        return run


CONTESTANT = Llama
