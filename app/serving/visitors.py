"""Whom the door lets in: by the name that a request asks for, by the page that it comes from, and by the proxy between.

A browser that was led to this machine under a foreign name (DNS rebinding) sends that name as Host, and a page from
elsewhere that posts here sends its own as Origin; neither is let in. A name is known if it is an address (rebinding
needs a name), one of this machine's, or listed. What a proxy says of the request before it (X-Forwarded-*) is believed
of the listed proxies alone, and taken out of every other request.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.running.clients import EVERYONE, Network, is_among
from app.serving.refused import RefusedError, Scope

LONGEST_NAME = 255
"""Characters of a host's name with its port; the DNS has none that is longer."""
FOREIGN_NAME = "This server does not answer to that name. Its operator may list the name in CUTAWAY_HOSTS."
FOREIGN_PAGE = "A page from elsewhere may not ask this server; open its own page."


def forwarded(name: bytes) -> bool:
    """Whether a header is what a proxy says of the request before it."""
    return name.startswith(b"x-forwarded-") or name in (b"forwarded", b"x-real-ip")


def listed(text: str) -> tuple[str, ...]:
    """The entries of a setting with commas between them."""
    return tuple(entry for part in text.split(",") if (entry := part.strip().lower()))


def hostname(netloc: str) -> str | None:
    """The name or address in "name:port", without port and brackets; None if it is none."""
    if not netloc or len(netloc) > LONGEST_NAME or any(sign in netloc for sign in "/?#@\\ "):
        return None
    try:
        parts = urlsplit(f"//{netloc}")
        return parts.hostname if parts.port is None or parts.port else None
    except ValueError:
        return None


def is_address(name: str) -> bool:
    """Whether a host's name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Visitors:
    """Who may ask.

    Args:
        own: the names of this machine and of the address that it listens on.
        listed: those that the operator lists, "*" for all; a page under one of them may ask too, whatever Host a proxy
            makes of it.
        proxies: the networks whose X-Forwarded-* is believed, as `app.running.clients.networks` reads them.
    """

    own: frozenset[str] = frozenset({"localhost"})
    listed: frozenset[str] = frozenset()
    proxies: tuple[Network | str, ...] = ()

    @classmethod
    def of(cls, host: str, names: Iterable[str], proxies: tuple[Network | str, ...] = ()) -> Visitors:
        """Those of a server that listens on `host` and answers to `names` too."""
        machine = socket.gethostname().lower()
        own = {"localhost", machine, f"{machine}.local", host.strip("[]").lower()}
        return cls(frozenset(own), frozenset(names), proxies)

    def checked(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """The headers of a request that may pass; without what a proxy says, unless it is trusted.

        Raises:
            RefusedError: the request asks for a foreign name, or comes from a foreign page.
        """
        peer = scope.get("client")
        trusted = is_among(peer[0] if peer else "", self.proxies)
        headers = [(name, value) for name, value in scope["headers"] if trusted or not forwarded(name)]
        hosts = _values(headers, b"host")
        before = [value.partition(",")[0].strip() for value in _values(headers, b"x-forwarded-host")]
        asked = before[0] if before else hosts[0] if len(hosts) == 1 else ""
        if not self._answers_to(hostname(asked)):
            raise RefusedError(421, "host", FOREIGN_NAME)
        if scope["method"] not in ("GET", "HEAD") and not self._is_own_page(headers, asked):
            raise RefusedError(403, "origin", FOREIGN_PAGE)
        return headers

    def _answers_to(self, name: str | None) -> bool:
        if name is None:
            return False
        name = name.rstrip(".")
        known = name in self.own or name in self.listed or EVERYONE in self.listed
        return known or is_address(name) or name.endswith(".localhost")

    def _is_own_page(self, headers: list[tuple[bytes, bytes]], asked: str) -> bool:
        """Whether the browser says that our own page asks; what says nothing is no browser, and led here by no page."""
        sites, origins = _values(headers, b"sec-fetch-site"), _values(headers, b"origin")
        if sites:
            return set(sites) <= {"same-origin", "none"}
        return all(self._is_own_origin(origin, asked) for origin in origins)

    def _is_own_origin(self, origin: str, asked: str) -> bool:
        scheme, _, netloc = origin.partition("://")
        return scheme in ("http", "https") and (_same(netloc, asked) or hostname(netloc) in self.listed)


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1").strip().lower() for header, value in headers if header == name]


def _same(one: str, other: str) -> bool:
    """Whether two "name:port" are the same, a default port being left out of either."""
    return _without_default_port(one) == _without_default_port(other)


def _without_default_port(netloc: str) -> str:
    for port in (":80", ":443"):
        netloc = netloc.removesuffix(port)
    return netloc
