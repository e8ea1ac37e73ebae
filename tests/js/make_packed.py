"""Writes `packed.json`: a frame as the server packs it, in base64, for the tests of what unpacks them in the browser.

Usage: python -m tests.js.make_packed
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.wire.payload import Packed, framed, pack

FILE = Path(__file__).parent / "packed.json"


def packed() -> bytes:
    """A frame of one array of each dtype, at lengths that need padding, and patterns whole and halved."""
    of_kind: dict[str, NDArray[Any]] = {
        "int8": np.arange(-1, 2, dtype=np.int8),
        "uint8": np.arange(5, dtype=np.uint8),
        "uint16": np.arange(3, dtype=np.uint16) * 300,
        "uint32": np.arange(2, dtype=np.uint32) * 70_000,
        "float32": np.arange(6, dtype=np.float32).reshape(2, 3) / 2,
    }
    arrays = {name: Packed(values, values.shape) for name, values in of_kind.items()}
    arrays["pattern"] = Packed(np.arange(2 * 2 * 6, dtype=np.uint16), (2, 2, 3, 3), half=True)
    arrays["pattern_cross"] = Packed(np.arange(2 * 6, dtype=np.uint16), (1, 2, 2, 3))
    return framed({"seq": 7, **pack(arrays)})


if __name__ == "__main__":
    FILE.write_text(json.dumps(base64.b64encode(packed()).decode("ascii")) + "\n", encoding="utf-8")
