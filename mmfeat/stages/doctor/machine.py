"""Examine what mmfeat runs on: Python, its libraries, optional packages, cores, temporary files."""

import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from mmfeat.core_budget import core_limits
from mmfeat.provenance import library_versions
from mmfeat.size_in_words import size_in_words
from mmfeat.stages.doctor.finding import Finding, examined
from mmfeat.stages.doctor.memory import memory_findings
from mmfeat.stages.doctor.torch import torch_findings

_PURPOSES = {
    "excel": "for tables in Excel's format",
    "lite0": "for the encoder slices-lite0",
    "text": "for free text in records",
}
_NOT_FOR_USERS = ("dev",)
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[.*?\])?\s*([^;]*)(?:;(.*))?")
_LEAST_TEMPORARY_BYTES = 100e6
_QUIET_SHARE = 0.5


def machine_findings() -> list[Finding]:
    """Examine the machine, whatever is to be computed on it."""
    return [
        *examined("python", python_findings),
        *examined("libraries", lambda: library_findings(metadata.requires("mmfeat") or [])),
        *examined("extras", lambda: extra_findings(metadata.requires("mmfeat") or [])),
        *examined("cores", core_findings),
        *examined("memory", memory_findings),
        *examined("torch", torch_findings),
        *examined("temporary", temporary_findings),
    ]


def python_findings() -> Iterator[Finding]:
    """Say which Python and system this is, and whether mmfeat is meant for it."""
    described = metadata.metadata("mmfeat")
    found, wanted = platform.python_version(), described["Requires-Python"] or ""
    message = f"{found} on {platform.system()} {platform.release()} ({platform.machine()})"
    tested = [
        line.rpartition(" ")[2]
        for line in described.get_all("Classifier") or []
        if re.search(r":: Python :: 3\.\d+$", line)
    ]
    if not fits(found, wanted):
        message += f"; mmfeat needs {wanted}"
        yield Finding("python", "problem", message, "use another Python")
    elif tested and ".".join(found.split(".")[:2]) not in tested:
        fix = f"use Python {' or '.join(tested)} if anything is strange"
        yield Finding("python", "warning", f"{message}; mmfeat is not tested with it", fix)
    else:
        yield Finding("python", "ok", message)


def library_findings(requirements: list[str]) -> Iterator[Finding]:
    """Compare what is installed with what mmfeat needs, and name the versions behind numbers."""
    wrong = [wrong for one in requirements if ";" not in one and (wrong := _lacking(one))]
    if wrong:
        yield Finding(
            "libraries", "problem", "; ".join(wrong), "install mmfeat again, with `pip install .`"
        )
    else:
        versions = [f"{name} {version}" for name, version in library_versions().items()]
        yield Finding("libraries", "ok", ", ".join(versions))


def extra_findings(requirements: list[str]) -> Iterator[Finding]:
    """Say of each extra whether it is installed, and what it is for; none is needed by all."""
    extras: dict[str, list[str]] = {}
    for one in requirements:
        match = re.search(r"extra\s*==\s*['\"]([\w-]+)", one)
        if match and match[1] not in _NOT_FOR_USERS:
            extras.setdefault(match[1], []).append(one)
    for extra, needed in extras.items():
        purpose = _PURPOSES.get(extra, "optional")
        wrong = [wrong for one in needed if (wrong := _lacking(one))]
        if wrong:
            get = f'`pip install "mmfeat[{extra}]"` if you need it'
            yield Finding(f"extra {extra}", "ok", f"{purpose}: {'; '.join(wrong)}; {get}")
        else:
            yield Finding(f"extra {extra}", "ok", f"{purpose}: installed")


def core_findings() -> Iterator[Finding]:
    """Say how many cores are allotted of those of the node, by what, and whether they are free."""
    yield core_finding(core_limits(), node=os.cpu_count() or 1, load=os.getloadavg()[0])


def core_finding(limits: Mapping[str, int], *, node: int, load: float) -> Finding:
    """Compare the cores that are allotted with those of the node, and with what else runs there.

    Args:
        limits: Each limit by its name, in cores.
        node: Cores of the node.
        load: How many were wanted at the same time in the last minute.
    """
    cores = min(limits.values())
    by = " and ".join(name for name, limit in limits.items() if limit == cores)
    whose = f"of the node's {node}, limited by {by}" if cores < node else "cores, all of the node's"
    if load > _QUIET_SHARE * node:
        message = f"{cores} {whose}; {load:.1f} are wanted by what runs now"
        fix = "examine it again when it is quiet: what is timed now takes longer than it will"
        return Finding("cores", "warning", message, fix)
    return Finding("cores", "ok", f"{cores} {whose}")


def temporary_findings() -> Iterator[Finding]:
    """Say whether there is room for temporary files, such as the log of a crash."""
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    message = f"{folder}: {size_in_words(free)} free"
    if free < _LEAST_TEMPORARY_BYTES:
        fix = "make room there, or set TMPDIR to another folder"
        yield Finding("temporary", "warning", message, fix)
    else:
        yield Finding("temporary", "ok", message)


def fits(version: str, wanted: str) -> bool:
    """Say whether a version is in a range such as ``>=1.2`` or ``==0.1.0``.

    Of each version only the leading whole numbers count; other signs than these two fit always.

    Example:
        >>> fits("2.10.1", ">=2.9"), fits("0.1.1", "==0.1.0")
        (True, False)
    """
    for part in filter(None, (part.strip() for part in wanted.split(","))):
        sign, limit = part[:2], _numbers(part[2:])
        if sign == ">=" and _numbers(version) < limit:
            return False
        if sign == "==" and _numbers(version)[: len(limit)] != limit:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"[\d.]+", version.strip())
    return tuple(int(part) for part in match[0].split(".") if part) if match else ()


def _lacking(requirement: str) -> str | None:
    """Return what is wrong with one requirement, or None."""
    match = _REQUIREMENT.match(requirement)
    if match is None:
        return None
    name, wanted = match[1], match[2].strip()
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    return None if fits(found, wanted) else f"{name} is {found}, but must be {wanted}"
