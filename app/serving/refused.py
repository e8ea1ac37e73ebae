"""What a request is refused with: a status, a word for the count of refusals, and a sentence for whoever sent it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Scope = dict[str, Any]
"""An ASGI connection's scope, as the ASGI specification describes it (HTTP, version 2.4)."""
Headers = tuple[tuple[bytes, bytes], ...]


class RefusedError(Exception):
    """A request that goes no further than the door.

    Args:
        status: the status of the answer.
        reason: one of few words, which the metrics count by.
        sentence: what is wrong, the limit, and what to do. It repeats nothing that was sent but what has been bounded.
        headers: what else the answer says.
    """

    def __init__(self, status: int, reason: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.sentence = sentence
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """The answer, in the form in which the page reads errors."""
        return json.dumps({"error": self.sentence}).encode("ascii")
