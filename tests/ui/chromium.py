"""The browser that the tests drive: find one, or install one when run as a module (`make test` does)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from app.shooting.chromium import FLAGS, SHELL, find

__all__ = ["FLAGS", "SHELL", "find", "install", "works"]


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
