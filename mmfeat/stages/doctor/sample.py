"""Try a sample of a cohort's scans, spread over it, and say what they are worth."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from mmfeat.manifest.cohort import ScanSource
from mmfeat.progress import Progress
from mmfeat.stages.doctor.finding import Finding
from mmfeat.stages.doctor.trial import Trial, try_scan
from mmfeat.stages.volume_encoder import VolumeEncoder

_SHOWN = 3
_Scan = TypeVar("_Scan")


@dataclass(frozen=True)
class Sample:
    """Hold the trials of some scans, in the order of the manifest."""

    trials: tuple[Trial, ...]
    kept: Trial | None
    """The one whose windows are kept; None when no scan can be read."""

    @property
    def readable(self) -> list[Trial]:
        """Those that can be read and prepared."""
        return [trial for trial in self.trials if not trial.failure]

    @property
    def typical(self) -> list[Trial]:
        """Those that an extraction would embed; where it would none, all that can be read."""
        passing = [trial for trial in self.readable if trial.outcome != "reject"]
        return passing or self.readable

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain JSON values."""
        return [trial.to_json() for trial in self.trials]


def spread_sample(scans: Sequence[_Scan], size: int, seed: int = 0) -> list[_Scan]:
    """Draw scans at random, one from each of ``size`` equal parts of a list; all of a short one.

    Example:
        >>> len(spread_sample(range(100), 5))
        5
    """
    if len(scans) <= size:
        return list(scans)
    draw = random.Random(seed)
    bounds = [len(scans) * part // size for part in range(size + 1)]
    return [scans[draw.randrange(low, high)] for low, high in pairwise(bounds)]


def try_sample(
    sources: Sequence[ScanSource], made: VolumeEncoder, *, name: str, progress: Progress
) -> Sample:
    """Try one scan after the other; of the first one that is not rejected, windows are kept.

    Args:
        sources: The scans.
        made: By what they are read and prepared.
        name: The modality.
        progress: Is told of each scan.
    """
    progress.start(f"{name}: trying scans", len(sources))
    trials: list[Trial] = []
    kept: Trial | None = None
    for source in sources:
        trial = try_scan(source, made)
        trials.append(trial)
        if kept is None and not trial.failure:
            kept = trial
        elif kept is not None and kept.outcome == "reject" and trial.outcome in ("pass", "warn"):
            kept.windows, kept = None, trial
        else:
            trial.windows = None
        progress.advance(note=f"{source.path.name} unreadable" if trial.failure else "")
    return Sample(tuple(trials), kept)


def sample_findings(name: str, sample: Sample, *, n_scans: int) -> Iterator[Finding]:
    """Say how many of a sample can be read, how long it took, and what the verdicts are.

    Args:
        name: The modality.
        sample: What was tried.
        n_scans: How many there are.
    """
    check, n = f"{name} scans", len(sample.trials)
    of = f"{n} of {n_scans} scans tried" if n < n_scans else f"all {n} scans tried"
    failed = [trial for trial in sample.trials if trial.failure]
    counts = Counter(trial.outcome for trial in sample.readable)
    verdicts = ", ".join(f"{outcome} {count}" for outcome, count in counts.items())
    seconds = [trial.reading_s for trial in sample.readable]
    took = f"{min(seconds):.2f} to {max(seconds):.2f} s each" if seconds else ""
    if not failed:
        yield Finding(check, "ok", f"{of}, all readable, in {took}; quality: {verdicts}")
    elif seconds:
        message = f"{of}, {len(failed)} unreadable, the others in {took}; quality: {verdicts}"
        fix = "mend the files, or leave them: an extraction lists them and goes on"
        yield Finding(check, "warning", _with_reasons(message, failed, _reason), fix)
    else:
        message = _with_reasons(f"{of}, none can be read", failed, _reason)
        fix = "see with `mmfeat inspect` what the files are, and correct `reading` in the settings"
        yield Finding(check, "problem", message, fix)
    rejected = [trial for trial in sample.readable if trial.outcome == "reject"]
    if rejected:
        message = f"{len(rejected)} of the {len(seconds)} readable scans are rejected"
        fix = "see them with `mmfeat inspect`; `quality` in the settings decides what is rejected"
        yield Finding(f"{name} quality", "warning", _with_reasons(message, rejected, _why), fix)


def _with_reasons(message: str, trials: Sequence[Trial], reason: Callable[[Trial], str]) -> str:
    lines = [message, *(reason(trial) for trial in trials[:_SHOWN])]
    more = len(trials) - _SHOWN
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _reason(trial: Trial) -> str:
    return trial.failure


def _why(trial: Trial) -> str:
    found = trial.verdict.findings if trial.verdict else ()
    worst = "; ".join(f"{one.code}: {one.message}" for one in found if one.severity == "reject")
    return f"{trial.path}: {worst}"
