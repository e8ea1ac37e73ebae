"""The page in a notebook: `from app.notebook import show`.

    show("The little dog ran", exhibit="attention", model="gpt")   an exhibit, live
    show(patterns=array, tokens=["The", " dog"])                   attention arrays of any model

Needs `pip install 'cutaway[notebook]'`, and no server: what the page would ask of one, the kernel answers.
"""

from __future__ import annotations

from app.notebook.show import show

__all__ = ["show"]
