"""The files that the page is made of, each read once, compressed once, and sent with what a browser needs to keep it.

A file of ours has the version of all of them in its address (`/v/<version>/js/main.js`): what is kept under an address
never changes, and a new version of the project asks for new ones. Gradio's own files carry a digest in their names.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from app.serving.refused import Headers, RefusedError

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
"""Kept, but asked for again each time with the validator: the page, and what has a name without a version."""
MISSING = "There is nothing at this address."
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}
_TYPES |= {".svg": "image/svg+xml", ".json": "application/json", ".ico": "image/x-icon"}
_PACKED_ALREADY = (".woff2", ".png", ".ico", ".jpg", ".webp")
QUALITY = 5
"""Brotli's. Above, a hundredth is gained for twenty times the time."""
SMALL = 1_000
"""Bytes below which compressing gains nothing: one packet carries either."""


@dataclass(frozen=True)
class Answer:
    """What a GET is answered with, in each form that it may be asked for in."""

    plain: bytes
    kind: str
    """Its media type."""
    kept: str
    """What Cache-Control says."""
    headers: Headers = ()
    """What else it says."""
    packed: Mapping[str, bytes] = field(default_factory=dict)
    """By Content-Encoding, the best first; empty where it would not be smaller."""

    @classmethod
    def of(cls, plain: bytes, kind: str, kept: str, headers: Headers = (), pack: bool = True) -> Answer:
        """An answer, compressed where that makes it smaller."""
        packed = {}
        if pack and len(plain) >= SMALL:
            packed = {"br": brotli.compress(plain, quality=QUALITY), "gzip": gzip.compress(plain, 6, mtime=0)}
        return cls(plain, kind, kept, headers, {way: body for way, body in packed.items() if len(body) < len(plain)})

    @property
    def tag(self) -> str:
        """Its validator: a digest of what it is, whatever it is packed in."""
        return f'W/"{hashlib.sha256(self.plain).hexdigest()[:32]}"'

    def sent(self, asked: Mapping[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body for a request with the headers `asked`."""
        headers = [(b"cache-control", self.kept.encode()), (b"etag", self.tag.encode()), *self.headers]
        if self.packed:
            headers.append((b"vary", b"accept-encoding"))
        if matches(asked.get(b"if-none-match", b"").decode("latin-1"), self.tag):
            return 304, headers, b""
        body = self.plain
        for way in accepted(asked.get(b"accept-encoding", b"").decode("latin-1"), self.packed):
            headers.append((b"content-encoding", way.encode()))
            body = self.packed[way]
            break
        headers += [(b"content-type", self.kind.encode()), (b"content-length", str(len(body)).encode())]
        return 200, headers, body


def matches(condition: str, tag: str) -> bool:
    """Whether If-None-Match holds a validator, by the weak comparison of RFC 9110."""
    given = {entry.strip().removeprefix("W/") for entry in condition.split(",")}
    return "*" in given or tag.removeprefix("W/") in given


def accepted(header: str, ways: Mapping[str, bytes]) -> list[str]:
    """Those of the ways to pack that Accept-Encoding takes, in our order; "q=0" refuses one."""
    taken = {}
    for entry in header.lower().split(","):
        way, _, weight = entry.partition(";")
        taken[way.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return [way for way in ways if taken.get(way, False)]


def kind_of(name: str) -> str:
    """A file's media type."""
    suffix = Path(name).suffix
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


class Folder:
    """A folder's files, by their names within it. Threads may share it.

    Args:
        root: where it is.
        kept: what Cache-Control says of its files.
        skipped: folders within it that are not served.
        besides: files from elsewhere, by the name that they are served by.
        live: whether each file is read anew each time, for whoever edits them.
    """

    def __init__(
        self,
        root: Path,
        kept: str = FOR_EVER,
        *,
        skipped: Iterable[str] = (),
        besides: Mapping[str, Path] | None = None,
        live: bool = False,
    ) -> None:
        paths = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
        out = tuple(f"{folder}/" for folder in skipped)
        self._paths = {name: path for name, path in paths.items() if _NAME.fullmatch(name) and not name.startswith(out)}
        self._paths |= besides or {}
        self._kept = ASK_AGAIN if live else kept
        self._live = live
        self._answers: dict[str, Answer] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be asked for: what was there at the start. Nothing else is ever looked for on disk."""
        return tuple(self._paths)

    def version(self) -> str:
        """A digest of all names and contents."""
        digest = hashlib.sha256()
        for name, path in self._paths.items():
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()[:16]

    def answer(self, name: str) -> Answer:
        """A file. Raises RefusedError where there is none of that name."""
        path = self._paths.get(name)
        if path is None:
            raise RefusedError(404, "address", MISSING)
        with self._lock:
            if self._live or name not in self._answers:
                pack = path.suffix not in _PACKED_ALREADY
                self._answers[name] = Answer.of(path.read_bytes(), kind_of(name), self._kept, pack=pack)
            return self._answers[name]
