"""What all tests share: one quiet, offline process, and the two folders of public data that some tests read."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# Before any library reads them. Tests must give the same answer on a machine without a network. As many processes test
# as there are cores, on models so small that a second thread only waits: tiny runs of training take ten times as long
# with two threads that wait for each other.
os.environ |= {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

# A machine that does other work besides must not fail a property for being slow.
hypothesis.settings.register_profile("cutaway", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("cutaway")


def folder(variable: str, holds: str) -> Path:
    """The folder that an environment variable names; skips the test where it is unset."""
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} is not set; it names a folder with {holds}")
    return Path(path)


@pytest.fixture(scope="session")
def hub_cache() -> Path:
    """Published tokenizers in the layout of the Hugging Face cache."""
    return folder("CUTAWAY_HUB_CACHE", "published tokenizers in the layout of the Hugging Face cache")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Text to train on, xz-compressed, one file per source."""
    return folder("CUTAWAY_CORPORA", "training text as <source>.txt.xz")
