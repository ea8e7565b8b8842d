"""Put each scan's cases where they belong once all is known of it: finished, touched, or failed."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache import FeatureRow, RunningMark
from mmfeat.encoders.contract import DeviceUsage, Encoder, WindowFeatures
from mmfeat.progress import Progress
from mmfeat.stages.extraction.commits import Commits
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import Scan
from mmfeat.stages.extraction.report import Tally
from mmfeat.stages.extraction.window_batches import Batch
from mmfeat.stages.scan_tokens import TokenRule


@dataclass(frozen=True)
class Watch:
    """Whoever watches the work: is told of each case, and may ask for a stop."""

    progress: Progress
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class Encoded:
    """Hold what came of a batch."""

    features: WindowFeatures
    """``(size, width)``; empty when the batch failed."""
    usage: DeviceUsage
    failure: str | None = None
    """Why there are no features."""


class Settling:
    """Follow the scans of one extraction from the first byte to the cache."""

    def __init__(
        self,
        jobs: Iterable[Job],
        encoder: Encoder,
        commits: Commits,
        *,
        tally: Tally,
        watch: Watch,
        mark: RunningMark,
        tokens: TokenRule | None = None,
    ) -> None:
        self._jobs = list(jobs)
        self._encoder = encoder
        self._token_rule = tokens
        self._commits = commits
        self._tally = tally
        self._watch = watch
        self._mark = mark
        self._n_cases = sum(len(job.known) for job in self._jobs)
        self._n_settled = 0
        self._in_flight: dict[str, None] = {}  # ordered, unlike a set
        self._features: dict[int, tuple[NDArray[np.float32], int]] = {}
        self._started = time.perf_counter()

    def begun(self) -> Iterator[Job]:
        """Yield the jobs one by one; each that is taken counts as in flight."""
        for job in self._jobs:
            self._in_flight |= dict.fromkeys(job.known)
            self._tell_mark()
            yield job

    def with_windows(self, scans: Iterable[Scan]) -> Iterator[Scan]:
        """Pass on the scans that have windows; settle those that have none."""
        for scan in scans:
            if scan.windows is None:
                self._settle(scan, None)
            else:
                yield scan

    def take(self, batch: Batch, encoded: Encoded) -> None:
        """Take the features of a batch, and settle each scan that has all of its own now."""
        usage, row = encoded.usage, 0
        n_windows = sum(part.n_windows for part in batch.parts)
        for part in batch.parts:
            share = part.n_windows / n_windows
            part.scan.costs.add("copy", usage.copy_s * share, round(usage.copied_bytes * share))
            part.scan.costs.add("forward", usage.forward_s * share, part.n_windows * _bytes(batch))
            if encoded.failure is not None and part.scan.failure is None:
                part.scan.fail(part.scan.job.reason(encoded.failure))
            features = encoded.features[row : row + part.n_windows]
            row += part.n_windows
            self._collect(part.scan, part.start, features, part.n_windows)
        if usage.smallest_batch is not None:
            self._tally.smallest_batch = usage.smallest_batch

    def _collect(self, scan: Scan, start: int, features: WindowFeatures, n_windows: int) -> None:
        """Keep the features of some windows; settle the scan when they are the last ones."""
        collected, n_missing = self._features.pop(
            id(scan), (np.empty((0, 0), np.float32), scan.n_windows)
        )
        if scan.failure is None:
            if len(collected) == 0:
                collected = np.empty((scan.n_windows, features.shape[1]), np.float32)
            collected[start : start + n_windows] = features
        if n_missing > n_windows:
            self._features[id(scan)] = (collected, n_missing - n_windows)
            return
        self._settle(scan, collected if scan.failure is None else None)

    def _settle(self, scan: Scan, features: WindowFeatures | None) -> None:
        feature = None if features is None else self._encoder.pool(features)
        tokens = None
        if features is not None and self._token_rule is not None:
            tokens = self._token_rule.tokens_of(features)
        parts = [part for part in (feature, tokens) if part is not None]
        if not all(np.isfinite(part).all() for part in parts):
            scan.fail(scan.job.reason("the encoder's feature is NaN or infinite"))
        tally, cases = self._tally, scan.job.known
        tally.n_scans += 1
        tally.costs.add_all(scan.costs)
        if scan.failure is not None:
            tally.fail(cases, scan)
            self._commits.add_failures(scan, cases, scan.failure)
        else:
            new = scan.new_cases
            touched = [case for case in cases if case not in new]
            tally.n_done += len(touched)
            tally.n_extracted += len(new)
            tally.n_changed += len(scan.job.outdated.intersection(new))
            self._commits.add_touched(scan, touched)
            if feature is not None:
                key, costs = (scan.sha256, scan.stat), scan.costs.to_json()
                rows = [
                    FeatureRow(case, *key, feature, scan.quality, costs, tokens) for case in new
                ]
                tally.n_tokens += 0 if tokens is None else len(tokens) * len(new)
                self._commits.add(rows, scan.job.source)
        self._show(scan)

    def _show(self, scan: Scan) -> None:
        """Tell whoever watches, on the screen and by `mmfeat status`."""
        self._n_settled += len(scan.job.known)
        for case in scan.job.known:
            self._in_flight.pop(case, None)
        elapsed_s = time.perf_counter() - self._started
        note = f"{self._n_settled / elapsed_s:.2f}/s"
        if busy_s := self._tally.costs.seconds.get("forward"):
            note += f", device {busy_s / elapsed_s:.0%} busy"
        if scan.failure is not None:
            note += f", {scan.job.path.name} failed"
        self._watch.progress.advance(len(scan.job.known), note)
        self._tell_mark()

    def _tell_mark(self) -> None:
        rate = self._n_settled / (time.perf_counter() - self._started)
        self._mark.update(
            in_flight=list(self._in_flight),
            n_done=self._n_settled,
            n_jobs=self._n_cases,
            cases_per_s=rate or None,
            eta_s=(self._n_cases - self._n_settled) / rate if rate else None,
        )


def _bytes(batch: Batch) -> int:
    """Return the bytes of one window."""
    return batch.windows.nbytes // len(batch.windows)
