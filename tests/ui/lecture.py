"""A page that gives a lecture, as tests speak of it."""

from __future__ import annotations

from playwright.sync_api import Page


class Lecture:
    """A page that gives a lecture."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self, exhibit: str, step: int | None) -> None:
        """Waits until the slide of a step, counted from 0, is laid out."""
        said = f"{exhibit} {'null' if step is None else step}"
        self.page.wait_for_function("said => document.documentElement.dataset.slide === said", arg=said)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
