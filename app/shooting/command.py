"""`cutaway shoot`: one figure as a file, or a pack of them, for a first lecture on transformers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from app.exhibits import WALK
from app.shooting.pack import INDEX, Pack
from app.shooting.studio import ADDRESS, KINDS, ShootingError, studio

SCALES = ("1", "2", "4")


def parser() -> argparse.ArgumentParser:
    """The options of `shoot`."""
    options = argparse.ArgumentParser(
        prog="cutaway shoot",
        usage="%(prog)s LINK|EXHIBIT [--text TEXT] [--part PART] -o FIGURE\n       %(prog)s --pack FOLDER [EXHIBIT]",
        description="Save a figure of the page, as its own sheet makes it. The page of a link that is not running is "
        "served for the time that it takes.",
    )
    options.add_argument(
        "what", nargs="?", metavar="LINK|EXHIBIT", help=f"a link of the page, or one of {', '.join(WALK)}"
    )
    options.add_argument(
        "-o", "--output", type=Path, metavar="FIGURE", help=f"a file that ends in .{', .'.join(KINDS)}"
    )
    options.add_argument(
        "--pack",
        type=Path,
        metavar="FOLDER",
        help="a folder for every step of every exhibit, or of one, as SVG and PNG, with an index and credits; where it "
        "was interrupted, the same command goes on",
    )
    options.add_argument("--text", help="the text, if not the link's")
    options.add_argument("--model", help="the model, if not the link's")
    options.add_argument("--part", default="picture", help="a part of it, by its heading or as an embed names it")
    options.add_argument("--theme", choices=["paper", "blueprint"], help="if not the link's (default: paper)")
    options.add_argument("--scale", choices=SCALES, default="2", help="of a PNG (default: %(default)s)")
    options.add_argument("--no-caption", action="store_true", help="no line under it; it stays in the file's metadata")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line and draws; gives the exit status."""
    options = parser()
    given = options.parse_args(arguments)
    try:
        return shoot_pack(given) if given.pack else shoot_one(given, options)
    except (ShootingError, OSError) as error:
        print(f"cutaway shoot: {error}", file=sys.stderr)
        return 1


def shoot_one(given: argparse.Namespace, options: argparse.ArgumentParser) -> int:
    """Draws the figure that was asked for. Raises ShootingError."""
    if given.what is None or given.output is None:
        options.error("name a link or an exhibit, and the file: cutaway shoot attention -o FIGURE.svg")
    ending = given.output.suffix.lower().removeprefix(".")
    if ending not in KINDS:
        options.error(f"{given.output} ends in {ending or 'nothing'!r}; it may be {', '.join(KINDS)}")
    state = state_of(given.what) | asked(given)
    with studio(given.what if "://" in given.what else ADDRESS) as room, room.shown(state) as shown:
        if shown.amiss:
            print(shown.amiss, file=sys.stderr)
        kind = f"png{given.scale}" if ending == "png" else KINDS[ending]
        figure = shown.make(kind, given.part, state.get("theme", "paper"), not given.no_caption)
    given.output.write_bytes(figure.data)
    print(f"{given.output}, {len(figure.data):,} bytes: {figure.caption}")
    return 0


def shoot_pack(given: argparse.Namespace) -> int:
    """Draws the pack, or what of it is not there yet. Raises ShootingError."""
    exhibits = (state_of(given.what)["exhibit"],) if given.what else WALK
    with studio() as room:
        n_figures = Pack(given.pack, asked(given)).make(room, exhibits)
    print(f"{given.pack / INDEX}: {n_figures} figures, as SVG and PNG")
    return 0


def asked(given: argparse.Namespace) -> dict[str, str]:
    """What was given besides the link, as it stands in one."""
    return {name: said for name in ("text", "model", "theme") if (said := getattr(given, name)) is not None}


def state_of(what: str) -> dict[str, str]:
    """What stands in a link, or the state of an exhibit that was named.

    Raises:
        ShootingError: it is neither.
    """
    if what in WALK:
        return {"exhibit": what}
    parts = urlsplit(what)
    if parts.scheme in ("http", "https") or what.startswith("#"):
        return dict(parse_qsl(parts.fragment, keep_blank_values=True))
    raise ShootingError(f"{what} is neither a link nor an exhibit; there are {', '.join(WALK)}.")
