"""What an error says to whoever reads the page: what is wrong, and no path of this machine."""

from __future__ import annotations

from pathlib import PurePath


def said(error: BaseException) -> str:
    """An error's own words; of one that the system raised about a file, with the file's name and not where it lies."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.strerror}: {PurePath(str(error.filename)).name}"
    return str(error)
