"""The widgets: their traits are the state of what is seen, and a picture of it that a saved notebook keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from app.exhibits import WALK
from app.notebook.document import STATIC
from app.notebook.kernel import Kernel
from app.notebook.packed import Arrays


class Live(anywidget.AnyWidget):
    """What all have in common: a frame that asks this kernel."""

    _esm: ClassVar[Path] = STATIC / "js" / "notebook" / "widget.js"
    layer = traitlets.Int(None, allow_none=True, min=0, help="counted from 0, as in a trace").tag(sync=True)
    head = traitlets.Int(None, allow_none=True, min=0, help="counted from 0").tag(sync=True)
    query = traitlets.Int(None, allow_none=True, min=0, help="the token that reads, from 0").tag(sync=True)
    key = traitlets.Int(None, allow_none=True, min=0, help="the token that is read, from 0").tag(sync=True)
    view = traitlets.Enum(["matrix", "lines", "change"], "matrix", help="how a head is drawn").tag(sync=True)
    theme = traitlets.Enum(["paper", "blueprint"], None, allow_none=True, help="as the notebook's unless set").tag(
        sync=True
    )
    picture = traitlets.Unicode("", help="what was seen last, as an SVG document").tag(sync=True)

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.on_msg(self._asked)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None and self.picture:
            bundle[0]["image/svg+xml"] = self.picture
        return bundle

    def _asked(self, _: Any, content: dict[str, Any], buffers: list[bytes]) -> None:
        name = content["ask"]
        answer = self._document().encode() if name == "document" else self._answer(name, content["request"])
        self.send({"answer": content["id"]}, buffers=[answer])

    def _document(self) -> str:
        raise NotImplementedError

    def _answer(self, name: str, request: object) -> bytes:
        raise NotImplementedError


class Exhibit(Live):
    """One exhibit of the page, live on a text."""

    exhibit = traitlets.Enum(WALK, WALK[0], help="its name").tag(sync=True)
    model = traitlets.Unicode(help="the model's name").tag(sync=True)
    text = traitlets.Unicode(help="what it reads").tag(sync=True)
    sampling = traitlets.Dict(help="those of temperature, top_k, top_p, min_p, seed that are set").tag(sync=True)
    interventions = traitlets.Dict(help="what is changed in the model, as requests have it").tag(sync=True)
    link = traitlets.Unicode(help="opens the same state on a page that is served").tag(sync=True)

    def __init__(self, kernel: Kernel, **state: Any) -> None:
        self._kernel = kernel
        super().__init__(**state)

    @traitlets.validate("model")
    def _known(self, proposal: Any) -> str:
        there = self._kernel.engine.names
        if proposal["value"] not in there:
            raise traitlets.TraitError(f"model is {proposal['value']!r}; there is {', '.join(there)}.")
        return str(proposal["value"])

    def _document(self) -> str:
        names = ("exhibit", "model", "text", "layer", "head", "query", "key", "view", "theme")
        return self._kernel.page({name: getattr(self, name) for name in names})

    def _answer(self, name: str, request: object) -> bytes:
        return self._kernel.answer(name, request)


class Patterns(Live):
    """Attention arrays of any model: all heads in small, and one large, as a matrix or as lines."""

    def __init__(self, arrays: Arrays, **state: Any) -> None:
        self._arrays = arrays
        super().__init__(**state)

    def _document(self) -> str:
        return self._arrays.document()

    def _answer(self, name: str, request: object) -> bytes:
        return self._arrays.answer(name, request)
