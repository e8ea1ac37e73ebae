"""Which browser draws: where a Chromium is found, how it is started, and what to do where there is none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
"""Run as any user, draw in software, and open no connection of the browser's own."""

SHELL = "chromium-headless-shell"
"""Debian's package of the browser without its own windows: the same engine, and a page opens in half the time."""
INSTALL = (
    "It draws with a Chromium: install one (on Debian: apt-get install chromium; anywhere: playwright install"
    " chromium), or name one: CHROMIUM=/path/to/chromium."
)


def find() -> str | None:
    """The path of a Chromium: $CHROMIUM, one on the PATH, or Playwright's own download; None if there is none."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in (SHELL, "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None
