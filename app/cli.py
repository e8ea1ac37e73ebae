"""The console script `cutaway`: serve, shoot, export, verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from app import main as server

HELP = """Cutaway: type a sentence and watch every part of a real transformer compute on it.

  cutaway serve [--host 127.0.0.1] [--port 7860] [--model FOLDER|OWNER/NAME]
                                                   serve the page, of this model too
  cutaway shoot EXHIBIT|LINK -o FIGURE             save a figure of it: .svg, .png, .pdf, .html, .csv, .npz
  cutaway export NAME                              build a model's ONNX graphs  (python -m export build)
  cutaway export NAME --upload OWNER/REPO          put them onto the hub, for servers without torch
  cutaway verify NAME                              hold them against PyTorch    (python -m export verify)

`cutaway COMMAND --help` lists a command's options."""

EXPORT_COMMANDS = {"export": "build", "verify": "verify"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Dispatches to a command; only `export` and `verify` import torch. Gives the exit status."""
    options = argparse.ArgumentParser(prog="cutaway", description=HELP, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("command", choices=["serve", "shoot", *EXPORT_COMMANDS], metavar="COMMAND")
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = options.parse_args(given[:1]).command
    if command == "serve":
        server.main(given[1:])
        return 0
    if command == "shoot":
        return shoot(given[1:])

    from export.__main__ import main as export

    status: int = export([EXPORT_COMMANDS[command], *given[1:]])
    return status


def shoot(arguments: Sequence[str]) -> int:
    """As `app.shooting.command`, which needs a package more than serving does."""
    if find_spec("playwright") is None:
        print("cutaway shoot needs a package more: pip install 'cutaway[figures]'.", file=sys.stderr)
        return 1

    from app.shooting import command

    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
