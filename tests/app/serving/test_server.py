"""The server's life, as a process: it says where it is, finishes what is in hand, and ends with status 0."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.app.serving.conftest import Gradio, Serve
from tests.ui.server import OUR_SETTINGS, free_port

ROOT = Path(__file__).resolve().parents[3]
READY_S = 120
ENDED_S = 10


@dataclass
class Child:
    """A server in a process of its own, and its address."""

    process: subprocess.Popen[str]
    url: str

    def get(self, path: str) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"{self.url}{path}")


@contextmanager
def child(
    environment: Mapping[str, str] | None = None,
    before: tuple[str, ...] = (),
    host: str = "127.0.0.1",
    cwd: Path = ROOT,
) -> Iterator[Child]:
    """`cutaway serve` that has said its address; nothing of it is left afterwards.

    Args:
        environment: variables that are added; all others are as for the tests.
        before: a command that starts the one that follows it.
        host: where it listens.
        cwd: the folder that it is started in.
    """
    given = {name: value for name, value in os.environ.items() if not name.startswith(OUR_SETTINGS)}
    command = [*before, sys.executable, str(ROOT / "app" / "main.py"), "--host", host, "--port", str(free_port())]
    with subprocess.Popen(
        command,
        cwd=cwd,
        env={**given, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        watch = threading.Timer(READY_S, process.kill)
        watch.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            watch.cancel()
            assert line.startswith("Cutaway: http://"), line + process.stdout.read()
            yield Child(process, line.split()[1].rstrip("/"))
        finally:
            watch.cancel()
            process.kill()


def status_after(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    return process.wait(timeout=ENDED_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_with_status_0(number: signal.Signals) -> None:
    with child() as served, socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))):
        assert served.get("/healthz").json()["status"] == "ok"
        assert status_after(served.process, number) == 0
        assert served.process.stdout is not None
        assert served.process.stdout.read() == ""


def test_a_signal_ends_it_while_it_is_starting() -> None:
    given = {name: value for name, value in os.environ.items() if not name.startswith(OUR_SETTINGS)}
    command = [sys.executable, "-m", "app.main", "--port", str(free_port())]
    with subprocess.Popen(
        command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        time.sleep(1)
        assert status_after(process, signal.SIGTERM) == 0
        assert process.stdout is not None
        assert "Traceback" not in process.stdout.read()


FEW_DESCRIPTORS = ("sh", "-c", 'ulimit -n 256; exec "$@"', "sh")


def test_it_answers_though_more_connections_stand_idle_than_it_has_descriptors() -> None:
    with child(before=FEW_DESCRIPTORS) as served, ExitStack() as idle:
        port = int(served.url.rpartition(":")[2])
        for _ in range(260):
            idle.enter_context(socket.create_connection(("127.0.0.1", port)))
        for path in ("/", "/healthz", "/robots.txt"):
            assert served.get(path).status_code == 200
        assert status_after(served.process, signal.SIGTERM) == 0
        assert served.process.stdout is not None
        assert len(served.process.stdout.read()) < 1_000


def can_unshare() -> bool:
    return subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True).returncode == 0


def test_a_signal_ends_it_as_the_first_process_of_a_container() -> None:
    if sys.platform != "linux" or not can_unshare():
        pytest.skip("a process namespace cannot be made here")
    with child(before=("unshare", "--pid", "--fork", "--kill-child")) as served:
        inner = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
        (first,) = map(int, inner)
        assert Path(f"/proc/{first}/status").read_text().split("NSpid:")[1].split("\n")[0].split()[-1] == "1"
        os.kill(first, signal.SIGTERM)
        assert served.process.wait(timeout=ENDED_S) == 0


def test_the_answer_in_hand_is_finished_and_no_other_begun(serve: Serve) -> None:
    gate, gradio = threading.Event(), Gradio()
    gradio.gate = lambda: gate.wait(20)
    answers: list[httpx.Response] = []
    with serve(gradio=gradio) as served:
        asking = threading.Thread(target=lambda: answers.append(served.call("wait", data="in hand")))
        asking.start()
        while not gradio.asked:
            time.sleep(0.01)
        served.server.should_exit = True
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not answers:
            try:
                served.connect().close()
            except ConnectionRefusedError:
                break
            time.sleep(0.05)
        with pytest.raises(httpx.ConnectError):
            served.get("/healthz")
        assert not answers
        gate.set()
        asking.join(10)
    assert answers[0].json() == "in hand"


NOBODY = "54321"
"""A user whom no system knows."""
AS_NOBODY = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
HOMELESS = ("env", *(f"--unset={name}" for name in ("HOME", "XDG_CACHE_HOME", "USER", "LOGNAME")))
MOUNTED = 'for place in /tmp /var/tmp /usr/tmp; do mount -t tmpfs -o ro none $place; done 2>/dev/null; exec "$@"'
READ_ONLY_TEMPORARY = ("unshare", "--mount", "sh", "-c", MOUNTED, "sh")


@pytest.mark.parametrize("place", ["no home", "unreadable home", "read-only temporary folder"])
def test_it_starts_where_little_is_given(place: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o000)
    before = {
        "no home": (*AS_NOBODY, *HOMELESS),
        "unreadable home": (*AS_NOBODY, "env", f"HOME={home}"),
        "read-only temporary folder": (*READ_ONLY_TEMPORARY, *AS_NOBODY, *HOMELESS),
    }[place]
    if sys.platform != "linux" or subprocess.run([*before, "true"], capture_output=True).returncode:
        pytest.skip("a user or a file system cannot be made up here")
    with child({"CUTAWAY_CACHE": "", "TMPDIR": ""}, before, cwd=Path("/proc")) as served:
        assert served.get("/healthz").json()["status"] == "ok"
        assert served.get("/").status_code == 200
        assert status_after_all(served.process) == 0


def status_after_all(process: subprocess.Popen[str]) -> int:
    """The status after SIGTERM, and that nothing was said."""
    status = status_after(process, signal.SIGTERM)
    assert process.stdout is not None
    assert process.stdout.read() == ""
    return status


def test_a_space_without_the_package_spaces_starts_without_a_word() -> None:
    with child({"SPACE_ID": "someone/cutaway", "SYSTEM": "spaces", "SPACE_HOST": "someone-cutaway.hf.space"}) as served:
        with httpx.Client(trust_env=False, headers={"Host": "someone-cutaway.hf.space"}) as client:
            page = client.get(f"{served.url}/")
        assert page.status_code == 200
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        assert status_after_all(served.process) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads in /proc how often a thread woke")
def test_an_idle_server_sleeps() -> None:
    with child() as served:
        status = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/status")

        def woke() -> int:
            return int(status.read_text(encoding="ascii").rpartition("\nvoluntary_ctxt_switches:")[2].split()[0])

        seconds = []
        for _ in range(30):  # the first are of its look at the models
            before = woke()
            time.sleep(1)
            seconds.append(woke() - before)
            if seconds[-1] < 100:
                break
    assert seconds[-1] < 100, f"its event loop woke so often in each second: {seconds}"
