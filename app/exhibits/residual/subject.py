"""What the Residual exhibit takes apart: a logit, or the difference of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def worth(logits: NDArray[np.floating], target: int, against: int | None) -> float:
    """The logit of the target, less that of `against`. logits: *Shape:* (d_vocab,)."""
    return float(logits[target]) - (0.0 if against is None else float(logits[against]))
