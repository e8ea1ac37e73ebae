"""`python -m model.tokenizers rebuild --hub DIR --corpora DIR`: makes the vocabularies that ship with the project."""

from __future__ import annotations

import argparse
from pathlib import Path

from model.tokenizers import rebuild


def main() -> None:
    """Rebuilds what the given folders hold the sources of."""
    parser = argparse.ArgumentParser(prog="python -m model.tokenizers", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("rebuild", help="make the xz files again")
    command.add_argument("--hub", type=Path, help="a Hugging Face cache with the eight published vocabularies")
    command.add_argument("--corpora", type=Path, help="text to count words and characters in")
    folders = parser.parse_args()
    if folders.hub is None and folders.corpora is None:
        parser.error("nothing to rebuild from; name a folder with --hub, with --corpora, or both")
    try:
        if folders.hub is not None:
            rebuild.published(folders.hub)
        if folders.corpora is not None:
            rebuild.counted(folders.corpora)
    except FileNotFoundError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
