"""Take single scans the way of an extraction, on one thread, and note what each stage takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from mmfeat.encoders.contract import Windows
from mmfeat.errors import RemoteError, VolumeError, one_line
from mmfeat.manifest.cohort import ScanSource
from mmfeat.quality import Verdict, judge, measure
from mmfeat.remote_path import AnyPath
from mmfeat.stages.doctor.peak_memory import PeakMemory
from mmfeat.stages.scan_content import content_sha256, read_scan_content, scan_stat
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import stat_size_bytes


@dataclass
class StageCost:
    """Say what one stage took."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    """Of all threads together: above ``seconds`` where a stage uses several, below where it waits
    for the disk or the device."""
    n_bytes: int = 0
    """Read, decoded, prepared, or given to the network."""
    peak_bytes: int = 0
    """By how much the memory of the process grew meanwhile, at most."""

    @property
    def thread_s(self) -> float:
        """Time that the stage takes from the reading threads, on a machine that is busy."""
        return max(self.seconds, self.cpu_s)


@dataclass
class Trial:
    """Hold what was found out about one scan."""

    path: AnyPath
    stages: dict[str, StageCost] = field(default_factory=dict)
    """In the order of the work; those up to a failure."""
    verdict: Verdict | None = None
    """None when the scan cannot be read."""
    windows: Windows | None = None
    """For the network; taken away once they are not needed any more."""
    n_windows: int = 0
    prepared_bytes: int = 0
    failure: str = ""
    """Why the scan cannot be read or prepared; empty when it can."""

    @property
    def reading_s(self) -> float:
        """Time of a reading thread, up to the windows."""
        return sum(cost.thread_s for cost in self.stages.values())

    @property
    def peak_bytes(self) -> int:
        """Memory that a thread needs while it reads, decodes and prepares such a scan."""
        return max((cost.peak_bytes for cost in self.stages.values()), default=0)

    @property
    def outcome(self) -> str:
        """``unreadable``, or what the verdict is."""
        return "unreadable" if self.failure or self.verdict is None else self.verdict.outcome

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "path": str(self.path),
            "outcome": self.outcome,
            "codes": list(self.verdict.codes) if self.verdict else [],
            "failure": self.failure,
            "n_windows": self.n_windows,
            "stages": {stage: asdict(cost) for stage, cost in self.stages.items()},
        }


def try_scan(source: ScanSource, made: VolumeEncoder) -> Trial:
    """Digest, read, judge and prepare a scan; whatever is wrong with it becomes its failure.

    A scan that the settings reject is prepared all the same, which an extraction would not do.
    """
    trial = Trial(source.path)
    try:
        _go(trial, source, made)
    except (VolumeError, RemoteError) as error:
        trial.failure = str(error)
    except Exception as error:  # noqa: BLE001 - one strange file must not end the examination
        trial.failure = f"{source}: {type(error).__name__}: {one_line(error)}"
    return trial


def _go(trial: Trial, source: ScanSource, made: VolumeEncoder) -> None:
    path, peak = source.path, PeakMemory()
    with measured(trial.stages, "read", peak) as cost:
        content_sha256(path, source.region)
    cost.n_bytes = stat_size_bytes(scan_stat(path))
    with measured(trial.stages, "decode", peak) as cost:
        volume = read_scan_content(
            path, source.region, rules=made.rules, point_rules=made.point_rules
        )
    cost.n_bytes = volume.hu.nbytes
    held = cost.n_bytes
    with measured(trial.stages, "judge", peak) as cost:
        trial.verdict = judge(measure(volume), made.gate.thresholds)
    cost.peak_bytes += held
    with measured(trial.stages, "prepare", peak) as cost:
        trial.windows = made.encoder.prepare(volume)
    cost.peak_bytes += held
    cost.n_bytes = trial.prepared_bytes = trial.windows.nbytes
    trial.n_windows = len(trial.windows)


@contextmanager
def measured(stages: dict[str, StageCost], stage: str, peak: PeakMemory) -> Iterator[StageCost]:
    """Note what a block takes, also when it raises."""
    cost = stages.setdefault(stage, StageCost())
    peak.restart()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - wall
        cost.cpu_s = time.process_time() - cpu
        cost.peak_bytes = peak.growth_bytes()
