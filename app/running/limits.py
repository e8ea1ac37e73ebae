"""Every limit of a server, in one place: how much one visitor, and all of them together, may have it do.

Each has a default that suits the smallest host, a variable of the environment that changes it (`CUTAWAY_` and the
limit's name in capitals), and an option of `cutaway serve` that sets this variable. `limits()` is what holds here; it
is read once, so set what should hold before.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "CUTAWAY_"
ON_A_SPACE = {"hosted": True, "hosts": "*", "trusted_proxies": "*", "client_header": "X-Forwarded-For"}
"""What else holds on a Space of the hub: nobody reaches it but through the hub's proxy, under whatever name."""
_NOTHING = "none"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def limit(default: Any, meaning: str) -> Any:
    """A field of `Limits`: what it is unless the environment says otherwise, and what it bounds, for the help."""
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Limits:
    """The limits; a name tells the unit where it is not a count."""

    at_once: int = limit(2, "answers computed at the same time: one for each core of the smallest host")
    patience_s: float = limit(3.0, "seconds that a call waits for its turn")
    budget_s: float = limit(2.0, "seconds of the processor that one request may take; looked at between its steps")
    share_s: float = limit(
        0.1, "the same, after which a request that was let in as a short one makes way, if others wait"
    )
    waiting: int = limit(256, "calls that wait for their turn at the same time")
    clients: int = limit(1_024, "clients whose use is remembered")
    client_header: str = limit("", "header in which a trusted proxy names its client, such as X-Forwarded-For")
    trusted_proxies: str = limit("", "addresses or networks, with commas between them, whose client_header is believed")
    hosts: str = limit("", "names that the server answers to besides addresses and its own, with commas; * for all")
    frame_ancestors: str = limit(
        "", "pages that may frame this one, as CSP names them; by default any if not on loopback"
    )
    connections: int = limit(1_000, "connections open at the same time; past it, the one idle longest makes room")
    header_bytes: int = limit(16_384, "bytes of a request's header")
    header_s: float = limit(10.0, "seconds within which a request's header must be here")
    body_bytes: int = limit(524_288, "bytes of a request's body")
    body_depth: int = limit(16, "levels that its JSON may nest")
    body_s: float = limit(10.0, "seconds within which it must be here")
    answer_s: float = limit(60.0, "seconds within which an answer must be made and taken")
    idle_s: float = limit(15.0, "seconds that a connection is kept after an answer")
    stop_s: float = limit(8.0, "seconds that answers in flight are waited for when the server is stopped")
    pass_bytes: int = limit(2_000_000_000, "bytes that one pass of a model may leave behind")
    models_bytes: int = limit(4_000_000_000, "bytes of the hub's models that stay loaded")
    hosted: bool = limit(False, "serve strangers: only listed vocabularies; on by itself where SPACE_ID is set")
    api: bool = limit(True, "answer programs (gradio_client); off by itself where strangers are served")
    mcp: bool = limit(False, "offer the same to MCP clients, which needs cutaway[mcp]")
    models: str = limit(
        "", "ready models of the hub to offer, with commas: OWNER/REPO, or OWNER/REPO@DIGEST to pin one"
    )
    vocabulary_file_bytes: int = limit(40_000_000, "bytes of a tokenizer.json from the hub")
    vocabulary_memory_bytes: int = limit(2_000_000_000, "bytes of memory of the process that opens those")
    vocabulary_open_s: float = limit(20.0, "seconds of the processor to open and measure one of those")
    vocabulary_cut_s: float = limit(0.5, "seconds for one of those to cut a text")
    vocabularies_memory_bytes: int = limit(1_500_000_000, "bytes of memory of all such processes that are kept")
    vocabularies_disk_bytes: int = limit(400_000_000, "bytes of those kept on disk")
    fetch_s: float = limit(3_600.0, "seconds that fetching a model may take altogether")
    fetch_stall_s: float = limit(300.0, "seconds that it may stand still")


def option(name: str) -> str:
    """The option of `cutaway serve` that changes a limit."""
    return f"--{name.replace('_', '-')}"


def described(field: dataclasses.Field[Any]) -> str:
    """What a limit bounds, its variable and its default, for the help."""
    return f"{field.metadata['meaning']} ({variable(field.name)}; default: {_default(field.default)})"


def table() -> str:
    """Every limit with its option, its variable, its default and its meaning, as Markdown, for the README."""
    rows = [
        f"| `{option(field.name)}` | `{variable(field.name)}` | {_default(field.default)} |"
        f" {field.metadata['meaning']} |"
        for field in dataclasses.fields(Limits)
    ]
    return "\n".join(["| option | variable | default | |", "| --- | --- | ---: | --- |", *rows])


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value or _NOTHING


def variable(name: str) -> str:
    """The variable of the environment that changes a limit."""
    return PREFIX + name.upper()


def read(environment: Mapping[str, str]) -> Limits:
    """The limits in an environment.

    Raises:
        ValueError: a variable holds no such number, or a negative one; the message names it.
    """
    given: dict[str, Any] = dict(ON_A_SPACE) if environment.get("SPACE_ID") else {}
    for field in dataclasses.fields(Limits):
        if (said := environment.get(variable(field.name))) is not None:
            given[field.name] = _value(variable(field.name), said, type(field.default))
    if given.get("hosted"):
        given.setdefault("api", False)
    return Limits(**given)


def _value(name: str, said: str, kind: type) -> Any:
    """One variable's value, of the kind of the default."""
    if kind is bool:
        if said.lower() not in (*YES, *NO):
            raise ValueError(f"{name} is {said!r}; set it to 1 or 0")
        return said.lower() in YES
    try:
        value = kind(said)
    except ValueError:
        value = None
    if value is None or (kind is not str and not 0 <= value < float("inf")):
        raise ValueError(f"{name} is {said!r}; set it to {'a whole' if kind is int else 'a'} number from 0 up")
    return value


@functools.cache
def limits() -> Limits:
    """The limits of this process."""
    return read(os.environ)
