"""Tensors of safetensors files into a state dict of ours, every name and every shape accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from model.config import Config
from model.hub import heads
from model.hub.architecture import Architecture, Table

POINTER = b"version https://"
"""How a file begins of which only the name and the size were fetched."""
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
KINDS = "a float of 16, 32 or 64 bits"
N_NAMED = 12
"""Names that an error lists of each kind; more are counted."""


class Checkpoint:
    """The tensors of one or several files, read one at a time.

    Args:
        paths: safetensors files.
        architecture: whose spelling the names are brought to.

    A table that serves two ends, such as the embedding and the head, is stored once, under either name. What is of a
    head that no layer of ours is, is left `aside`.

    Raises:
        ValueError: a file is not whole, or two tensors have the same name.
    """

    def __init__(self, paths: Sequence[Path], architecture: Architecture) -> None:
        self._stored: dict[str, tuple[Any, str]] = {}
        for file in map(_opened, paths):
            for stored in file.keys():  # noqa: SIM118 (a file is no mapping)
                name = architecture.canonical(stored)
                if name in self._stored:
                    raise ValueError(f"the files hold {stored} twice, once as {self._stored[name][1]}")
                self._stored[name] = (file, stored)
        self.aside = heads.of(self._stored, architecture.aside)
        """The tensors that were left aside."""
        for name in self.aside:
            del self._stored[name]
        for copy, original in architecture.copies.items():
            if original not in self._stored and copy in self._stored:
                self._stored[original] = self._stored[copy]

    @property
    def names(self) -> frozenset[str]:
        """All names, without the architecture's prefix."""
        return frozenset(self._stored)

    def shape(self, name: str) -> tuple[int, ...]:
        """A tensor's shape, the tensor unread."""
        file, stored = self._stored[name]
        return tuple(file.get_slice(stored).get_shape())

    def read(self, name: str) -> Tensor:
        """A tensor as stored."""
        file, stored = self._stored[name]
        return file.get_tensor(stored)

    def differ(self, name: str, other: str) -> bool:
        """Whether both tensors are there and are not the same."""
        return {name, other} <= self.names and not torch.equal(self.read(name), self.read(other))


def _opened(path: Path) -> Any:
    with path.open("rb") as file:
        begin = file.read(len(POINTER))
    if begin == POINTER:
        raise ValueError(f"{path.name} is only a pointer of Git LFS to the weights; `git lfs pull` fetches them")
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(f"{path.name} is no safetensors file, or not all of it is there ({error})") from error


def state_dict(
    checkpoint: Checkpoint,
    architecture: Architecture,
    config: Config,
    shapes: Mapping[str, Sequence[int]],
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """The tensors of a checkpoint under our names.

    Args:
        shapes: what our module has, by name.
        dtype: of the result; float32 holds every float16 and bfloat16 exactly.

    Raises:
        ValueError: tensors are missing, left over, of another shape, differ from the tensor whose copy they are, or
            hold what is no number.
    """
    table = architecture.table(config)
    _require_names(checkpoint.names, table, architecture)
    for copy, original in architecture.copies.items():
        if not _is_source(copy, table) and checkpoint.differ(copy, original):
            raise ValueError(f"{copy} should be the same as {original}, as the config ties them, and is not")
    tensors: dict[str, Tensor] = {}
    wrong: list[str] = []
    broken: set[str] = set()
    for name, source in table.items():
        try:
            tensor = source.make(*map(checkpoint.read, source.names))
        except RuntimeError:  # the pieces do not fit together
            tensor = torch.empty(0)
        if tuple(tensor.shape) != tuple(shapes.get(name, ())):
            found = ", ".join(f"{stored} {checkpoint.shape(stored)}" for stored in source.names[:2])
            wrong.append(f"{name} should be {tuple(shapes.get(name, ()))}, and is made of {found}")
        if tensor.dtype not in FLOATS:
            raise ValueError(f"{source.names[0]} is of type {str(tensor.dtype).removeprefix('torch.')}, not {KINDS}")
        tensors[name] = tensor.to(dtype).contiguous()
        if not tensors[name].isfinite().all():
            broken.update(source.names)
    if wrong:
        raise ValueError(f"shapes do not fit the config: {_listed(wrong, '; ')}")
    if broken:
        raise ValueError(f"tensors with NaN or infinity in them: {_listed(broken)}")
    return tensors


def _is_source(name: str, table: Table) -> bool:
    return any(name in source.names for source in table.values())


def _require_names(names: frozenset[str], table: Table, architecture: Architecture) -> None:
    needed = {name for source in table.values() for name in source.names}
    left_over = [
        name for name in names - needed - architecture.copies.keys() if not architecture.ignored.fullmatch(name)
    ]
    problems = []
    if missing := needed - names:
        problems.append(f"missing tensors: {_listed(missing)}")
    if left_over:
        problems.append(f"tensors that no layer of ours takes: {_listed(left_over)}")
    if problems:
        raise ValueError("; ".join(problems))


def _listed(names: Iterable[str], separator: str = ", ") -> str:
    shown = sorted(names)
    more = f"{separator}and {len(shown) - N_NAMED} more" if len(shown) > N_NAMED else ""
    return separator.join(shown[:N_NAMED]) + more
