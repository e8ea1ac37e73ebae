"""When a page that is driven from outside has all that it asks for."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Request

LONGEST_PAUSE_S = 0.6
"""Longer than any pause after which the page asks for more."""


class Requests:
    """What a page asks for, watched from now on.

    Args:
        page: the page, before it is opened.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._under_way: set[Request] = set()
        self._asked_at = 0.0
        page.on("request", self._asked)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _asked(self, request: Request) -> None:
        if request.resource_type != "eventsource":  # which never ends
            self._under_way.add(request)
            self._asked_at = time.monotonic()

    def _ended(self, request: Request) -> None:
        self._under_way.discard(request)

    def rest(self) -> None:
        """Until what is asked for when typing has rested is there: no request for longer than any such pause.

        A browser's own "network idle" is no such moment: it comes once, when a page has been opened.
        """
        called = time.monotonic()
        while self._under_way or time.monotonic() < max(called, self._asked_at) + LONGEST_PAUSE_S:
            self._page.wait_for_timeout(50)
