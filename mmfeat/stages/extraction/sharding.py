"""Which scans are in one share of an extraction, so that any machine can do it alone."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from mmfeat.manifest.cohort import CaseScan
from mmfeat.remote_path import AnyPath
from mmfeat.stages.extraction.plan import Plan
from mmfeat.volumes import stat_size_bytes
from mmfeat.volumes.source import files_below
from mmfeat.work_shard import WorkShard

_SLICE_BYTES = 512 * 512 * 2
"""What a file of a folder weighs: a slice of CT, uncompressed."""


def scans_of_shard(
    shard: WorkShard,
    sources: Iterable[Sequence[CaseScan]],
    *,
    folder: Path,
    stat_of: Callable[[AnyPath], str],
) -> frozenset[AnyPath]:
    """Return the scans that are in a share, dealt out by the bytes of files, the files of folders.

    A scan is in one share with all cases that have it and all points in it, so it is read once. A
    scan that is not there weighs nothing, and its share says so. Folders are listed, but their
    files not looked at: in 100,000 series of 300 slices every shard would look at 30 million.

    Args:
        shard: The share.
        sources: The scans of each case; all that are to be shared.
        folder: That of the settings. Scans are ranked by their paths from it, so that a project
            whose folder has another name on another machine is cut the same there.
        stat_of: Gives the stat of a scan.
    """
    names = {scan.path: _name(scan.path, folder) for scans in sources for scan in scans}
    sizes = {name: _weight(path, stat_of) for path, name in names.items()}
    ours = shard.pick(sizes)
    return frozenset(path for path, name in names.items() if name in ours)


def plan_of_shard(plan: Plan, scans: frozenset[AnyPath]) -> Plan:
    """Return what a plan says of some scans; cases without a scan are in none."""
    return replace(
        plan,
        jobs=[job for job in plan.jobs if job.path in scans],
        absent=[],
        done=[(case_id, source) for case_id, source in plan.done if source.path in scans],
        failed_before={key: why for key, why in plan.failed_before.items() if key[1].path in scans},
        rejected_before={
            key: why for key, why in plan.rejected_before.items() if key[1].path in scans
        },
    )


def _weight(path: AnyPath, stat_of: Callable[[AnyPath], str]) -> int:
    try:
        if isinstance(path, Path) and path.is_dir():
            return len(files_below(path)) * _SLICE_BYTES
    except OSError:  # reading it says why
        return 0
    return stat_size_bytes(stat_of(path))


def _name(path: AnyPath, folder: Path) -> str:
    return os.path.relpath(path, folder) if isinstance(path, Path) else str(path)
