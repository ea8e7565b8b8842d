"""What a machine is, as far as times depend on it; not which one it is."""

import os
import platform
import subprocess
import sys
from pathlib import Path

from mmfeat.core_budget import allotted_cores
from mmfeat.provenance import library_versions

_GPU = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"


def gpu_name() -> str | None:
    """Name the GPU that torch would take; None where there is none.

    Asked in a process of its own, so that this one holds no memory of the device.
    """
    command = [sys.executable, "-c", _GPU]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return ended.stdout.strip() or None


def machine_facts() -> dict[str, str]:
    """Say which processor, how much memory, which system, and which libraries."""
    versions = library_versions()
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    names = ("python", "torch", "numpy", "h5py", "scikit-learn", "monai")
    return {
        "processor": f"{_processor()}, {allotted_cores()} cores allotted",
        "memory": f"{memory_gb:.0f} GB",
        "system": f"{platform.system()} {platform.machine()}",
        "libraries": ", ".join(f"{name} {versions[name]}" for name in names),
        "mmfeat": versions["mmfeat"],
    }


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
