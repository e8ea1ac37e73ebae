"""An exhibit as CONTRIBUTING tells to add one, with nothing that it need not have."""

from __future__ import annotations

from pathlib import Path

NAME = "echo"
FILES = {
    "app/exhibits/echo/__init__.py": '"""The exhibit Echo."""\n',
    "app/exhibits/echo/plate.py": '''"""Echo: how many tokens the model read."""

from __future__ import annotations

TITLE = "Echo: what was read"
LEAD = "One number: the tokens of your text."
FORMULA = "n"
COMPUTED = "Counted."
ATTEMPT = "A longer text has more."
SETTING = {"text": "a longer text"}
PICTURE = '<p class="echo-words"></p>'
''',
    "app/exhibits/echo/frame.py": '''"""What the exhibit Echo draws: `echo`, the number of tokens."""

from __future__ import annotations

from app.asked.question import Part, Question

N_TOP = 12


def frame(question: Question) -> Part:
    """The number."""
    return Part({"echo": len(question.reading.trace.tokens)})
''',
    "app/exhibits/echo/steps.py": '''"""The steps of Echo."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step("Your text is read.", ".echo-words"),
    Step("What was read is counted.", ".echo-words"),
    Step("The count stands here.", ".echo-words"),
    Step("A longer text has a larger one.", ".echo-words"),
)
''',
    "static/js/exhibits/echo/index.js": """// The exhibit Echo: a number.

import { setText } from "../../dom.js";

export function mount(root) {
  return { draw: ({ frame }) => setText(root.querySelector(".echo-words"), `${frame.echo} tokens`) };
}
""",
    "static/js/exhibits/echo/echo.css": """/* The exhibit Echo. */

[data-exhibit="echo"] .echo-words {
  font-size: 40px;
}
""",
}


def add(root: Path) -> list[str]:
    """Writes its two folders into a tree; gives the files, from the tree's top."""
    for file, text in FILES.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, "utf-8")
    return [*FILES]


def name_it(root: Path) -> None:
    """Names it in a chapter of a tree."""
    registry = root / "app" / "exhibits" / "__init__.py"
    registry.write_text(registry.read_text("utf-8").replace('"Around": ()', '"Around": ("echo",)'), "utf-8")
