"""Weights in every type that is published, read without torch, in a process that has imported nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

READ = """
import sys
from pathlib import Path
from model import stored
with stored.reading(Path(sys.argv[1])) as read:
    tensor = read("x")
assert tensor.tobytes() == stored.load(Path(sys.argv[1]))["x"].astype("float32").tobytes()
assert "torch" not in sys.modules
sys.stdout.buffer.write(tensor.tobytes())
"""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_fresh_process_reads_each_type_exactly(tmp_path: Path, dtype: torch.dtype):
    stored = torch.randn(4, 5, generator=torch.Generator().manual_seed(0)).to(dtype)
    save_file({"x": stored}, tmp_path / "model.safetensors")
    command = [sys.executable, "-c", READ, str(tmp_path / "model.safetensors")]
    read = subprocess.run(command, capture_output=True, check=True).stdout
    np.testing.assert_array_equal(np.frombuffer(read, np.float32).reshape(4, 5), stored.float().numpy())
