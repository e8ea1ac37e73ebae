"""How ONNX Runtime is set up for every graph: silent, few threads, the fastest provider that really works here.

No torch here. ONNX Runtime is imported here alone, because what switches its telemetry off must come first.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read once, when the library loads
import onnxruntime as ort

ort.set_default_logger_severity(3)  # errors, no remarks on the GPUs that it does not find

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""What glibc's `mallopt` calls from how many free bytes on the heap shrinks, and which allocations lie outside it."""
MOST_MAPPED_BYTES = 32 * 2**20
"""The most that glibc lets the latter be."""


def keep_freed_memory() -> None:
    """Has glibc use freed memory again instead of giving it back at once, and asking the system for it anew in the next
    run, page by page: twenty thousand of them in a pass of the bundled GPT over 1,024 tokens. Who wants it back calls
    `malloc_trim`, as `app.running.memory` does.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # another C library
            libc = ctypes.CDLL(None)
            libc.mallopt(MMAP_THRESHOLD, MOST_MAPPED_BYTES)
            libc.mallopt(TRIM_THRESHOLD, 2**31 - 1)


keep_freed_memory()

GraphName = Literal["tapped", "fused", "encoder", "decoder"]
"""GPT and BERT have the first two; T5 has "tapped", and an encoder and a decoder in place of "fused"."""

Precision = Literal["float32", "fp16", "int8"]
"""What a graph computes in: "fused.onnx" is float32, "fused.fp16.onnx" and "fused.int8.onnx" are the two others."""

BFLOAT16 = 16
"""What ONNX calls the type, which its runtime knows from NumPy by no name (`onnx.TensorProto.BFLOAT16`)."""

N_THREADS = 2
"""Two halve one's wall time at 32 tokens; `python -m tests.bench.threads` measures when they should spin."""


def file(folder: Path, graph: GraphName, precision: Precision = "float32") -> Path:
    """Where a graph of a checkpoint is kept."""
    return folder / (f"{graph}.onnx" if precision == "float32" else f"{graph}.{precision}.onnx")


def load(path: Path, providers: Sequence[str], chosen: ort.SessionOptions | None = None) -> ort.InferenceSession:
    """A graph file, ready to run; with other options than `options()` if given."""
    return ort.InferenceSession(path, chosen or options(), providers=list(providers))


def options(spins: bool = False) -> ort.SessionOptions:
    """How every graph is run: fully optimized, silent, few threads that sleep while there is nothing to do. ONNX
    Runtime keeps no memory of its largest run: the allocator does, see `keep_freed_memory`, and can give it back.

    Args:
        spins: whether within a run a thread that waits for the next node's work does not sleep. It pays where a run
            takes tens of milliseconds: one visitor's is a quarter shorter, two at once take about a tenth longer.
    """
    chosen = ort.SessionOptions()
    chosen.enable_cpu_mem_arena = False
    chosen.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    chosen.intra_op_num_threads = N_THREADS
    chosen.add_session_config_entry("session.intra_op.allow_spinning", "1" if spins else "0")
    chosen.add_session_config_entry("session.force_spinning_stop", "1")  # at the end of the run
    chosen.log_severity_level = 4  # nothing but fatal ones: errors are raised as well
    return chosen


def replace_weights(chosen: ort.SessionOptions, weights: Mapping[str, NDArray[Any]]) -> list[ort.OrtValue]:
    """Has a graph that is loaded with these options take arrays in the place of what it points at.

    Args:
        chosen: the options.
        weights: by the names of its initializers, each of the type that the file has.

    Returns:
        What must be kept as long as the graph is loaded: it reads them where they lie.
    """
    values = [_lent(weight) for weight in weights.values()]
    chosen.add_external_initializers(list(weights), values)
    return values


def _lent(weight: NDArray[Any]) -> ort.OrtValue:
    if weight.dtype != ml_dtypes.bfloat16:
        return ort.OrtValue.ortvalue_from_numpy(weight)
    return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(weight.view(np.uint16), BFLOAT16)


def run_options() -> ort.RunOptions:
    """How one run is watched: its `terminate`, set from another thread, ends it at its next node, without a word."""
    chosen = ort.RunOptions()
    chosen.log_severity_level = 4
    return chosen


def default_providers(graph: GraphName) -> list[str]:
    """CUDA where a driver and a device are really there, for graphs that CUDA has all kernels for; then the CPU."""
    if graph != "tapped" and "CUDAExecutionProvider" in ort.get_available_providers() and n_cuda_devices() > 0:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]


def n_cuda_devices() -> int:
    """How many GPUs NVIDIA's driver reports; none without a driver, where ONNX Runtime would only log errors."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value
