"""A client behind a proxy is told by its header, which nobody else can write."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from app.running.clients import client_of
from app.running.limits import Limits

BEHIND = Limits(client_header="X-Forwarded-For", trusted_proxies="10.0.0.0/8, ::1")
SPACE = Limits(client_header="X-Forwarded-For", trusted_proxies="*")


def address(peer: str, said: str | None, limits: Limits) -> str:
    headers = {} if said is None else {"x-forwarded-for": said}
    return client_of(peer, Headers(headers), "s", limits).address


@pytest.mark.parametrize(
    ("peer", "said", "limits", "found"),
    [
        ("8.8.8.8", "1.2.3.4", BEHIND, "8.8.8.8"),  # no proxy of ours: its header is its own invention
        ("8.8.8.8", "1.2.3.4", Limits(), "8.8.8.8"),
        ("10.0.0.1", "1.2.3.4", BEHIND, "1.2.3.4"),
        (
            "10.0.0.1",
            "6.6.6.6, 1.2.3.4, 10.0.0.9",
            BEHIND,
            "1.2.3.4",
        ),  # what stands before it the client may have written
        ("10.0.0.1", "nonsense", BEHIND, "10.0.0.1"),
        ("10.0.0.1", None, BEHIND, "10.0.0.1"),
        ("::1", "2001:db8::7", BEHIND, "2001:db8::7"),
        ("::ffff:10.0.0.1", "1.2.3.4", BEHIND, "1.2.3.4"),
        ("172.16.0.1", "6.6.6.6, 1.2.3.4", SPACE, "1.2.3.4"),
        ("", "1.2.3.4", BEHIND, ""),
    ],
)
def test_the_address_is_the_last_that_no_trusted_proxy_has(peer: str, said: str, limits: Limits, found: str) -> None:
    assert address(peer, said, limits) == found


def test_a_session_of_any_length_takes_a_few_bytes() -> None:
    assert len(client_of("8.8.8.8", Headers(), "x" * 10**6 + "\ud800", Limits()).session) == 24


def test_a_list_of_proxies_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'example.org'"):
        client_of("8.8.8.8", Headers(), "", Limits(client_header="X", trusted_proxies="example.org"))
