"""Where a safetensors file keeps each tensor.

No torch here. The layout: 8 bytes with the header's length N, little-endian; N bytes of JSON; the tensors, with offsets
that count from the header's end (https://github.com/huggingface/safetensors). Graphs point into the file by offset, so
a graph and a file belong together only while the header stays what it was: `fingerprint` tells.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FINGERPRINT = "safetensors_header_sha256"
"""The key under which a graph's metadata holds the fingerprint of the file that it points into."""
INT8_FINGERPRINT = f"int8_{FINGERPRINT}"
"""The key of the second file's, of a graph that points into two."""
MADE_OF = "made_of_sha256"
"""The key under which a file's metadata holds the digest of the one that its tensors were computed from."""


@dataclass(frozen=True)
class Slot:
    """Where one tensor's bytes lie."""

    dtype: str
    """As safetensors names it: "F16", "F32", ..."""
    shape: tuple[int, ...]
    offset: int
    """In bytes, from the beginning of the file."""
    length: int
    """In bytes."""


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(int.from_bytes(file.read(8), "little"))


def fingerprint(path: Path) -> str:
    """A hash of the names, types, shapes and places of all tensors, not of their values."""
    return hashlib.sha256(_header(path)).hexdigest()


def digest(path: Path) -> str:
    """A hash of the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def metadata(path: Path) -> dict[str, str]:
    """What a safetensors file says of itself."""
    found: dict[str, str] = json.loads(_header(path)).get("__metadata__", {})
    return found


def is_made_of(path: Path, source: Path) -> bool:
    """Whether a file's tensors were computed from that of now."""
    return metadata(path).get(MADE_OF) == digest(source)


def slots(path: Path) -> dict[str, Slot]:
    """Every tensor of a safetensors file, by name."""
    header = _header(path)
    begin = 8 + len(header)
    tensors = json.loads(header)
    tensors.pop("__metadata__", None)
    return {
        name: Slot(tensor["dtype"], tuple(tensor["shape"]), begin + first, end - first)
        for name, tensor in tensors.items()
        for first, end in [tensor["data_offsets"]]
    }
