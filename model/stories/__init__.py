"""Stories that no bundled model was trained on, to read models with: the first of those that training holds out.

TinyStories (Eldan and Li 2023, arXiv:2305.07759), CDLA-Sharing-1.0, unchanged: the forty whose text has the smallest
SHA-256 (`model.train.text.Split.choose`), in that order. No torch.
"""

from __future__ import annotations

from pathlib import Path

HELD_OUT = Path(__file__).parent / "held_out.txt"
SEPARATOR = "\n<|endoftext|>\n"


def held_out() -> tuple[str, ...]:
    """The stories, one at a time as they were told."""
    return tuple(HELD_OUT.read_text(encoding="utf-8").removesuffix("\n").split(SEPARATOR))
