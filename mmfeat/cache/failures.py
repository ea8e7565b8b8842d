"""`failures.csv`: the scans that could not be embedded, and why."""

import csv
import fcntl
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from pathlib import Path

from mmfeat.cache.rows import Failure, ScanKey
from mmfeat.errors import CacheError
from mmfeat.provenance import written_atomically

FAILURES_NAME = "failures.csv"
_COLUMNS = [field.name for field in fields(Failure)]


def read_failures(folder: Path) -> dict[ScanKey, Failure]:
    """Read the failures of a cache folder, by case and path; none when there is no list."""
    path = folder / FAILURES_NAME
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            header, *rows = csv.reader(stream, strict=True)
        if header != _COLUMNS:
            raise ValueError(f"columns {header}, not {_COLUMNS}")
        failures = [Failure(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]
        return {failure.key: failure for failure in failures}
    except (OSError, ValueError, csv.Error) as error:
        raise CacheError(
            f"{path}: not a list of failures ({error}); delete it, and `mmfeat extract` tries the "
            "failed cases again"
        ) from error


def update_failures(
    folder: Path, failed: Iterable[Failure], succeeded: Collection[ScanKey]
) -> None:
    """Add failures, the newest reason of each scan; drop the scans that have succeeded since."""
    with _sole_writer(folder):
        before = read_failures(folder)
        after = {key: failure for key, failure in before.items() if key not in succeeded}
        after |= {failure.key: failure for failure in failed}
        if after == before:
            return
        with (
            written_atomically(folder / FAILURES_NAME, make_folder=False) as partial,
            partial.open("w", newline="", encoding="utf-8") as stream,
        ):
            writer = csv.DictWriter(stream, _COLUMNS)
            writer.writeheader()
            writer.writerows(asdict(after[key]) for key in sorted(after))


@contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    """Hold the lock of the list, which the system frees when the process ends, however it ends."""
    with (folder / ".failures.lock").open("w") as lock:
        # Some network file systems have no locks. Two jobs that write at the same instant there may
        # forget one failure, which the next run finds again; features are never at risk.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
