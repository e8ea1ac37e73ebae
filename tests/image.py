"""Runs the steps of the Dockerfile in a clean root, where no Docker is: what it copies, what it runs, and its command,
as its user, with the root read-only.

    debootstrap --variant=minbase --include=ca-certificates,python3-pip bookworm ROOT
    ln -s python3 ROOT/usr/bin/python
    python -m tests.image ROOT [--build-arg NAME=VALUE ...]

as root, on Linux. ROOT stands for the image that FROM names. Each step is printed; in the end the server's answer to
HEALTHCHECK, who it runs as, and how it ended. Name resolution and certificates are those of this machine, and pip asks
the index that this machine's pip asks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.test_house import ROOT, committed

OF_THIS_MACHINE = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")
PIPS = re.compile(r"PIP_|SSL_CERT|REQUESTS_CA|HTTPS?_PROXY|https?_proxy")
ADDRESS = "http://127.0.0.1:7860/"
PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/bin"
STARTS_WITHIN_S, ENDS_WITHIN_S = 60, 10


@dataclass
class Image:
    """What the steps so far made."""

    root: Path
    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0"
    told: dict[str, str] = field(default_factory=dict)


def steps(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile and what stands behind each."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in whole.splitlines() if line.strip()]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its ${NAME} filled in; a shell's own stay."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def run(image: Image, command: Sequence[str], user: str = "0", **options: object) -> subprocess.Popen[str]:
    """Begins a command within the root, with nothing of this process's environment but how pip finds its index."""
    environment = {name: value for name, value in os.environ.items() if PIPS.match(name)} if user == "0" else {}
    environment |= {"PATH": PATH, "PIP_BREAK_SYSTEM_PACKAGES": "1"} | image.environment
    entered = ["chroot", f"--userspec={user}:{user}", str(image.root), "env", f"--chdir={image.folder}", *command]
    return subprocess.Popen(entered, env=environment, text=True, **options)  # type: ignore[call-overload]


def build(image: Image, dockerfile: str) -> None:
    """Every step up to the command. Raises CalledProcessError where one fails."""
    for name in OF_THIS_MACHINE:
        shutil.copyfile(name, image.root / name[1:])
    for instruction, rest in steps(dockerfile):
        print(f"{instruction} {rest}"[:160], flush=True)
        if instruction == "ARG":
            name, _, value = rest.partition("=")
            image.arguments.setdefault(name, value)
        elif instruction == "ENV":
            image.environment |= dict(part.split("=", 1) for part in shlex.split(rest))
        elif instruction == "WORKDIR":
            image.folder = rest
            (image.root / rest[1:]).mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            *sources, target = rest.split()
            copy(image, sources, target)
        elif instruction == "RUN":
            step = run(image, ["sh", "-c", filled(rest, image.arguments)])
            if step.wait():
                raise subprocess.CalledProcessError(step.returncode, rest)
        elif instruction == "USER":
            image.user = rest
        else:
            image.told[instruction] = rest


def copy(image: Image, sources: Sequence[str], target: str) -> None:
    """Copies what is committed of some sources into the working folder, as a build of a fresh clone would."""
    into = image.root / image.folder[1:] / target
    for source in sources:
        for path in committed():
            if path == ROOT / source:
                into.mkdir(parents=True, exist_ok=True) if target.endswith(("/", ".")) else None
                shutil.copyfile(path, into / path.name if into.is_dir() else into)
            elif path.is_relative_to(ROOT / source):
                place = into / path.relative_to(ROOT / source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)


def started(image: Image) -> subprocess.Popen[bytes]:
    """The command as the image's user, as the first process of its own names, with the root mounted read-only."""
    command = " ".join(map(shlex.quote, json.loads(image.told["CMD"])))
    inner = (
        f"mount --bind {image.root} {image.root} && mount -o remount,ro,bind {image.root}"
        f" && mount -t proc proc {image.root}/proc"
        f" && exec chroot --userspec={image.user}:{image.user} {image.root}"
        f" env -i --chdir={image.folder} PATH={PATH}"
        f" {' '.join(f'{name}={value}' for name, value in image.environment.items())} {command}"
    )
    return subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "sh", "-c", inner])


def looked_at(image: Image, process: subprocess.Popen[bytes]) -> None:
    """Prints how the server does, stops it, and prints how it ended."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            health = json.load(urllib.request.urlopen(f"{ADDRESS}healthz", timeout=4))
            break
        except OSError:
            assert process.poll() is None, f"it ended with status {process.returncode}"
            assert time.monotonic() < deadline, "it did not answer"
            time.sleep(0.2)
    print(f"healthz: {health['status']}, {len(health['models'])} models")
    check = json.loads(image.told["HEALTHCHECK"].partition("CMD ")[2])
    print(f"HEALTHCHECK: status {run(image, check, image.user).wait()}")
    (child,) = subprocess.check_output(["pgrep", "-P", str(process.pid)], text=True).split()
    status = Path(f"/proc/{child}/status").read_text()
    within = re.search(r"^NSpid:.*\s(\d+)$", status, re.MULTILINE)
    uid = re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)
    assert within is not None
    assert uid is not None
    print(f"process {within[1]} of its container, user {uid[1]}")
    os.kill(int(child), signal.SIGTERM)
    print(f"SIGTERM: status {process.wait(ENDS_WITHIN_S)}")


def main() -> None:
    """Builds and looks."""
    options = argparse.ArgumentParser(prog="python -m tests.image")
    options.add_argument("root", type=Path)
    options.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    given = options.parse_args()
    image = Image(given.root.resolve(), dict(part.split("=", 1) for part in given.build_arg))
    build(image, (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    looked_at(image, started(image))


if __name__ == "__main__":
    main()
