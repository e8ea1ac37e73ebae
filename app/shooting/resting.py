"""When a page that is driven from outside has all that it asks for."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Request

LONGEST_PAUSE_S = 0.9
"""Longer than any pause after which the page asks for more."""


class Requests:
    """What a page asks for, watched from now on.

    Args:
        page: the page, before it is opened.
        pause_s: how long it may ask for nothing and yet go on.
    """

    def __init__(self, page: Page, pause_s: float = LONGEST_PAUSE_S) -> None:
        self._page = page
        self._pause_s = pause_s
        self._under_way: set[Request] = set()
        self._busy_at = 0.0
        page.on("request", self._asked)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _asked(self, request: Request) -> None:
        if request.resource_type != "eventsource":  # which never ends
            self._under_way.add(request)
            self._busy_at = time.monotonic()

    def _ended(self, request: Request) -> None:
        if request in self._under_way:
            self._under_way.discard(request)
            self._busy_at = time.monotonic()  # of several, one is asked for when the one before is there

    def rest(self) -> None:
        """Until what is asked for when typing has rested is there: no request for longer than any such pause.

        A browser's own "network idle" is no such moment: it comes once, when a page has been opened.
        """
        called = time.monotonic()
        while self._under_way or time.monotonic() < max(called, self._busy_at) + self._pause_s:
            self._page.wait_for_timeout(50)
