"""Read and prepare scans ahead of the encoder, on a bounded number of threads."""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from mmfeat.encoders.contract import Windows
from mmfeat.errors import RemoteError, VolumeError, one_line
from mmfeat.manifest.regions import Region
from mmfeat.stages.done_ahead import done_ahead
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.stage_costs import StageCosts
from mmfeat.stages.quality_gate import measured_quality
from mmfeat.stages.scan_content import (
    at_hand,
    content_sha256,
    current_stat,
    read_scan_content,
    require_region,
)
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import stat_size_bytes

AtHand = Callable[[Job], AbstractContextManager[tuple[Path, Region | None]]]
"""Has a scan, and where to look in it, on a disk of this machine while it is read."""
WAITING = 2
"""Prepared scans that may wait for the encoder beside those that threads are busy with."""


@dataclass
class Scan:
    """Hold what a thread found out about one scan: windows for the encoder, or why it has none."""

    job: Job
    stat: str
    sha256: str = ""
    windows: Windows | None = None
    """None when reading failed, when every case has a feature of this very content already, or
    when they were cut into batches."""
    n_windows: int = 0
    quality: str = ""
    """What was measured, as the cache keeps it."""
    failure: str | None = None
    """Why the scan cannot be embedded, or is not to be."""
    costs: StageCosts = field(default_factory=StageCosts)

    @property
    def new_cases(self) -> list[str]:
        """Cases that have no feature of this content yet."""
        return [case for case, sources in self.job.known.items() if self.sha256 not in sources]

    def fail(self, reason: str) -> None:
        """Give the scan up; it is not to be judged again by other settings."""
        self.failure, self.windows, self.quality = reason, None, ""


def where_it_is(job: Job) -> AbstractContextManager[tuple[Path, Region | None]]:
    """Read a scan at its place; of one at a URL, make a copy for that time."""
    return at_hand(job.path, job.region)


def read_scan(job: Job, made: VolumeEncoder, brought: AtHand = where_it_is) -> Scan:
    """Digest, read, judge and prepare a scan; whatever is wrong with it becomes its ``failure``.

    Args:
        job: The scan.
        made: What embeds it.
        brought: Says where it is read.
    """
    scan = Scan(job, current_stat(job.path, job.region, ask_again=True))
    try:
        require_region(job.region, made.point_rules)
        with ExitStack() as stack:
            with scan.costs.timed("read"):
                path, region = stack.enter_context(brought(job))
                scan.sha256 = content_sha256(path, region)
            scan.costs.add("read", 0.0, stat_size_bytes(scan.stat))
            if scan.new_cases:
                _prepare(scan, made, path, region=region)
        if current_stat(job.path, job.region, ask_again=True) != scan.stat:
            raise VolumeError(f"{job.path}: changed while it was read; run the command again")
    except VolumeError as error:
        scan.fail(job.reason(str(error)))
    except RemoteError as error:
        # Nothing is wrong with the scan: without a stat the failure is of no scan that is there,
        # so that the next run tries again.
        scan.stat = ""
        scan.fail(job.reason(str(error)))
    except Exception as error:  # noqa: BLE001 - one strange file must not end a job of many
        scan.fail(job.reason(f"{type(error).__name__}: {one_line(error)}"))
    return scan


def _prepare(scan: Scan, made: VolumeEncoder, path: Path, *, region: Region | None) -> None:
    """Fill in what was measured of a scan, and its windows unless it is rejected.

    Args:
        scan: What is known of it.
        made: What embeds it.
        path: Where it is on this machine.
        region: Where to look in it.
    """
    costs = scan.costs
    with costs.timed("decode"):
        volume = read_scan_content(path, region, rules=made.rules, point_rules=made.point_rules)
    costs.add("decode", 0.0, volume.hu.nbytes)
    with costs.timed("judge"):
        scan.quality = measured_quality(volume)
        scan.failure = made.gate.rejection(scan.quality)
    if scan.failure is None:
        with costs.timed("prepare"):
            scan.windows = made.encoder.prepare(volume)
        scan.n_windows = len(scan.windows)
        costs.add("prepare", 0.0, scan.windows.nbytes)


def scans_ahead(
    jobs: Iterable[Job],
    read: Callable[[Job], Scan],
    *,
    workers: int,
    should_stop: Callable[[], bool],
) -> Generator[Scan, None, None]:
    """Yield scans as they get ready, until there are no more or a stop is asked for.

    Memory: at most ``workers + 2`` scans are being read, prepared or waiting, and one more is with
    the caller: ``workers`` volumes and ``workers + 3`` prepared scans, however many ``jobs``.
    """
    ahead = done_ahead(jobs, read, workers=workers, waiting=WAITING, should_stop=should_stop)
    with closing(ahead):
        for _, scan in ahead:
            yield scan
