"""What the graphs run on: the card, or the CPU in its place where only the steps are tried."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from export import runtime


class NoDeviceError(Exception):
    """The device is not there, for the reason that is its message."""


@dataclass(frozen=True)
class Device:
    """One of the two."""

    name: str
    """As PyTorch and ONNX Runtime's bindings call it."""
    provider: str
    """Of ONNX Runtime."""
    dtype: torch.dtype
    """What PyTorch computes in."""
    options: tuple[tuple[str, str], ...] = ()
    """Of the provider."""

    @property
    def providers(self) -> list[Any]:
        """For a session: this one, and the CPU for what it has no kernel for."""
        last = [] if self.name == "cpu" else ["CPUExecutionProvider"]
        return [(self.provider, dict(self.options)), *last]

    def prepare(self) -> None:
        """Has ONNX Runtime find the CUDA libraries that PyTorch brings. Raises NoDeviceError where it is not there."""
        if self.name == "cpu":
            return
        if not runtime.n_cuda_devices():
            raise NoDeviceError("no driver reports a GPU; --device cpu --quick tries the steps without one")
        if not torch.cuda.is_available():
            raise NoDeviceError(f"torch {torch.__version__} cannot use the GPU; make bench-gpu installs one that can")
        import onnxruntime

        onnxruntime.preload_dlls()

    def card(self) -> str:
        """Its name."""
        return "cpu" if self.name == "cpu" else torch.cuda.get_device_name()

    def told(self) -> dict[str, str]:
        """What it is, with the versions that stand below all libraries."""
        if self.name == "cpu":
            return {"card": self.card()}
        major, minor = torch.cuda.get_device_capability()
        asked = ["--query-gpu=driver_version", "--format=csv,noheader"]
        tool = shutil.which("nvidia-smi")
        driver = subprocess.run([tool, *asked], capture_output=True, text=True).stdout.split() if tool else []
        return {
            "card": self.card(),
            "capability": f"{major}.{minor}",
            "driver": driver[0] if driver else "unknown",
            "cuda": str(torch.version.cuda),
            "cudnn": str(torch.backends.cudnn.version()),
        }

    def free_bytes(self) -> int:
        """What may still be allocated on it."""
        return 2**33 if self.name == "cpu" else int(torch.cuda.mem_get_info()[0])

    def wait(self) -> None:
        """Until all that was asked of it is done."""
        if self.name == "cuda":
            torch.cuda.synchronize()

    def release(self) -> None:
        """Gives back what PyTorch holds for later."""
        if self.name == "cuda":
            torch.cuda.empty_cache()

    def seconds(self, call: Callable[[], object]) -> float:
        """How long a call takes, from an idle device to an idle device."""
        self.wait()
        begun = time.perf_counter()
        call()
        self.wait()
        return time.perf_counter() - begun


DEVICES = {
    # TF32 keeps 10 bits of float32's 23, and is ONNX Runtime's default for float32 on a card.
    "cuda": Device("cuda", "CUDAExecutionProvider", torch.float16, (("use_tf32", "0"),)),
    # float16 on a CPU is nobody's way to run a model.
    "cpu": Device("cpu", "CPUExecutionProvider", torch.float32),
}
