"""How many cores this process may use: those allotted to it, not those of the node."""

import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path

CORES_VARIABLE = "MMFEAT_CORES"
"""Says how many cores this process may use, where several processes share a machine."""


def allotted_cores(
    environment: Mapping[str, str] = os.environ, cgroup: Path = Path("/sys/fs/cgroup")
) -> int:
    """Return the smallest of CPU affinity, cgroup's quota, Slurm's allocation and MMFEAT_CORES."""
    return min(core_limits(environment, cgroup).values())


def core_limits(
    environment: Mapping[str, str] = os.environ, cgroup: Path = Path("/sys/fs/cgroup")
) -> dict[str, int]:
    """Return each limit that there is, by its name, in cores."""
    limits = {"CPU affinity": _affinity()}
    quota = _cgroup_quota(cgroup)
    if quota is not None:
        limits["cgroup quota"] = max(1, math.floor(quota))
    for name in ("SLURM_CPUS_PER_TASK", CORES_VARIABLE):
        if environment.get(name, "").isdecimal():
            limits[name] = max(1, int(environment[name]))
    return limits


def limit_torch_threads(cores: int) -> None:
    """Keep torch to the allotted cores, if an encoder has loaded it; fewer threads stay fewer."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(min(torch.get_num_threads(), cores))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS cannot tell


def _cgroup_quota(cgroup: Path) -> float | None:
    """Read the quota in cores, from version 2 of the control groups or else from version 1."""
    pairs = (
        (cgroup / "cpu.max",),
        (cgroup / "cpu" / "cpu.cfs_quota_us", cgroup / "cpu" / "cpu.cfs_period_us"),
    )
    for files in pairs:
        if all(file.is_file() for file in files):
            quota, period = " ".join(file.read_text() for file in files).split()
            return int(quota) / int(period) if quota not in ("max", "-1") else None
    return None
