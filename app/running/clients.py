"""Who is at the other end of a call: an address, and the page's own session at it.

Behind a proxy every connection comes from the proxy, which names its client in a header. Anyone may send such a header,
so it is read only where the connection comes from a proxy that the operator trusts, and of what it lists only the last
name that no trusted proxy has: what stands before it, a client may have written itself.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
from collections.abc import Mapping

from app.running.limits import Limits
from app.running.turns import Client

EVERYONE = "*"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_of(peer: str, headers: Mapping[str, str], session: str, limits: Limits) -> Client:
    """The client of a call.

    Args:
        peer: the address that the connection comes from.
        headers: of the request, by names in any case.
        session: what the page calls itself; anything.
        limits: says which proxies are trusted, and their header.
    """
    trusted = networks(limits.trusted_proxies)
    listed = headers.get(limits.client_header, "") if limits.client_header and is_among(peer, trusted) else ""
    names = [name for part in listed.split(",") if (name := part.strip()) and _address(name) is not None]
    if EVERYONE in trusted:
        names = names[-1:]
    others = [name for name in names if not is_among(name, trusted)]
    address = (others or names or [peer])[-1]
    return Client(address, hashlib.blake2b(session.encode("utf-8", "replace"), digest_size=12).hexdigest())


@functools.lru_cache
def networks(listed: str) -> tuple[Network | str, ...]:
    """The proxies of a list with commas between them; "*" is everyone.

    Raises:
        ValueError: an entry is no address and no network; the message names it.
    """
    entries = [entry for part in listed.split(",") if (entry := part.strip())]
    return tuple(entry if entry == EVERYONE else ipaddress.ip_network(entry, strict=False) for entry in entries)


def is_among(address: str, listed: tuple[Network | str, ...]) -> bool:
    """Whether an address belongs to one of some networks."""
    found = _address(address)
    return EVERYONE in listed or (found is not None and any(found in one for one in listed if not isinstance(one, str)))


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address
