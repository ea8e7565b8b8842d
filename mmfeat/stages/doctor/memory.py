"""How much memory this process may use: what is free, or what its control group leaves it."""

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mmfeat.size_in_words import size_in_words
from mmfeat.stages.doctor.finding import Finding

_UNLIMITED_BYTES = 1 << 60
"""Version 1 of the control groups writes a number near 2**63 where there is no limit."""
_LEAST_BYTES = 2e9
"""Libraries, a small network and one scan."""
_COMFORTABLE_SHARE = 0.7


@dataclass(frozen=True)
class Memory:
    """Say how much memory there is for this process."""

    total_bytes: int
    """Of the machine."""
    available_bytes: int
    """What it may still take."""
    limited_by: str = ""
    """What leaves it less than the machine has; often nothing."""


def read_memory(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> Memory | None:
    """Return the memory for this process; None where the system does not tell (not Linux)."""
    if not (proc / "meminfo").is_file():
        return None
    lines = (line.split(":") for line in (proc / "meminfo").read_text().splitlines())
    kib = {name: int(value.split()[0]) for name, value in lines}
    total, available = 1024 * kib["MemTotal"], 1024 * kib["MemAvailable"]
    limits = {"": available}
    for folder in _control_groups(proc, cgroup):
        left = _left_in(folder)
        if left is not None:
            limits["its control group"] = min(left, limits.get("its control group", left))
    ceiling, _ = resource.getrlimit(resource.RLIMIT_AS)
    if ceiling != resource.RLIM_INFINITY:
        limits["ulimit -v"] = ceiling
    limited_by = min(limits, key=lambda name: limits[name])
    return Memory(total, limits[limited_by], limited_by)


def memory_findings(memory: Memory | None = None) -> Iterator[Finding]:
    """Say how much memory there is; read it where it is not given."""
    found = memory or read_memory()
    if found is None:
        yield Finding("memory", "ok", "not known on this system")
        return
    by = f", limited by {found.limited_by}" if found.limited_by else ""
    total = size_in_words(found.total_bytes)
    message = f"{size_in_words(found.available_bytes)} available of {total}{by}"
    if found.available_bytes < _LEAST_BYTES:
        fix = "ask the scheduler for more memory, or end other programs"
        yield Finding("memory", "warning", message, fix)
    else:
        yield Finding("memory", "ok", message)


def _control_groups(proc: Path, cgroup: Path) -> Iterator[Path]:
    """Yield the folders of this process's group and of those around it, which limit it as well."""
    listing = proc / "self" / "cgroup"
    for line in listing.read_text().splitlines() if listing.is_file() else []:
        _, controllers, place = line.split(":", 2)
        if controllers in ("", "memory"):
            root = cgroup / controllers
            inside = root / place.lstrip("/")
            yield inside
            if inside != root:
                yield from (one for one in inside.parents if one.is_relative_to(root))


def _left_in(folder: Path) -> int | None:
    """Return what a group leaves; file contents that are kept in memory can be given back."""
    for limit_name, usage_name in (
        ("memory.max", "memory.current"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        limit_file, usage_file = folder / limit_name, folder / usage_name
        if not (limit_file.is_file() and usage_file.is_file()):
            continue
        limit = limit_file.read_text().strip()
        if limit == "max" or int(limit) >= _UNLIMITED_BYTES:
            return None
        return int(limit) - int(usage_file.read_text()) + _inactive_file(folder)
    return None


def _inactive_file(folder: Path) -> int:
    file = folder / "memory.stat"
    lines = file.read_text().splitlines() if file.is_file() else []
    counts = {name: int(value) for name, _, value in (line.partition(" ") for line in lines)}
    return counts.get("total_inactive_file", counts.get("inactive_file", 0))


@dataclass(frozen=True)
class MemoryNeeded:
    """Say what an extraction takes beyond the network that is loaded, at most."""

    reading_threads: int
    scan_bytes: int
    """What a thread needs for one scan, up to its windows."""
    prepared_bytes: int
    """Of the windows of one scan; four scans wait beside those that threads are busy with."""
    batch_bytes: int
    """Of one batch of windows; there are three."""
    feature_bytes: int
    """Of those that wait to be stored, or of all at the end, when they become one file."""

    @property
    def n_bytes(self) -> int:
        """All of it, as `docs/extracting.md` states it."""
        return (
            self.reading_threads * self.scan_bytes
            + 4 * self.prepared_bytes
            + 3 * self.batch_bytes
            + self.feature_bytes
        )


def needed_finding(check: str, needed: MemoryNeeded, memory: Memory | None) -> Finding:
    """Compare what an extraction needs with what there is.

    Args:
        check: What was looked at.
        needed: By scans like the largest one that was tried.
        memory: What there is, while the network is loaded; None when that is not known.
    """
    message = (
        f"an extraction needs about {size_in_words(needed.n_bytes)} beside the network: "
        f"{needed.reading_threads} reading threads of {size_in_words(needed.scan_bytes)}, "
        "batches, features"
    )
    if memory is None:
        return Finding(check, "ok", message)
    message += f"; {size_in_words(memory.available_bytes)} available"
    fix = "set `extract.workers` or `extract.batch_windows` lower, or ask for more memory"
    if needed.n_bytes > memory.available_bytes:
        return Finding(check, "problem", message, fix)
    if needed.n_bytes > _COMFORTABLE_SHARE * memory.available_bytes:
        return Finding(check, "warning", f"{message}; larger scans may not fit", fix)
    return Finding(check, "ok", message)
