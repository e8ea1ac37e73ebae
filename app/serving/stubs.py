"""No stubs of Gradio's when a server starts.

As often as it is imported, Gradio reads the source of each of its components and of each class made of them, and writes
a stub for editors beside it: half of what a start costs the processor, and writing in a folder that is not ours.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator


def is_gradios(of: object) -> bool:
    """Whether it is a class of Gradio's, or one that is made of such."""
    return any(getattr(one, "__module__", "").partition(".")[0] == "gradio" for one in (of, type(of)))


@contextlib.contextmanager
def unwritten() -> Iterator[None]:
    """Within, none is written: Gradio leaves out a class whose file cannot be told, as of one typed into a console."""
    getfile = inspect.getfile

    def told(of: object) -> str:
        if is_gradios(of):
            raise OSError("the file of a component is not told while Gradio is imported")
        return getfile(of)  # type: ignore[arg-type]  # as whoever asks

    inspect.getfile = told  # type: ignore[assignment]  # under the same name of its parameter nobody asks
    try:
        yield
    finally:
        inspect.getfile = getfile
