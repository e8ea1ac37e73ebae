"""`cutaway shoot`: one figure as a file, or the pack of them all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from app.exhibits import WALK
from app.shooting.studio import ADDRESS, KINDS, ShootingError, studio

SCALES = ("1", "2", "4")


def parser() -> argparse.ArgumentParser:
    """The options of `shoot`."""
    options = argparse.ArgumentParser(
        prog="cutaway shoot",
        usage="%(prog)s LINK|EXHIBIT [--text TEXT] [--part PART] -o FIGURE",
        description="Save a figure of the page, as its own sheet makes it. The page of a link that is not running is "
        "served for the time that it takes.",
    )
    options.add_argument("what", metavar="LINK|EXHIBIT", help=f"a link of the page, or one of {', '.join(WALK)}")
    options.add_argument(
        "-o", "--output", type=Path, metavar="FIGURE", help=f"a file that ends in .{', .'.join(KINDS)}"
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
    if given.output is None:
        options.error("name the file: -o FIGURE.svg")
    ending = given.output.suffix.lower().removeprefix(".")
    if ending not in KINDS:
        options.error(f"{given.output} ends in {ending or 'nothing'!r}; it may be {', '.join(KINDS)}")
    try:
        state = state_of(given.what) | {
            name: said for name in ("text", "model", "theme") if (said := getattr(given, name)) is not None
        }
        with studio(given.what if "://" in given.what else ADDRESS) as room, room.shown(**state) as shown:
            if shown.amiss:
                print(shown.amiss, file=sys.stderr)
            kind = f"png{given.scale}" if ending == "png" else KINDS[ending]
            figure = shown.make(kind, given.part, state.get("theme", "paper"), not given.no_caption)
        given.output.write_bytes(figure.data)
    except (ShootingError, OSError) as error:
        print(f"cutaway shoot: {error}", file=sys.stderr)
        return 1
    print(f"{given.output}, {len(figure.data):,} bytes: {figure.caption}")
    return 0


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
