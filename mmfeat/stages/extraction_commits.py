"""Store finished cases every so many and every so often, and whatever happens in the end."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from mmfeat.cache import CacheFolder, Failure, FeatureRow, StoredRow
from mmfeat.stages.extraction_reading import Scan


class Commits:
    """Collect finished cases for a cache; as a context manager, store the rest at the end."""

    def __init__(self, folder: CacheFolder, *, shard_cases: int, shard_seconds: float) -> None:
        self.elapsed_s = 0.0
        """Time spent on storing."""
        self._folder = folder
        self._shard_cases = shard_cases
        self._shard_seconds = shard_seconds
        self._rows: list[FeatureRow] = []
        self._touched: list[tuple[str, Scan]] = []
        self._failures: list[Failure] = []
        self._last = time.perf_counter()

    def add(self, rows: Iterable[FeatureRow]) -> None:
        """Take finished cases."""
        self._rows += rows
        self._store_when_due()

    def add_touched(self, scan: Scan, cases: Iterable[str]) -> None:
        """Take cases whose file has new times but the content it had: only its stat is stored."""
        self._touched += [(case, scan) for case in cases]
        self._store_when_due()

    def add_failures(self, scan: Scan, cases: Iterable[str], reason: str) -> None:
        """Take cases that cannot be embedded."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        path = str(scan.job.path)
        self._failures += [
            Failure(case, path, reason, scan.stat, when, scan.quality) for case in cases
        ]
        self._store_when_due()

    def store(self) -> None:
        """Store everything that is waiting."""
        start = time.perf_counter()
        rows = [*self._rows, *self._touched_rows()]
        if rows:
            self._folder.commit(rows)
        self._folder.record_failures(self._failures, {row.case_id for row in rows})
        self._rows, self._touched, self._failures = [], [], []
        self._last = time.perf_counter()
        self.elapsed_s += self._last - start

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
        self.store()

    def _touched_rows(self) -> list[FeatureRow]:
        """Copy stored features under the new stat: the next run need not digest the files again."""
        if not self._touched:
            return []
        features, found = self._folder.read({case: scan.sha256 for case, scan in self._touched})
        index = self._folder.index()
        return [
            FeatureRow(case, scan.sha256, scan.stat, feature, _quality_of(index[case], scan.sha256))
            for (case, scan), feature, is_there in zip(self._touched, features, found, strict=True)
            if is_there  # or else its shard was deleted meanwhile, and the next run embeds it again
        ]

    def _store_when_due(self) -> None:
        waiting = len(self._rows) + len(self._touched) + len(self._failures)
        late = time.perf_counter() - self._last >= self._shard_seconds
        if waiting >= self._shard_cases or (waiting and late):
            self.store()


def _quality_of(rows: Iterable[StoredRow], sha256: str) -> str:
    return next(row.quality for row in rows if row.source_sha256 == sha256)
