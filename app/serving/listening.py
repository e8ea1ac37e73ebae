"""Where the server listens: an address and a port as a person writes them, or a sentence why they cannot be had."""

from __future__ import annotations

import errno
import socket

MOST_PORTS = 65_535


class AddressError(ValueError):
    """An address that cannot be listened on; the message says why, and what to do."""


def bare(host: str) -> str:
    """An address without the brackets that a browser puts around IPv6."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    host = bare(host).lower()
    return host in ("localhost", "::1") or host.startswith("127.")


def listen(host: str, port: int) -> list[socket.socket]:
    """The sockets of an address: one, or one for each address of a name.

    "::" listens on IPv4 too, as 0.0.0.0 does.

    Raises:
        AddressError: there is no such address or port, or it cannot be had.
    """
    if not 0 <= port <= MOST_PORTS:
        raise AddressError(f"There is no port {port}; choose one from 0 to {MOST_PORTS} with --port.")
    try:
        found = socket.getaddrinfo(bare(host), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise AddressError(f"{host} is no address of this machine; choose another with --host.") from None
    sockets: list[socket.socket] = []
    for kind, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_bound(kind, (*address[:1], port_of(sockets, port), *address[2:])))
        except OSError as error:
            if sockets or (kind == socket.AF_INET6 and len(found) > 1 and error.errno == errno.EADDRNOTAVAIL):
                continue  # a name of two addresses of which this machine has one
            raise AddressError(why(error, host, port)) from None
    if not sockets:
        raise AddressError(f"{host} is no address of this machine; choose another with --host.")
    return sockets


def port_of(sockets: list[socket.socket], port: int) -> int:
    """The port that the first of several sockets has: of port 0, the system chooses once."""
    return int(sockets[0].getsockname()[1]) if sockets else port


def _bound(kind: int, address: tuple[object, ...]) -> socket.socket:
    # With its protocol: asyncio sets TCP_NODELAY on connections of such a socket alone; without that, the end of an
    # answer may wait 40 ms for the browser's acknowledgement of its beginning.
    made = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "AF_INET6") and kind == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(1)  # here and now, so that a port that another listens on is known before anything is loaded
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def why(error: OSError, host: str, port: int) -> str:
    """The sentence for what the system says."""
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return f"{host} is no address of this machine; choose another with --host."
    if error.errno == errno.EACCES:
        return f"Port {port} of {host} is kept for privileged users; choose one above 1023 with --port."
    return f"Port {port} of {host} cannot be had; choose another with --port."


def url(host: str, port: int, root: str = "") -> str:
    """The address to open in a browser on this machine."""
    host = bare(host)
    name = "localhost" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}{root}/"
