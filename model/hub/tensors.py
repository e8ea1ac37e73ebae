"""What every reader of safetensors files needs: a file opened, or refused in a sentence, and names listed in one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

POINTER = b"version https://"
"""How a file begins of which only the name and the size were fetched."""
N_NAMED = 12
"""Names that an error lists of each kind; more are counted."""


def opened(path: Path) -> Any:
    """A safetensors file, its tensors unread. Raises ValueError on one that is not whole."""
    with path.open("rb") as file:
        begin = file.read(len(POINTER))
    if begin == POINTER:
        raise ValueError(f"{path.name} is only a pointer of Git LFS to the weights; `git lfs pull` fetches them")
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(f"{path.name} is no safetensors file, or not all of it is there ({error})") from error


def listed(names: Iterable[str], separator: str = ", ") -> str:
    """Names in order, as many as a sentence holds."""
    shown = sorted(names)
    more = f"{separator}and {len(shown) - N_NAMED} more" if len(shown) > N_NAMED else ""
    return separator.join(shown[:N_NAMED]) + more
