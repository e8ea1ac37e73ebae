"""nnsight: a trace over the model of `transformers` that saves what each attention returns beside its output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from nnsight import NNsight

from tests.bench.race.contestants.transformers_eager import Transformers, read
from tests.bench.race.interface import CannotError, Outcome, Task, timed


class Trace(Transformers):
    """The same model, traced."""

    def load(self, task: Task) -> None:
        self.model = read(task)
        self.traced = NNsight(self.model)

    def attentions(self) -> list[Any]:
        """The module of each block that returns (output, probabilities)."""
        kind = self.model.config.model_type
        if kind == "gpt2":
            return [block.attn for block in self.traced.transformer.h]
        if kind == "bert":
            return [block.attention.self for block in self.traced.bert.encoder.layer]
        if kind == "t5":
            raise CannotError("not tried on two stacks")
        return [block.self_attn for block in self.traced.model.layers]

    def ready(self, task: Task) -> Callable[[], Outcome]:
        given = self.given(task)
        modules = self.attentions()

        def arrays() -> dict[str, Any]:
            taken: list[Any] = []
            with torch.inference_mode():  # noqa: SIM117  (the tracer reads the source of its block, of no other)
                with self.traced.trace(**given):
                    for module in modules:
                        taken.append(module.output[1].save())
                    out = self.traced.output.save()
            logits = out.prediction_logits if hasattr(out, "prediction_logits") else out.logits
            return {"logits": logits.numpy(), "patterns": [one.numpy() for one in taken]}

        return timed(arrays)


CONTESTANT = Trace
