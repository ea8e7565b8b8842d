"""Read and prepare scans ahead of the encoder, on a bounded number of threads."""

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from mmfeat.encoders.contract import Windows
from mmfeat.errors import VolumeError, one_line
from mmfeat.stages.done_ahead import done_ahead
from mmfeat.stages.extraction_plan import Job, current_stat
from mmfeat.stages.quality_gate import measured_quality
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import read_volume, source_sha256

_WAITING = 2
"""Prepared scans that may wait for the encoder beside those that threads are busy with."""


@dataclass
class Scan:
    """Hold what a thread found out about one scan: windows for the encoder, or why it has none."""

    job: Job
    stat: str
    sha256: str = ""
    windows: Windows | None = None
    """None when reading failed, or when every case has a feature of this very content already."""
    quality: str = ""
    """What was measured, as the cache keeps it."""
    failure: str | None = None
    """Why the scan cannot be embedded, or is not to be."""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def new_cases(self) -> list[str]:
        """Cases that have no feature of this content yet."""
        return [case for case, sources in self.job.known.items() if self.sha256 not in sources]


def read_scan(job: Job, made: VolumeEncoder) -> Scan:
    """Digest, read, judge and prepare a scan; whatever is wrong with it becomes its ``failure``."""
    scan = Scan(job, current_stat(job.path))
    start = time.perf_counter()
    try:
        scan.sha256 = source_sha256(job.path)
        if scan.new_cases:
            volume = read_volume(job.path, made.rules)
            scan.seconds["read"] = time.perf_counter() - start
            start = time.perf_counter()
            scan.quality = measured_quality(volume)
            scan.failure = made.gate.rejection(scan.quality)
            scan.seconds["judge"] = time.perf_counter() - start
            if scan.failure is None:
                start = time.perf_counter()
                scan.windows = made.encoder.prepare(volume)
                scan.seconds["prepare"] = time.perf_counter() - start
        if current_stat(job.path) != scan.stat:
            raise VolumeError(f"{job.path}: changed while it was read; run the command again")
    except VolumeError as error:
        text = str(error)
        scan.quality = ""  # it failed, and is not to be judged again by other settings
        scan.failure = text if text.startswith(str(job.path)) else f"{job.path}: {text}"
    except Exception as error:  # noqa: BLE001 - one strange file must not end a job of many
        scan.quality = ""
        scan.failure = f"{job.path}: {type(error).__name__}: {one_line(error)}"
    if scan.failure is not None:
        scan.windows = None
    return scan


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
    ahead = done_ahead(jobs, read, workers=workers, waiting=_WAITING, should_stop=should_stop)
    with closing(ahead):
        for _, scan in ahead:
            yield scan
