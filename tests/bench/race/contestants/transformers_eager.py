"""`transformers` with `output_attentions`, which it gives where attention is "eager"."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import torch
import transformers as hf

from tests.bench.race.interface import N_THREADS, Contestant, Outcome, Task, place, timed

KINDS = {"bert": "BertForPreTraining", "t5": "T5ForConditionalGeneration"}


def read(task: Task, attention: str = "eager") -> Any:
    """The model, ready to run."""
    torch.set_num_threads(N_THREADS)
    hf.logging.set_verbosity_error()
    folder = place(task, "hf")
    told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model: Any = getattr(hf, told["architectures"][0]).from_pretrained(
        folder, attn_implementation=attention, dtype=torch.float32
    )
    return model.eval()


class Transformers(Contestant):
    """All probabilities as tensors, and these as arrays."""

    def load(self, task: Task) -> None:
        self.model = read(task)

    def ready(self, task: Task) -> Callable[[], Outcome]:
        given = self.given(task)

        def arrays() -> dict[str, Any]:
            with torch.inference_mode():
                out = self.model(**given, output_attentions=True)
            return gathered(out)

        return timed(arrays)

    def given(self, task: Task) -> dict[str, Any]:
        """What the model is called with."""
        ids = torch.tensor([task.ids(self.model.config.vocab_size)])
        if self.model.config.is_encoder_decoder:
            return {"input_ids": ids, "decoder_input_ids": ids, "use_cache": False}
        return {"input_ids": ids} | ({} if self.model.config.model_type == "bert" else {"use_cache": False})


def gathered(out: Any) -> dict[str, Any]:
    """An output as arrays; of two stacks in the order encoder, decoder, across, block by block."""
    logits = out.prediction_logits if hasattr(out, "prediction_logits") else out.logits
    kinds = (
        (out.encoder_attentions, out.decoder_attentions, out.cross_attentions)
        if hasattr(out, "cross_attentions") and hasattr(out, "encoder_attentions")
        else (out.attentions,)
    )
    return {"logits": logits.numpy(), "patterns": [one.numpy() for kind in kinds for one in kind]}


CONTESTANT = Transformers
