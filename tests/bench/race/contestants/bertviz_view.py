"""bertviz's way: `transformers` with `output_attentions`, and the page that its head view makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from bertviz import head_view

from tests.bench.race.contestants.transformers_eager import Transformers, gathered
from tests.bench.race.interface import CannotError, Outcome, Task, timed


class Bertviz(Transformers):
    """All of it counts, up to the page as text; what a browser makes of it does not."""

    def ready(self, task: Task) -> Callable[[], Outcome]:
        if self.model.config.is_encoder_decoder:
            raise CannotError("not tried on two stacks")
        given = self.given(task)
        tokens = [str(id) for id in given["input_ids"][0].tolist()]

        def arrays() -> dict[str, Any]:
            with torch.inference_mode():
                out = self.model(**given, output_attentions=True)
            assert head_view(out.attentions, tokens, html_action="return").data
            return gathered(out)

        return timed(arrays)


CONTESTANT = Bertviz
