"""Writes `packed.json`: arrays as the server packs them, for the tests of what unpacks them in the browser.

Usage: python -m tests.js.make_packed
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.wire.payload import Packed, pack

FILE = Path(__file__).parent / "packed.json"


def packed() -> dict[str, Any]:
    """One array of each dtype, at lengths that need padding, and patterns whole and halved."""
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
    return pack(arrays)


if __name__ == "__main__":
    FILE.write_text(json.dumps(packed(), indent=1) + "\n", encoding="utf-8")
