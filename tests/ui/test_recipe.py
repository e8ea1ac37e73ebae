"""CONTRIBUTING's recipe: an exhibit that was added by it works on the first click, in a copy of the project."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests import recipe
from tests.ui.page import Pages
from tests.ui.server import ROOT, serve


def test_an_exhibit_that_was_added_by_the_recipe_works_on_the_first_click(browser: Browser, tmp_path: Path) -> None:
    for copied in ("app", "static"):
        shutil.copytree(ROOT / copied, tmp_path / copied, ignore=shutil.ignore_patterns("__pycache__"))
    for linked in ("export", "model"):
        (tmp_path / linked).symlink_to(ROOT / linked)
    recipe.add(tmp_path)
    recipe.name_it(tmp_path)
    with serve(root=tmp_path) as url:
        pages = Pages(browser, url)
        page = pages(text="The little dog")
        echo = page.open(recipe.NAME)
        expect(echo.locator(".echo-words")).to_have_text("4 tokens")
        expect(echo.locator(".echo-words")).to_have_css("font-size", "40px")
        expect(page.page.locator(".rail .chapter")).to_have_text(["Inside", "Families", "Making", "Around"])
        page.type("The dog")
        expect(echo.locator(".echo-words")).to_have_text("3 tokens")
        again = pages(text="The dog", exhibit=recipe.NAME)
        expect(again.exhibit(recipe.NAME).locator(".echo-words")).to_have_text("3 tokens")
        again.open("trio")
        pages.close()
