"""Store finished cases every so many and every so often, and whatever happens in the end."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import numpy as np

from mmfeat.cache import CacheFolder, Failure, FeatureRow, ScanKey, StoredRow, keeps_tokens
from mmfeat.encoders.contract import WindowFeatures
from mmfeat.manifest.cohort import ScanSource
from mmfeat.stages.extraction.reading import Scan
from mmfeat.stages.extraction.stage_costs import StageCosts


@dataclass
class _Waiting:
    """Hold what has been finished and is not stored yet."""

    rows: list[FeatureRow] = field(default_factory=list)
    succeeded: set[ScanKey] = field(default_factory=set)
    """Whose features are in ``rows`` or stored already."""
    touched: list[tuple[str, Scan]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.touched) + len(self.failures)


class Commits:
    """Collect finished cases for a cache; as a context manager, store the rest at the end.

    They are stored by a thread of its own, so that the encoder need not wait for the disk; while
    it still stores one lot, the next one that is due waits for it, and whoever adds to it, too.
    """

    def __init__(self, folder: CacheFolder, *, shard_cases: int, shard_seconds: float) -> None:
        self.costs = StageCosts()
        """Time spent on storing, and the bytes of the shards."""
        self._folder = folder
        self._shard_cases = shard_cases
        self._shard_seconds = shard_seconds
        self._waiting = _Waiting()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="mmfeat-writer")
        self._writing: tuple[_Waiting, Future[None]] | None = None
        self._last = time.perf_counter()

    def add(self, rows: Iterable[FeatureRow], source: ScanSource) -> None:
        """Take finished cases of a scan.

        Raises:
            CacheError: What was taken before could not be stored; it is tried again in the end.
        """
        rows = list(rows)
        self._waiting.rows += rows
        self._waiting.succeeded |= {(row.case_id, str(source)) for row in rows}
        self._store_when_due()

    def add_touched(self, scan: Scan, cases: Iterable[str]) -> None:
        """Take cases whose file has new times but the content it had: only its stat is stored."""
        cases = list(cases)
        self._waiting.touched += [(case, scan) for case in cases]
        self._waiting.succeeded |= {(case, str(scan.job.source)) for case in cases}
        self._store_when_due()

    def add_failures(self, scan: Scan, cases: Iterable[str], reason: str) -> None:
        """Take cases that cannot be embedded."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        path = str(scan.job.source)
        self._waiting.failures += [
            Failure(case, path, reason, scan.stat, when, scan.quality) for case in cases
        ]
        self._store_when_due()

    def store(self) -> None:
        """Store everything that is waiting; when this returns, it is safe on disk.

        Raises:
            CacheError: It could not be stored.
        """
        self._begin_to_store()
        self.wait()

    def wait(self) -> None:
        """Wait until the lot that is being stored is safe on disk.

        Raises:
            CacheError: It could not be stored; it waits again.
        """
        if self._writing is None:
            return
        lot, future = self._writing
        error = future.exception()
        self._writing = None
        if error is not None:
            self._waiting.rows[:0] = lot.rows
            self._waiting.succeeded |= lot.succeeded
            self._waiting.touched[:0] = lot.touched
            self._waiting.failures[:0] = lot.failures
            raise error

    def __enter__(self) -> Self:
        """Begin to collect."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Store what is waiting, also when the work ends with an exception."""
        try:
            self.store()
        finally:
            self._writer.shutdown()

    def _store_when_due(self) -> None:
        late = time.perf_counter() - self._last >= self._shard_seconds
        if len(self._waiting) >= self._shard_cases or (len(self._waiting) and late):
            self._begin_to_store()

    def _begin_to_store(self) -> None:
        self.wait()
        lot, self._waiting = self._waiting, _Waiting()
        self._writing = (lot, self._writer.submit(self._write, lot))
        self._last = time.perf_counter()

    def _write(self, lot: _Waiting) -> None:
        with self.costs.timed("write"):
            rows = [*lot.rows, *self._touched_rows(lot)]
            if rows:
                self.costs.add("write", 0.0, self._folder.commit(rows).stat().st_size)
            self._folder.record_failures(lot.failures, lot.succeeded)

    def _touched_rows(self, lot: _Waiting) -> list[FeatureRow]:
        """Copy stored features under the new stat: the next run need not digest the files again."""
        if not lot.touched:
            return []
        wanted = [(case, scan.sha256) for case, scan in lot.touched]
        features, found = self._folder.read(wanted)
        tokens = self._tokens(wanted)
        index = self._folder.index()
        return [
            FeatureRow(
                case,
                scan.sha256,
                scan.stat,
                features[row],
                _quality_of(index[case], scan.sha256),
                tokens=tokens[row],
            )
            for row, (case, scan) in enumerate(lot.touched)
            if found[row]  # or else its shard was deleted meanwhile: the next run embeds it again
        ]

    def _tokens(self, wanted: Sequence[tuple[str, str]]) -> Sequence[WindowFeatures | None]:
        """Return the stored tokens of each row, None in a cache without tokens."""
        if not keeps_tokens(self._folder.identity):
            return [None] * len(wanted)
        read = self._folder.read_tokens(wanted)
        return np.split(read.tokens, np.cumsum(read.counts)[:-1])


def _quality_of(rows: Iterable[StoredRow], sha256: str) -> str:
    return next(row.quality for row in rows if row.source_sha256 == sha256)
