"""Tensors of safetensors files into a state dict of ours, every name and every shape accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.config import Config
from model.hub import heads
from model.hub.architecture import Architecture, Table
from model.hub.lora import Adapter
from model.hub.tensors import listed, opened

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
KINDS = "a float of 16, 32 or 64 bits"


class Checkpoint:
    """The tensors of one or several files, read one at a time.

    Args:
        paths: safetensors files.
        architecture: whose spelling the names are brought to.
        adapter: merged into them as they are read.

    A table that serves two ends, such as the embedding and the head, is stored once, under either name. What is of a
    head that no layer of ours is, is left `aside`.

    Raises:
        ValueError: a file is not whole, or two tensors have the same name, or the adapter is of another base.
    """

    def __init__(self, paths: Sequence[Path], architecture: Architecture, adapter: Adapter | None = None) -> None:
        self._stored: dict[str, tuple[Any, str]] = {}
        self._adapter = adapter
        self._adapted: dict[str, str] = {}
        for file in map(opened, paths):
            for stored in file.keys():  # noqa: SIM118 (a file is no mapping)
                name = architecture.canonical(stored)
                if name in self._stored:
                    raise ValueError(f"the files hold {stored} twice, once as {self._stored[name][1]}")
                self._stored[name] = (file, stored)
        if adapter is not None:
            self._adapt(adapter, architecture)
        self.aside = heads.of(self._stored, architecture.aside)
        """The tensors that were left aside."""
        for name in self.aside:
            del self._stored[name]
        for copy, original in architecture.copies.items():
            if original not in self._stored and copy in self._stored:
                self._stored[original] = self._stored[copy]

    def _adapt(self, adapter: Adapter, architecture: Architecture) -> None:
        """Notes what an adapter changes; a head that it brings stands in the place of that which predicts tokens."""
        whole = {architecture.canonical(name): name for name in adapter.whole}
        if heads.of(whole, architecture.aside):
            self._stored = {name: at for name, at in self._stored.items() if not heads.PREDICTING.fullmatch(name)}
        for copy, original in architecture.copies.items():
            if original in whole and copy not in self._stored.keys() | whole.keys():
                raise ValueError(
                    f"the adapter replaces {original} and not {copy}, which its base has in common with it"
                )
        self._stored |= {name: (adapter.file, adapter.whole[stored]) for name, stored in whole.items()}
        self._adapted = {architecture.canonical(f"{module}.weight"): module for module in adapter.modules}
        if missing := self._adapted.keys() - self._stored.keys():
            raise ValueError(f"the adapter changes what its base does not have: {listed(missing)}")

    @property
    def names(self) -> frozenset[str]:
        """All names, without the architecture's prefix."""
        return frozenset(self._stored)

    def shape(self, name: str) -> tuple[int, ...]:
        """A tensor's shape, the tensor unread."""
        file, stored = self._stored[name]
        return tuple(file.get_slice(stored).get_shape())

    def read(self, name: str) -> Tensor:
        """A tensor as stored, or as an adapter makes it."""
        file, stored = self._stored[name]
        tensor: Tensor = file.get_tensor(stored)
        if self._adapter is None or name not in self._adapted:
            return tensor
        return self._adapter.merged(self._adapted[name], tensor)

    def differ(self, name: str, other: str) -> bool:
        """Whether both tensors are there and are not the same."""
        return {name, other} <= self.names and not torch.equal(self.read(name), self.read(other))


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
        raise ValueError(f"shapes do not fit the config: {listed(wrong, '; ')}")
    if broken:
        raise ValueError(f"tensors with NaN or infinity in them: {listed(broken)}")
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
        problems.append(f"missing tensors: {listed(missing)}")
    if left_over:
        problems.append(f"tensors that no layer of ours takes: {listed(left_over)}")
    if problems:
        raise ValueError("; ".join(problems))
