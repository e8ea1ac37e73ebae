"""Everything under one name: `cutaway.app`, `cutaway.export` and `cutaway.model` are `app`, `export` and `model`.

They are the same modules, not copies: what is imported by either name is loaded once, and its classes are the same.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

PACKAGES = ("app", "export", "model")


class _SameModules(MetaPathFinder, Loader):
    """Finds `cutaway.app.engine` as what `app.engine` is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        within, _, name = fullname.partition(".")
        if within != __name__ or name.partition(".")[0] not in PACKAGES or importlib.util.find_spec(name) is None:
            return None
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(spec.name.partition(".")[2])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It was executed under its own name, which it keeps: the import has just given it the other one's spec."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


sys.meta_path.insert(0, _SameModules())
