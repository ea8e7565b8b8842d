"""How much memory this process may use: what it was allotted, not what the node has."""

import os
from collections.abc import Mapping
from pathlib import Path

BYTES_VARIABLE = "MMFEAT_MEMORY_BYTES"
"""Says how much of it this process may use, where several processes share a machine."""
_UNLIMITED = 1 << 60
"""Version 1 of the control groups says this or more where there is no limit."""


def allotted_bytes(
    cgroup: Path = Path("/sys/fs/cgroup"), environment: Mapping[str, str] = os.environ
) -> int:
    """Return the smallest of the machine's memory, the control group's limit and the variable."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    told = environment.get(BYTES_VARIABLE, "")
    share = [int(told)] if told.isdecimal() and int(told) else []
    return min([machine, *_cgroup_limits(cgroup), *share])


def _cgroup_limits(cgroup: Path) -> list[int]:
    """Read the limit in bytes, from version 2 of the control groups or else from version 1."""
    for file in (cgroup / "memory.max", cgroup / "memory" / "memory.limit_in_bytes"):
        if file.is_file():
            text = file.read_text().strip()
            return [int(text)] if text.isdecimal() and int(text) < _UNLIMITED else []
    return []
