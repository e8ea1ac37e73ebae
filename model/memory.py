"""How much memory there is for a model: on this machine, and within the containers that this process runs in.

What the kernel holds of files is no obstacle: it gives it up when a process asks for memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CACHE = {
    "memory.max": ("inactive_file", "active_file"),
    "memory.limit_in_bytes": ("total_inactive_file", "total_active_file"),
}
"""The file that holds a group's limit, and what its memory.stat calls the pages of files, by version of cgroups."""
IN_USE = {"memory.max": "memory.current", "memory.limit_in_bytes": "memory.usage_in_bytes"}


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes of memory that a new model could take; None where the system does not say.

    On Linux what is available now, within the limits of all containers around this process (cgroups, version 1 and 2);
    on macOS all that is built in.

    Args:
        root: where `proc` and `sys` lie.
    """
    limits = list(_left_by_groups(root))
    meminfo = root / "proc" / "meminfo"
    if meminfo.is_file():
        fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        limits.append(int(fields["MemAvailable"].split()[0]) * 1024)
    elif hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=None)


def _left_by_groups(root: Path) -> Iterator[int]:
    """What each group that this process is in leaves of its limit, the innermost first."""
    mounts = root / "sys" / "fs" / "cgroup"
    membership = root / "proc" / "self" / "cgroup"
    lines = membership.read_text().splitlines() if membership.is_file() else ["0::/"]
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if controllers == "":
            mount, limit = mounts, "memory.max"
        elif "memory" in controllers.split(","):
            mount, limit = mounts / "memory", "memory.limit_in_bytes"
        else:
            continue
        inner = PurePosixPath(path.lstrip("/"))
        # A container may see itself as the root of its groups: what lies above, or is not there, says nothing.
        for group in (mount / inner, *(mount / parent for parent in inner.parents)):
            if (left := _left(group, limit)) is not None:
                yield left


def _left(group: Path, limit: str) -> int | None:
    """What one group leaves; None without a limit."""
    if not (group / limit).is_file() or (most := (group / limit).read_text().strip()) == "max":
        return None
    stat = group / "memory.stat"
    counts = dict(line.split() for line in stat.read_text().splitlines()) if stat.is_file() else {}
    reclaimable = sum(int(counts.get(name, 0)) for name in CACHE[limit])
    return int(most) - int((group / IN_USE[limit]).read_text()) + reclaimable
