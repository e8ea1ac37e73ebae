"""TransformerLens, `run_with_cache`, asked for the probabilities alone: its bridge over the model of `transformers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from transformer_lens.model_bridge import TransformerBridge

from tests.bench.race.contestants.transformers_eager import read
from tests.bench.race.interface import CannotError, Contestant, Outcome, Task, place, timed


class Lens(Contestant):
    """A decoder's or an encoder's `hook_pattern`."""

    def load(self, task: Task) -> None:
        theirs = read(task)
        if theirs.config.is_encoder_decoder:
            raise CannotError("not tried on two stacks")
        self.model = TransformerBridge.boot_transformers(str(place(task, "hf")), hf_model=theirs, device="cpu")

    def ready(self, task: Task) -> Callable[[], Outcome]:
        names = [f"blocks.{layer}.attn.hook_pattern" for layer in range(self.model.cfg.n_layers)]
        ids = torch.tensor([task.ids(self.model.cfg.d_vocab)])

        def arrays() -> dict[str, Any]:
            with torch.inference_mode():
                out, cache = self.model.run_with_cache(ids, names_filter=lambda name: name in names)
            logits = out.prediction_logits if hasattr(out, "prediction_logits") else getattr(out, "logits", out)
            return {"logits": logits.numpy(), "patterns": [cache[name].numpy() for name in names]}

        return timed(arrays)


CONTESTANT = Lens
