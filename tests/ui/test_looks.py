"""Every exhibit looks as it did when somebody last looked at it: at two widths, in two themes, with motion off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from app.exhibits import WALK
from tests.ui import looks


@pytest.mark.parametrize("theme", looks.THEMES)
@pytest.mark.parametrize("width", looks.WIDTHS)
@pytest.mark.parametrize("exhibit", WALK)
def test_an_exhibit_looks_as_it_did(browser: Browser, url: str, tmp_path: Path, exhibit: str, width: int, theme: str):
    page = looks.open_at(browser, url, exhibit, width, theme)
    seen = looks.look(page)
    page.close()
    before = looks.reference(exhibit, width, theme)
    apart = looks.differences(seen, Image.open(before).convert("RGB"))
    row, column = np.unravel_index(apart.argmax(), apart.shape)
    if apart.max() > looks.LOOKS_ALIKE:
        seen.save(tmp_path / before.name)
        side = looks.SQUARE * looks.SMALLER
        pytest.fail(
            f"{exhibit} at {width} px in {theme} looks different at ({column * side}, {row * side}), by"
            f" {apart.max():.0f} of 255: compare {tmp_path / before.name} with {before}; if the new look is meant,"
            " run python -m tests.ui.looks"
        )


@pytest.mark.parametrize("gone", ["figure.atlas canvas", "section.cell .steps", ".next .candidates", ".rail"])
def test_a_part_that_is_gone_is_noticed(browser: Browser, url: str, gone: str):
    page = looks.open_at(browser, url, "attention", 1440, "paper")
    before = looks.look(page)
    page.locator(gone).first.evaluate("node => { node.style.visibility = 'hidden'; }")
    after = looks.look(page)
    page.close()
    assert looks.differences(before, before).max() == 0
    assert looks.differences(before, after).max() > looks.LOOKS_ALIKE
