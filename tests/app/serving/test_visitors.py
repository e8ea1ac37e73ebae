"""Who is let in: by the name that is asked for, by the page that asks, and by the proxy between."""

from __future__ import annotations

import pytest

from app.running.clients import networks
from app.serving.refused import RefusedError
from app.serving.visitors import Visitors, hostname

HERE = Visitors.of("127.0.0.1", ["demo.example"], networks("10.0.0.0/8"))


def checked(
    visitors: Visitors, method: str = "POST", peer: str = "127.0.0.1", **headers: str
) -> list[tuple[bytes, bytes]]:
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return visitors.checked({"method": method, "headers": named, "client": (peer, 4000)})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:7860",
        "localhost:7860",
        "LOCALHOST",
        "[::1]:7860",
        "192.168.1.7",
        "demo.example",
        "demo.example:8443",
        "x.localhost:7860",
        "demo.example.",
    ],
)
def test_a_request_for_an_address_or_a_known_name_passes(host: str) -> None:
    assert checked(HERE, host=host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "demo.example.evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "a b",
        "x" * 300,
        "demo.example:99999",
        "demo.example@evil.example",
        "evil.example/127.0.0.1",
        "[::1",
        "1e9",
    ],
)
def test_a_foreign_name_is_refused_whatever_it_looks_like(host: str) -> None:
    with pytest.raises(RefusedError) as refused:
        checked(HERE, "GET", host=host)
    assert refused.value.status == 421
    assert "CUTAWAY_HOSTS" in refused.value.sentence


def test_two_names_or_none_are_refused() -> None:
    for headers in ([], [(b"host", b"127.0.0.1"), (b"host", b"evil.example")]):
        with pytest.raises(RefusedError):
            HERE.checked({"method": "GET", "headers": headers, "client": None})


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:7860", "https://demo.example", "https://demo.example:8443", "http://DEMO.example"]
)
def test_our_own_page_may_ask(origin: str) -> None:
    assert checked(HERE, host="127.0.0.1:7860", origin=origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:3000",
        "http://localhost:7860",
        "file://",
        "https://demo.example.evil.example",
        "chrome-extension://127.0.0.1:7860",
    ],
)
def test_a_page_from_elsewhere_may_not(origin: str) -> None:
    with pytest.raises(RefusedError) as refused:
        checked(HERE, host="127.0.0.1:7860", origin=origin)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("site", "passes"), [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False)]
)
def test_what_the_browser_says_of_the_page_decides_where_it_says_it(site: str, passes: bool) -> None:
    origin = "https://behind.a.proxy.example" if passes else "http://127.0.0.1:7860"
    if passes:
        assert checked(HERE, host="127.0.0.1:7860", origin=origin, sec_fetch_site=site)
    else:
        with pytest.raises(RefusedError):
            checked(HERE, host="127.0.0.1:7860", origin=origin, sec_fetch_site=site)


@pytest.mark.parametrize("name", ["x_forwarded_host", "x_forwarded_for", "x_forwarded_proto", "forwarded", "x_real_ip"])
def test_what_a_proxy_says_is_taken_from_a_trusted_one_alone(name: str) -> None:
    said = {name: "demo.example"}
    header = name.replace("_", "-").encode()
    assert header in dict(checked(HERE, peer="10.1.2.3", host="127.0.0.1", **said))
    assert header not in dict(checked(HERE, peer="127.0.0.1", host="127.0.0.1", **said))


def test_a_strangers_forwarded_host_neither_opens_nor_shuts_the_door() -> None:
    assert checked(HERE, host="127.0.0.1", x_forwarded_host="evil.example")
    with pytest.raises(RefusedError):
        checked(HERE, host="evil.example", x_forwarded_host="127.0.0.1")
    with pytest.raises(RefusedError):
        checked(HERE, peer="10.1.2.3", host="127.0.0.1", x_forwarded_host="evil.example")


def test_a_name_is_read_without_its_port() -> None:
    assert hostname("[::1]:80") == "::1"
    assert hostname("Example:1") == "example"
    assert hostname("example:") == "example"
