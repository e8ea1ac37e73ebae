"""Reads a frame's body as the browser does: `opened` in `static/js/state/decode.js`."""

from __future__ import annotations

import json
from typing import Any


def opened(body: bytes) -> dict[str, Any]:
    """What it says, and the `blob` behind it."""
    length = int.from_bytes(body[:4], "little")
    return {**json.loads(body[4 : 4 + length]), "blob": body[4 + length :]}
