"""The cards of the bundled models as markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.page import card
from model import zoo

BUNDLED = sorted(path.parent.name for path in zoo.CHECKPOINTS.glob(f"*/{card.FILE}"))


@pytest.mark.parametrize("name", BUNDLED)
def test_a_card_is_markup_below_the_pages_own_heading_with_its_tables_and_its_drawing(name: str):
    markup = card.markup(zoo.CHECKPOINTS / name)
    assert markup is not None
    assert re.findall(r"<h(\d)>", markup)[:2] == ["2", "3"]
    assert "<table>" in markup
    assert re.findall(r'<img src="([^,"]*)', markup) == ["data:image/svg+xml;base64"]
    assert "Limits" in markup
    assert markup.startswith("<h2>"), "what stands in front of it is for the hub"
    assert "model-index" not in markup


def test_markup_in_a_card_stays_text_and_a_model_without_one_has_none(tmp_path: Path):
    assert card.markup(tmp_path) is None
    (tmp_path / "of").mkdir()
    (tmp_path / "of" / card.FILE).write_text("# A\n\n<script>alert(1)</script> & `<|endoftext|>`", encoding="utf-8")
    markup = card.markup(tmp_path / "of")
    assert markup is not None
    assert "<script" not in markup
    assert "&lt;|endoftext|&gt;" in markup
