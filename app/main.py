"""Serves the page: `cutaway serve`, `python -m app.main`, and `python app/main.py` as a Space runs its `app_file`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a script: the packages lie one level up, and this folder's names must not hide others
    sys.path[0] = str(Path(__file__).resolve().parents[1])

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
"""Read by libraries when they are imported: none of them may call anywhere."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Read by NumPy when it is imported: its products here take less than a millisecond, ten times that if a second thread
must wait for a busy core. ONNX Runtime has threads of its own."""


def serve(host: str, port: int) -> None:
    """Serves the page until interrupted.

    Args:
        host: the address to listen on; 0.0.0.0 for all of this machine's.
        port: the port to listen on.

    Raises:
        SystemExit: there is no model to show, or the port cannot be had; the message says what to do.
    """
    os.environ.update(QUIET | ONE_THREAD)
    for variable in ("no_proxy", "NO_PROXY"):  # Gradio calls its own server once when it starts
        os.environ[variable] = ",".join(filter(None, [os.environ.get(variable), "localhost", "127.0.0.1", host]))

    import gradio as gr

    from app.engine import Engine
    from app.page import page

    engine = Engine()
    if not engine.names:
        raise SystemExit("There is no model to show. `python -m export build gpt` makes the graphs of the bundled one.")
    blocks = page.build(engine)
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            run_history=False,
            pwa=False,
            footer_links=[],
            enable_monitoring=False,
            max_file_size="1kb",  # nothing is ever uploaded
            theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
            favicon_path=page.STATIC / "favicon.svg",
            head=page.ASSETS.head(page.STATIC_URL),
        )
    except OSError as error:
        if "empty port" not in str(error):
            raise
        raise SystemExit(f"Port {port} of {host} cannot be had; choose another with --port.") from None
    with contextlib.suppress(KeyboardInterrupt):
        print(f"Cutaway: {address} (Ctrl+C to stop)", flush=True)
        blocks.block_thread()
    blocks.close(verbose=False)


def parser() -> argparse.ArgumentParser:
    """The options of `serve`. A host that sets Gradio's variables (a Space does) is obeyed."""
    options = argparse.ArgumentParser(prog="cutaway serve", description="Serve the page.")
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    options.add_argument("--host", default=host, help="the address to listen on (default: %(default)s)")
    options.add_argument("--port", default=port, type=int, help="the port to listen on (default: %(default)s)")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and serves."""
    options = parser().parse_args(arguments)
    serve(options.host, options.port)


if __name__ == "__main__":
    main()
