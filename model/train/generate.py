"""Greedy writing with an encoder-decoder, many texts at once."""

from __future__ import annotations

import torch
from torch import Tensor

from model.train.text_to_text import TextToText
from model.transformer.t5 import T5


@torch.no_grad()
def write(module: T5, task: TextToText, reads: list[list[int]], n_new: int) -> list[list[int]]:
    """What the model writes for each text, without `</s>`: the most probable token every time, at most `n_new`."""
    order = sorted(range(len(reads)), key=lambda at: len(reads[at]))
    written: list[list[int]] = [[] for _ in reads]
    for at in range(0, len(order), 32):
        chosen = order[at : at + 32]
        for row, ids in zip(chosen, _write(module, task, [reads[row] for row in chosen], n_new), strict=True):
            written[row] = ids
    return written


def _write(module: T5, task: TextToText, reads: list[list[int]], n_new: int) -> list[list[int]]:
    """One batch."""
    longest = max(map(len, reads))
    ids = torch.tensor([[*read, *[task.pad] * (longest - len(read))] for read in reads])
    real = (ids != task.pad)[:, None]
    cross = module.decoder.look_across(module.encode(ids, real))
    following = torch.full((len(reads), 1), module.config.start_token_id)
    past, columns = None, []
    ended = torch.zeros(len(reads), dtype=torch.bool)
    for _ in range(n_new):
        output = module.decode(following, cross, past, cross_mask=real)
        past, following = output.cache, output.logits[:, -1:].argmax(-1)
        columns.append(following[:, 0])
        ended |= following[:, 0] == task.end
        if ended.all():
            break
    return [_until_end(row, task.end) for row in torch.stack(columns, dim=1)]


def _until_end(row: Tensor, end: int) -> list[int]:
    ids: list[int] = row.tolist()
    return ids[: ids.index(end)] if end in ids else ids
