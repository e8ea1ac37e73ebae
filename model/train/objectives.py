"""What a model is asked to be good at: losses over a batch, in nats."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from model.study.objective import IGNORED


def cross_entropy(logits: Tensor, targets: Tensor, label_smoothing: float = 0.0, reduction: str = "mean") -> Tensor:
    """Cross-entropy of what should stand at each position; targets that are `IGNORED` are left out.

    Shapes: logits (..., d_vocab); targets (...). Returns a scalar, float32: the mean over targets or, with
    `reduction="sum"`, their sum. Label smoothing spreads that much probability evenly over the vocabulary (Szegedy et
    al. 2016, section 7).
    """
    return F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]).float(),
        targets.flatten(),
        ignore_index=IGNORED,
        label_smoothing=label_smoothing,
        reduction=reduction,
    )
