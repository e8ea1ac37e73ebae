"""The app as a Space of the hub starts it: `app_file` of the README's front matter, a source that nothing may be
written to, an empty home, strangers as visitors.

    python -m tests.ui.space [--lowest]

makes a fresh environment from requirements.txt first, as a Space does, or of the lowest versions that stand there,
starts it in there, types into the page and says what it saw. That takes minutes and the package index; the tests use
the environment that they run in.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.requirements import Requirement
from playwright.sync_api import sync_playwright

from tests.test_house import committed
from tests.ui import chromium
from tests.ui.page import Pages
from tests.ui.server import READY_WITHIN_S, ROOT, answers, free_port

TYPED = "The little dog saw"
KEPT = ("PATH", "LANG", "SSL_CERT_FILE")


def front_matter() -> dict[str, str | list[str]]:
    """What the README tells the hub: plain values and lists of them, which is all of YAML that it uses."""
    told: dict[str, str | list[str]] = {}
    name = ""
    _, block, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    for line in block.splitlines():
        if line.startswith("  - "):
            told[name] = [*(told[name] or []), line[4:].strip('"')]
        else:
            name, _, value = line.partition(":")
            told[name] = value.strip().strip('"')
    return told


def source(folder: Path) -> None:
    """A copy of what is committed, none of which may be written to."""
    for path in committed():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)


def as_a_plain_user() -> list[str]:
    """What a command is begun with so that no right of root opens what is read-only."""
    return ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 and shutil.which("setpriv") else []


@contextmanager
def started(python: str = sys.executable) -> Iterator[str]:
    """The app as a Space runs it; gives its address once it answers.

    Raises:
        RuntimeError: it ended or stayed silent; the message holds what it printed.
    """
    port = free_port()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"SPACE_ID": "someone/cutaway", "SYSTEM": "spaces", "PYTHONUNBUFFERED": "1"}
    environment |= {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(port), "HF_HUB_OFFLINE": "1"}
    folder = Path(tempfile.mkdtemp())
    home, code = folder / "home", folder / "code"
    home.mkdir()
    code.mkdir()
    source(code)
    command = [*as_a_plain_user(), python, str(front_matter()["app_file"])]
    try:
        with (
            tempfile.TemporaryFile("w+") as output,
            subprocess.Popen(
                command, cwd=code, env=environment | {"HOME": str(home)}, stdout=output, stderr=subprocess.STDOUT
            ) as process,
        ):
            try:
                deadline = time.monotonic() + READY_WITHIN_S
                while not answers(url := f"http://127.0.0.1:{port}/"):
                    if process.poll() is not None or time.monotonic() > deadline:
                        output.seek(0)
                        raise RuntimeError(f"the app did not come up (exit status {process.poll()}):\n{output.read()}")
                    time.sleep(0.1)
                yield url
                process.terminate()
                assert process.wait(timeout=20) == 0
                output.seek(0)
                said = output.read()
                assert re.fullmatch(r"Cutaway: http://\S+ \(Ctrl\+C to stop\)\n", said), said
            finally:
                process.kill()
    finally:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)


def fresh(folder: Path, lowest: bool = False) -> str:
    """A new environment with what requirements.txt names, and nothing else; gives its interpreter.

    Args:
        folder: where it is made.
        lowest: whether it is of the lowest versions that stand there, else of what pip chooses.
    """
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = [Requirement(line) for line in lines if line and not line.startswith("#")]
    exactly = [str(one) for one in required]
    if lowest:
        bounds = {one.name: bound.version for one in required for bound in one.specifier if bound.operator == ">="}
        exactly = [f"{name}=={version}" for name, version in bounds.items()]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *exactly], check=True)
    return python


def main() -> None:
    """Makes the environment, starts the app, types."""
    options = argparse.ArgumentParser(prog="python -m tests.ui.space")
    options.add_argument("--lowest", action="store_true", help="with the lowest versions of requirements.txt")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = fresh(Path(folder) / "venv", chosen.lowest)
        listed = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
        assert not re.search(r"^torch\b", listed, re.MULTILINE), "requirements.txt brings torch"
        with started(python) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
            pages = Pages(browser, url)
            page = pages()
            page.type(TYPED)
            likeliest = page.frame()["next"]["top"][0]["text"]
            print(f"{len(listed.splitlines()) - 2} packages, no torch; typed {TYPED!r}, read {likeliest!r} next")
            pages.close()
            browser.close()


if __name__ == "__main__":
    main()
