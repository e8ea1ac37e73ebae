"""What moves the weights: AdamW alone, or Muon for the matrices that hold layers together and AdamW for the rest."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from model.study.recipe import Recipe
from model.transformer.attention import Heads

TIMES = 3.0
"""How much faster than the learning rate tables of embeddings learn beside Muon: theirs are the largest weights."""


class Optimizers:
    """Optimizers of one module that step together; each parameter is some one's."""

    def __init__(self, *each: torch.optim.Optimizer) -> None:
        self.each = each

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of all."""
        return [group for optimizer in self.each for group in optimizer.param_groups]

    def step(self, lr: float) -> None:
        """One step of each at a learning rate; a group with `times` steps that many times as far."""
        for group in self.param_groups:
            group["lr"] = lr * group.get("times", 1.0)
        for optimizer in self.each:
            optimizer.step()

    def zero_grad(self) -> None:
        """Forgets the gradients."""
        for optimizer in self.each:
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        """What `load_state_dict` needs."""
        return [optimizer.state_dict() for optimizer in self.each]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Goes on where the states were taken."""
        for optimizer, state in zip(self.each, states, strict=True):
            optimizer.load_state_dict(state)


def optimizers_for(module: nn.Module, recipe: Recipe) -> Optimizers:
    """The optimizers that the recipe names."""
    return {"adamw": _adamw, "muon": _muon}[recipe.optimizer](module, recipe)


def _adamw(module: nn.Module, recipe: Recipe) -> Optimizers:
    """AdamW (Loshchilov and Hutter 2019) with decay on matrices only."""
    parameters = list(module.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return Optimizers(torch.optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas, fused=True))


def _muon(module: nn.Module, recipe: Recipe) -> Optimizers:
    """Muon (Jordan et al. 2024) for the linear layers, AdamW without decay for tables, what makes logits, and gains.

    Muon's updates are of one size whatever the gradient's, scaled as Liu et al. 2025 (arXiv:2502.16982, section 2.2) do
    so that one learning rate suits both. Where dot products are not divided by sqrt(d_head), as in T5, queries start
    that much smaller, and step that much less: else their scores grow until each head looks at one token only, and
    learning ends (T5's own Adafactor steps in proportion to the weights; Shazeer and Stern 2018, section 8).
    """
    layers = [layer for name, layer in module.named_modules() if isinstance(layer, nn.Linear) and name != "unembed"]
    times = {id(heads.q): heads.d_head**-0.5 / heads.scale for heads in module.modules() if isinstance(heads, Heads)}
    chosen = {id(layer.weight) for layer in layers}
    others = [parameter for parameter in module.parameters() if id(parameter) not in chosen]
    tables_and_gains: list[dict[str, Any]] = [
        {"params": [p for p in others if p.ndim >= 2], "times": TIMES},
        {"params": [p for p in others if p.ndim < 2]},
    ]
    return Optimizers(
        torch.optim.Muon(
            [{"params": [layer.weight], "times": times.get(id(layer), 1.0)} for layer in layers],
            lr=recipe.lr,
            weight_decay=recipe.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(tables_and_gains, lr=recipe.lr, betas=recipe.betas, weight_decay=0.0, fused=True),
    )
