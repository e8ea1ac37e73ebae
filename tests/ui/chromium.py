"""The browser that the tests drive: find one, or install one when run as a module (`make test` does)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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


def works(command: list[str]) -> bool:
    """Whether a command can be run here and succeeds; a distribution's placeholder for a snap, say, does not."""
    try:
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> None:
    """Install the distribution's Chromium where apt-get is there and we may use it, else Playwright's."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if shutil.which("apt-get") and (not sudo or works([*sudo, "true"])):
        apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
        subprocess.run([*apt, "update"])
        for package in (SHELL, "chromium"):
            subprocess.run([*apt, "install", "--yes", "--no-install-recommends", package])
            if (path := find()) and works([path, "--version"]):
                return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> None:
    """Make sure that a browser is there, and say which."""
    path = find()
    if path is None or not works([path, "--version"]):
        install()
        path = find()
    if path is None or not works([path, "--version"]):
        sys.exit("No Chromium could be installed. Install one and name it: CHROMIUM=/path/to/chromium make test")
    print(f"Browser tests use {path}")


if __name__ == "__main__":
    main()
