"""Bring features together that several machines made with the same recipe."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder, Failure, ScanKey
from mmfeat.cache.failures import read_failures
from mmfeat.cache.joint_failures import Outcome, joint_failures
from mmfeat.cache.row_transfer import Clash, Transfer, copy_rows, plan_transfer
from mmfeat.cache.shard import ShardIndex
from mmfeat.cache.shared_disk import while_shards_move
from mmfeat.errors import CacheError
from mmfeat.progress import Progress
from mmfeat.provenance import canonical_json
from mmfeat.stages.caches.at_work import refuse_while_at_work
from mmfeat.stages.caches.merge_targets import MergeTarget
from mmfeat.wording import first_and_more

_SHOWN_CASES = 5


@dataclass(frozen=True)
class MergedFolder:
    """Account for what one cache folder takes over, or would."""

    into: Path
    sources: tuple[Path, ...]
    n_copied: int
    """Rows that were not there before."""
    n_held: int
    """Rows that were there already, bit for bit."""
    clashes: tuple[Clash, ...]
    """Rows that were there with other bits, within the tolerance; what came first is kept."""
    n_failures: int
    """Failures in the list afterwards."""

    @property
    def largest_clash(self) -> float:
        """The largest difference among the clashes, as a share of the largest value."""
        return max((clash.relative for clash in self.clashes), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        clashes = [
            {**asdict(clash), "kept": str(clash.kept), "other": str(clash.other)}
            for clash in self.clashes
        ]
        return {
            **asdict(self),
            "into": str(self.into),
            "sources": [str(path) for path in self.sources],
            "clashes": clashes,
            "largest_clash": self.largest_clash,
        }


def merge_folders(
    target: MergeTarget,
    *,
    tolerance: float | None,
    dry_run: bool,
    progress: Progress,
) -> MergedFolder:
    """Take the rows and failures of some cache folders into another one, which keeps its own.

    Nothing is written before all rows are known to agree. Each shard appears whole, and one that
    is there is not copied again, so that the same command finishes what a killed one began. The
    features are checked while they are copied; the sources are only read.

    Args:
        target: Where from and where to.
        tolerance: How far features of the same scan may differ, as a share of the largest value;
            None: not at all. The one that is there, or comes first, is kept.
        dry_run: Write nothing.
        progress: Is told of each row that is copied.

    Raises:
        CacheError: A source is damaged, features of the same scan differ by more than the
            tolerance, an extraction is at work in the destination, or the disk refuses.
    """

    def merge() -> MergedFolder:
        transfer, failures = _plan(target)
        _refuse_clashes(target.path, transfer, tolerance)
        if not dry_run:
            folder = target.open_to_write()
            refuse_while_at_work(folder.path)
            # Failures first: a kill between the two forgets a reason, and the rows come again.
            there = read_failures(folder.path)
            folder.record_failures(failures.values(), there.keys() - failures.keys())
            _copy(folder, transfer, progress)
        return MergedFolder(
            into=target.path,
            sources=tuple(one.path for one in target.sources),
            n_copied=transfer.n_rows,
            n_held=transfer.n_held,
            clashes=transfer.clashes,
            n_failures=len(failures),
        )

    return while_shards_move(merge)


def _plan(target: MergeTarget) -> tuple[Transfer, dict[ScanKey, Failure]]:
    """Return the rows to copy, and the failures that are to be listed afterwards."""
    folder = target.open_to_read()
    held = [] if folder is None else folder.shards()
    offered = [one.shards() for one in target.sources]
    transfer = plan_transfer(held, [shard for shards in offered for shard in shards])
    outcomes = [
        _outcome(one.path, shards) for one, shards in zip(target.sources, offered, strict=True)
    ]
    if folder is not None:
        outcomes.insert(0, _outcome(folder.path, held))
    return transfer, joint_failures(outcomes)


def _outcome(path: Path, shards: Sequence[ShardIndex]) -> Outcome:
    embedded = {(key[0], key[1]) for shard in shards for key in shard.keys}
    return Outcome(read_failures(path), embedded)


def _copy(folder: CacheFolder, transfer: Transfer, progress: Progress) -> None:
    if transfer.rows:
        progress.start(f"copying to {folder.path.parent.name}/{folder.path.name}", transfer.n_rows)
    for shard, rows in transfer.rows:
        copy_rows(shard, rows, folder.path, canonical_json(folder.identity))
        progress.advance(len(rows))


def _refuse_clashes(path: Path, transfer: Transfer, tolerance: float | None) -> None:
    limit = -1.0 if tolerance is None else tolerance
    beyond = [clash for clash in transfer.clashes if clash.relative > limit]
    if not beyond:
        return
    scans = {(clash.case_id, clash.source_sha256) for clash in beyond}
    cases = sorted({case_id for case_id, _ in scans})
    worst = max(beyond, key=lambda clash: clash.relative)
    raise CacheError(
        f"{path}: features of the same scan differ, of {len(scans)} scans: "
        f"{first_and_more(cases, _SHOWN_CASES)}; the largest difference is {worst.relative:.1e} "
        f"of the largest value, between {worst.kept} and {worst.other}; where only the devices "
        "differed, --tolerance 1e-4 keeps the feature that is here, or comes first"
    )
