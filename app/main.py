"""Serves the page: `cutaway serve`, `python -m app.main`, and `python app/main.py` as a Space runs its `app_file`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

if not __package__:  # run as a script: the packages lie one level up, and this folder's names must not hide others
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from app.running.limits import Limits, described, limits, option, variable

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
"""Read by libraries when they are imported: none of them may call anywhere."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Read by NumPy when it is imported: its products here take less than a millisecond, ten times that if a second thread
must wait for a busy core. ONNX Runtime has threads of its own."""


def serve(host: str, port: int, models: Sequence[str] = ()) -> None:
    """Serves the page until told to stop.

    Args:
        host: the address to listen on; 0.0.0.0 or :: for all of this machine's.
        port: the port to listen on.
        models: models to offer besides, see `app.running.offered`; the page opens with the first.

    Raises:
        SystemExit: there is no model to show, the address cannot be had, or a limit is none; the message says what
            to do.
    """
    from app.serving import listening, logs, stubs
    from app.serving.surroundings import settle
    from export.runtime.ready import listed

    settle()
    os.environ.update(QUIET | ONE_THREAD)
    logs.to(sys.stderr)
    try:
        bounds = limits()
        listed(bounds.models)  # a wrong list is told before anything is loaded
        sockets = listening.listen(host, port)
    except ValueError as error:
        raise SystemExit(str(error)) from None

    from app.engine import Engine
    from app.running.offered import NotOfferedError, offered
    from app.serving.server import Server
    from model import unsaid

    engine = Engine()
    with stubs.unwritten():
        from app.serving.house import CutawayServer, NoMcpError, NoModelError

        try:
            for said in models:
                name, folder = offered(said)
                engine.open_with(name, folder)
                if told := unsaid.sentence(name, engine.config(name)):
                    print(told, flush=True)
            house = CutawayServer(engine, host, bounds, os.environ.get("GRADIO_ROOT_PATH", ""))
        except (NoModelError, NoMcpError, NotOfferedError) as error:
            raise SystemExit(str(error)) from None
    address = listening.url(host, sockets[0].getsockname()[1], house.root)

    def ready() -> None:
        print(f"Cutaway: {address} (Ctrl+C to stop)", flush=True)
        house.opened()

    Server(house.door, bounds, ready, house.close).run(sockets)


def replicate(n: int, host: str, port: int) -> None:
    """Serves the page by several replicas until told to stop. Raises SystemExit as `serve`, or where Ray is missing."""
    from app.serving import replicas
    from export.runtime.ready import listed

    os.environ.update(QUIET | ONE_THREAD)
    try:
        bounds = limits()
        listed(bounds.models)
        replicas.serve(n, host, port, bounds)
    except (replicas.NoRayError, ValueError) as error:
        raise SystemExit(str(error)) from None


def end_quietly(number: int, frame: FrameType | None) -> None:
    """What a signal does while the server is still starting: nothing is in hand, so it ends."""
    raise SystemExit(0)


def parser() -> argparse.ArgumentParser:
    """The options of `serve`. A host that sets Gradio's variables (a Space does) is obeyed."""
    options = argparse.ArgumentParser(
        prog="cutaway serve", usage="%(prog)s [--host HOST] [--port PORT] [LIMIT ...]", description="Serve the page."
    )
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    options.add_argument("--host", default=host, help="the address to listen on (default: %(default)s)")
    options.add_argument("--port", default=port, type=int, help="the port to listen on (default: %(default)s)")
    options.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="FOLDER|OWNER/NAME",
        help="a model to offer besides, and to open with: a folder in Hugging Face layout, a checkpoint with its "
        "graphs, or a name on the hub; may be given several times",
    )
    options.add_argument(
        "--ray", type=int, metavar="N", help="serve by N replicas behind Ray's proxy, which needs cutaway[ray]"
    )
    bounds = options.add_argument_group("limits", "each can be set by a variable of the environment too")
    for field in dataclasses.fields(Limits):
        switch = isinstance(field.default, bool)
        bounds.add_argument(
            option(field.name),
            dest=variable(field.name),
            help=described(field),
            **{"action": argparse.BooleanOptionalAction} if switch else {"metavar": "N" if field.default else "TEXT"},
        )
    return options


def settings(given: argparse.Namespace) -> dict[str, str]:
    """What was given of the limits, as the variables of the environment that say the same."""
    said = {variable(field.name): getattr(given, variable(field.name)) for field in dataclasses.fields(Limits)}
    return {name: str(value) for name, value in said.items() if value is not None}


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and serves."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end_quietly)
    options = parser().parse_args(arguments)
    os.environ.update(settings(options))
    if options.ray is not None:
        if options.model:
            raise SystemExit("--ray serves the models that every replica finds; leave --model out.")
        replicate(options.ray, options.host, options.port)
        return
    serve(options.host, options.port, options.model)


if __name__ == "__main__":
    main()
