"""How much memory there is, on machines and in containers of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.memory import available_memory

FREE = 8_000 * 1024
V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine of which 8,000 KiB are available."""
    write(tmp_path, "proc/meminfo", "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    8000 kB\n")
    return tmp_path


def write(root: Path, name: str, content: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


def limited(root: Path, group: str, most: str, used: int) -> None:
    """A group of version 2."""
    write(root, f"{V2}/{group}/memory.max", f"{most}\n")
    write(root, f"{V2}/{group}/memory.current", f"{used}\n")


def test_this_machine_says_how_much_memory_it_has():
    available = available_memory()
    assert available is None or 2**20 < available < 2**50


def test_without_a_group_or_a_limit_all_of_it_is_there(root: Path):
    assert available_memory(root) == FREE
    limited(root, "", "max", 1_000_000)
    assert available_memory(root) == FREE


def test_within_a_container_only_what_its_limit_leaves_is_there(root: Path):
    limited(root, "", "5000000", 1_000_000)
    assert available_memory(root) == 4_000_000
    limited(root, "", "500000000", 1_000_000)
    assert available_memory(root) == FREE, "a limit above what there is"


def test_the_pages_of_files_can_be_had_back(root: Path):
    limited(root, "", "5000000", 4_500_000)
    write(root, f"{V2}/memory.stat", "anon 900000\nactive_file 1500000\ninactive_file 2000000\n")
    assert available_memory(root) == 4_000_000


def test_the_tightest_of_all_groups_around_a_process_counts(root: Path):
    write(root, "proc/self/cgroup", "0::/outer/inner\n")
    limited(root, "outer", "3000000", 1_000_000)
    limited(root, "outer/inner", "7000000", 1_000_000)
    assert available_memory(root) == 2_000_000


def test_groups_of_the_first_version_are_obeyed(root: Path):
    write(root, "proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/box\n1:cpu:/\n0::/\n")
    write(root, f"{V1}/memory.limit_in_bytes", f"{2**63 - 4096}\n")
    write(root, f"{V1}/memory.usage_in_bytes", "9000000\n")
    write(root, f"{V1}/box/memory.limit_in_bytes", "6000000\n")
    write(root, f"{V1}/box/memory.usage_in_bytes", "5000000\n")
    write(root, f"{V1}/box/memory.stat", "cache 1\ntotal_inactive_file 1000000\ntotal_active_file 2000000\n")
    assert available_memory(root) == 4_000_000
