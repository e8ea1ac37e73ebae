"""Places of the README that programs write, between marks.

<!-- race: passes -->
...
<!-- end of race: passes -->
"""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def filled(text: str, place: str, words: str) -> str:
    """The text with a marked place filled. Raises ValueError where it has no such place."""
    begin, end = f"<!-- {place} -->", f"<!-- end of {place} -->"
    if begin not in text or end not in text:
        raise ValueError(f"the README has no place between {begin} and {end}")
    return re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{words}\n{end}", text, flags=re.S)
