"""The tensors of a safetensors file in NumPy, in whatever type they are stored.

No torch here. NumPy has no bfloat16 of its own, in which most models are published since 2023; `ml_dtypes` adds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import ml_dtypes  # noqa: F401 (NumPy knows "bfloat16" once it is imported)
import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open


class Read(Protocol):
    """Reads one tensor."""

    def __call__(self, name: str) -> NDArray[np.float32]:
        """The tensor of that name, in float32, which holds every float16 and bfloat16 exactly."""


def load(path: Path) -> dict[str, NDArray[Any]]:
    """All tensors of a file by name, each in the type in which it is stored."""
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a file is no mapping)


@contextmanager
def reading(path: Path) -> Iterator[Read]:
    """A reader of single tensors of a file, which stays open until the block ends.

    Raises:
        safetensors.SafetensorError: the file has no such tensor.
    """
    with safe_open(path, framework="numpy") as file:

        def read(name: str) -> NDArray[np.float32]:
            tensor: NDArray[np.float32] = file.get_tensor(name).astype(np.float32)
            return tensor

        yield read
