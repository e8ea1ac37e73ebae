"""Looking in and reaching in: collect the taps of a forward pass, or rewrite them on the way.

Tap names are those of `model.taps.table`; a name is the path of a `HookPoint` in the module tree. Where contexts nest,
the outer one comes first: inside `intervene`, `capture` sees edited values, outside it the ones before the edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from model.transformer.layers import HookPoint


def hook_points(module: nn.Module) -> dict[str, HookPoint]:
    """Every hook point of a model, by name."""
    return {name: point for name, point in module.named_modules() if isinstance(point, HookPoint)}


def _find(module: nn.Module, names: Iterable[str]) -> dict[str, HookPoint]:
    points = hook_points(module)
    found = {name: points[name] for name in names if name in points}
    if missing := [name for name in names if name not in points]:
        raise KeyError(f"no hook points named {missing}; see model.transformer.capture.hook_points(module)")
    return found


@contextmanager
def capture(module: nn.Module, names: Iterable[str]) -> Iterator[dict[str, Tensor]]:
    """Within the context, every forward pass leaves the named taps in the dictionary, attached to autograd's graph.

    Raises KeyError on an unknown name.
    """
    taken: dict[str, Tensor] = {}
    with ExitStack() as stack:
        for name, point in _find(module, list(names)).items():

            def keep(_module: nn.Module, _args: object, output: Tensor, name: str = name) -> None:
                taken[name] = output

            stack.enter_context(point.register_forward_hook(keep))
        yield taken


@contextmanager
def intervene(module: nn.Module, edits: Mapping[str, Callable[[Tensor], Tensor]]) -> Iterator[None]:
    """Within the context, each named tap's value passes through its function, which may also write into it.

    Raises KeyError on an unknown name.
    """
    with ExitStack() as stack:
        for name, point in _find(module, list(edits)).items():

            def edit(_module: nn.Module, _args: object, output: Tensor, name: str = name) -> Tensor:
                return edits[name](output.clone())

            stack.enter_context(point.register_forward_hook(edit))
        yield
