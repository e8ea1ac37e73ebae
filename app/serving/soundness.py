"""Which models are offered: those that are what they were when they were sealed (`export/runtime/soundness.py`).

Files are held against their digests before the page is made, which takes hundredths of a second; the graphs read
their text once the page answers, one model after the other, so that a visitor does not wait for it. A model that is
not sound, or cannot even be described, is withdrawn: the page no longer offers it, and `/healthz` says why.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from app.engine import Engine
from export.runtime import soundness
from export.runtime.soundness import UnsoundError

OFFERED, SOUND = "offered, its graphs not yet held against their seal", "sound"

PATIENCE_S = 8.0
"""How long the end of a server waits for the model that is being read."""

logger = logging.getLogger(__name__)


class Inspector:
    """Looks over an engine's models.

    Args:
        engine: the models.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.found: dict[str, str] = dict.fromkeys(engine.names, OFFERED)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._ends = threading.Event()

    def look(self) -> None:
        """Withdraws the models whose files are not sound."""
        for name in self.engine.names:
            self._hold(name, soundness.check_files)

    def begin_to_read(self) -> None:
        """Has all graphs read their text, in a thread of its own."""
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until all have been read."""
        self._thread.join(seconds)

    def end(self) -> None:
        """Reads no further model. A process that ends within a graph would be aborted by ONNX Runtime."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)

    @property
    def told(self) -> dict[str, str]:
        """How each model stands: those of the start, and those that came since."""
        return dict.fromkeys(self.engine.names, OFFERED) | self.found

    def _read(self) -> None:
        for name in self.engine.names:
            if self._ends.is_set():
                return
            if self._hold(name, soundness.check_outputs):
                self.found[name] = SOUND

    def _hold(self, name: str, check: Callable[[Path], None]) -> bool:
        try:
            check(self.engine.folder(name))
            self.engine.config(name)
            self.engine.parameters(name)
        except Exception as error:
            why = str(error) if isinstance(error, UnsoundError) else f"it cannot be read: {type(error).__name__}"
            self.engine.withdraw(name)
            self.found[name] = f"withdrawn: {why}"
            logger.error("%s is not offered: %s", name, why)
            return False
        return True
