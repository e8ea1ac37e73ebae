"""Addresses as people write them: brackets, IPv6, names; and a sentence for those that cannot be had."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest

from app.serving.listening import AddressError, is_loopback, listen, url, why


def reaches(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(("host", "reached"), [("::1", ["::1"]), ("[::1]", ["::1"]), ("::", ["::1", "127.0.0.1"])])
def test_ipv6_is_written_with_brackets_or_without(host: str, reached: list[str]) -> None:
    if not socket.has_ipv6 or not reaches_itself_by_ipv6():
        pytest.skip("this machine has no IPv6")
    (made,) = listen(host, 0)
    with made:
        assert all(reaches(address, made.getsockname()[1]) for address in reached)


def reaches_itself_by_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_name_is_listened_on_at_all_its_addresses_under_one_port() -> None:
    sockets = listen("localhost", 0)
    assert len({made.getsockname()[1] for made in sockets}) == 1
    assert reaches("localhost", sockets[0].getsockname()[1])
    for made in sockets:
        made.close()


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", 65_536, "There is no port 65536; choose one from 0 to 65535 with --port."),
        ("127.0.0.1", -1, "There is no port -1; choose one from 0 to 65535 with --port."),
        ("192.0.2.1", 0, "192.0.2.1 is no address of this machine; choose another with --host."),
        ("nowhere.invalid", 0, "nowhere.invalid is no address of this machine; choose another with --host."),
        ("a" * 300, 0, "is no address of this machine"),
    ],
)
def test_an_address_that_cannot_be_had_gets_a_sentence(host: str, port: int, sentence: str) -> None:
    with pytest.raises(AddressError, match=sentence):
        listen(host, port)


def test_a_port_that_another_listens_on_gets_a_sentence() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(AddressError, match=f"Port {port} of 127.0.0.1 cannot be had; choose another with --port."):
            listen("127.0.0.1", port)


def test_a_port_for_the_privileged_is_said_to_be_one() -> None:
    assert "above 1023" in why(OSError(errno.EACCES, "denied"), "127.0.0.1", 80)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://localhost:80/"),
        ("::", "http://localhost:80/"),
        ("::1", "http://[::1]:80/"),
        ("[::1]", "http://[::1]:80/"),
        ("box.example", "http://box.example:80/"),
    ],
)
def test_the_address_opens_in_a_browser(host: str, address: str) -> None:
    assert url(host, 80) == address
    assert url(host, 80, "/cutaway") == address + "cutaway/"


def test_only_the_loopback_interface_is_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.7", "localhost.example")))


def test_no_connection_holds_the_end_of_an_answer_back() -> None:
    """Nagle's algorithm would, until its beginning is acknowledged: 40 ms."""
    held_back: list[bool] = []

    class Greeted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            held_back.append(not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def greet() -> None:
        (made,) = listen("127.0.0.1", 0)
        async with await asyncio.get_running_loop().create_server(Greeted, sock=made):
            _, writer = await asyncio.open_connection(*made.getsockname())
            while not held_back:
                await asyncio.sleep(0.01)
            writer.close()

    asyncio.run(asyncio.wait_for(greet(), 10))
    assert held_back == [False]
