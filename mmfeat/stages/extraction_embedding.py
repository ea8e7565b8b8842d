"""Take scans through the encoder, one after the other, while the next ones are read."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.config.modalities import ExtractSettings
from mmfeat.core_budget import allotted_cores, limit_torch_threads
from mmfeat.encoders.contract import Embedding, Encoder
from mmfeat.progress import Progress
from mmfeat.stages.extraction_commits import Commits
from mmfeat.stages.extraction_plan import Job
from mmfeat.stages.extraction_reading import Scan, read_scan, scans_ahead
from mmfeat.stages.extraction_report import Tally
from mmfeat.stages.volume_encoder import VolumeEncoder


@dataclass(frozen=True)
class Watch:
    """Whoever watches the work: is told of each case, and may ask for a stop."""

    progress: Progress
    should_stop: Callable[[], bool]


def embed_scans(
    jobs: Sequence[Job],
    made: VolumeEncoder,
    folder: CacheFolder,
    *,
    settings: ExtractSettings,
    watch: Watch,
    tally: Tally,
) -> None:
    """Embed scans and store them as they get finished, until all are or a stop is asked for.

    Whatever ends the work, an error of the encoder included, finished cases are stored first.
    """
    if watch.should_stop():
        return
    encoder = made.encoder
    with tally.timed("load"):
        encoder.load()
    cores = allotted_cores()
    limit_torch_threads(cores)
    read = partial(read_scan, made=made)
    workers = cores if settings.workers == "auto" else settings.workers
    scans = scans_ahead(jobs, read, workers=workers, should_stop=watch.should_stop)
    commits = Commits(
        folder, shard_cases=settings.shard_cases, shard_seconds=settings.shard_seconds
    )
    try:
        with commits, closing(scans):
            for scan in tally.timed_wait(scans):
                start = time.perf_counter()
                feature = _embed(scan, encoder, settings.batch_windows, watch.should_stop)
                scan.seconds["encode"] = time.perf_counter() - start
                if scan.windows is not None and feature is None:
                    break
                _settle(scan, feature, commits, tally)
                failed = f"{scan.job.path.name} failed" if scan.failure else ""
                watch.progress.advance(len(scan.job.known), failed)
    finally:
        tally.seconds["write"] += commits.elapsed_s


def _embed(
    scan: Scan, encoder: Encoder, batch_windows: int, should_stop: Callable[[], bool]
) -> Embedding | None:
    """Embed one scan's windows; None when there are none, or a stop is asked for on the way."""
    if scan.windows is None:
        return None
    features = []
    try:
        for start in range(0, len(scan.windows), batch_windows):
            if should_stop():
                return None
            features.append(encoder.encode(scan.windows[start : start + batch_windows]))
        return encoder.pool(np.concatenate(features))
    except Exception as error:
        error.add_note(f"while embedding {scan.job.path}")
        raise


def _settle(scan: Scan, feature: Embedding | None, commits: Commits, tally: Tally) -> None:
    """Put a scan's cases where they belong: finished, only touched, or failed."""
    tally.n_scans += 1
    for step, elapsed_s in scan.seconds.items():
        tally.seconds[step] += elapsed_s
    if feature is not None and not np.isfinite(feature).all():
        scan.failure = f"{scan.job.path}: the encoder's feature is NaN or infinite"
        scan.quality = ""
    if scan.failure is not None:
        tally.failures |= dict.fromkeys(scan.job.known, scan.failure)
        tally.rejected |= set(scan.job.known) if scan.quality else set()
        commits.add_failures(scan, scan.job.known, scan.failure)
        return
    new = scan.new_cases
    touched = [case for case in scan.job.known if case not in new]
    tally.n_done += len(touched)
    tally.n_extracted += len(new)
    tally.n_changed += sum(bool(scan.job.known[case]) for case in new)
    commits.add_touched(scan, touched)
    if feature is not None:
        commits.add(
            FeatureRow(case, scan.sha256, scan.stat, feature, scan.quality, scan.seconds)
            for case in new
        )
