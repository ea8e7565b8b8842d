"""A cache folder: shards of one modality and one recipe, safe for many readers and writers at once.

No lock guards the shards, and none is needed: a shard appears whole under a name of its own, never
changes, and is removed only after another shard has appeared that holds all its rows (save those
that `mmfeat cache rm-stale` removes). So a reader that finds a shard gone looks again, and a crash
at any moment leaves at most the same row twice.
"""

import errno
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.failures import read_failures, update_failures
from mmfeat.cache.merging import check_rows, choose, locate, merge_shards
from mmfeat.cache.recipe import RECIPE_NAME, describe_differences, read_recipe
from mmfeat.cache.rows import Failure, FeatureRow, ScanKey, StoredRow
from mmfeat.cache.shard import (
    ShardIndex,
    checksum,
    read_features,
    row_digests,
    write_shard,
)
from mmfeat.cache.shard_listing import read_shards
from mmfeat.cache.shared_disk import disk_errors, while_shards_move
from mmfeat.cache.timings import note_timings
from mmfeat.cache.verifying import verify_shards
from mmfeat.errors import CacheError
from mmfeat.provenance import (
    canonical_json,
    fingerprint,
    library_versions,
    remove_abandoned_partials,
    write_json,
)

LAST_RUN_NAME = "last_extract.json"


class CacheFolder:
    """Keep the features of one volume modality, made by one recipe; made by ``open`` or ``find``.

    Example:
        >>> import tempfile
        >>> folder = CacheFolder.open(Path(tempfile.mkdtemp()), "ct", {"encoder": "mean"})
        >>> _ = folder.commit([FeatureRow("case-1", "ab" * 32, "10 bytes", np.ones(3, np.float32))])
        >>> folder.read([("case-1", None), ("case-2", None)])
        (array([[1., 1., 1.],
               [0., 0., 0.]], dtype=float32), array([ True, False]))
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        self.path = path
        self.identity = dict(identity)
        self._recipe = canonical_json(identity)

    @staticmethod
    def location(root: Path, modality: str, identity: Mapping[str, Any]) -> Path:
        """Say where the folder of a recipe is or would be."""
        return root / modality / fingerprint(identity)[:12]

    @classmethod
    def exists(cls, root: Path, modality: str, identity: Mapping[str, Any]) -> bool:
        """Say whether the folder of a recipe is there."""
        path = cls.location(root, modality, identity)
        try:
            return (path / RECIPE_NAME).exists()
        except OSError as error:
            raise CacheError(
                f"{path}: cannot be looked into ({error.strerror}); mend the permissions or the "
                "disk, or choose another `extract.cache`"
            ) from error

    @classmethod
    def open(cls, root: Path, modality: str, identity: Mapping[str, Any]) -> "CacheFolder":
        """Open the folder of a recipe to write to it; make it when it is not there.

        Raises:
            CacheError: The folder cannot be made, or holds another recipe.
        """
        folder = cls(cls.location(root, modality, identity), identity)
        with disk_errors(folder.path):
            folder.path.mkdir(parents=True, exist_ok=True)
            remove_abandoned_partials(folder.path)
            if not cls.exists(root, modality, identity):
                write_json(folder.path / RECIPE_NAME, folder.identity)
        folder._check_recipe()
        return folder

    @classmethod
    def find(cls, root: Path, modality: str, identity: Mapping[str, Any]) -> "CacheFolder":
        """Open the folder of a recipe to read it.

        Raises:
            CacheError: There is none; the message says which others there are, and how they differ.
        """
        folder = cls(cls.location(root, modality, identity), identity)
        if not cls.exists(root, modality, identity):
            others = [
                f"{path.parent.name} differs in {differences}"
                for path in sorted((root / modality).glob(f"*/{RECIPE_NAME}"))
                if (differences := describe_differences(read_recipe(path.parent), identity))
            ]
            there = f" (there is: {'; '.join(others)})" if others else ""
            raise CacheError(
                f"{folder.path}: no features of `{modality}` for these settings{there}; "
                "run `mmfeat extract` first"
            )
        folder._check_recipe()
        return folder

    def commit(self, rows: Sequence[FeatureRow]) -> Path:
        """Store finished cases in a shard of their own; when this returns, they are safe on disk.

        Raises:
            CacheError: A feature is not finite (nothing is stored then), or the disk refuses.
        """
        strange = [row.case_id for row in rows if not np.isfinite(row.feature).all()]
        if strange:
            raise CacheError(f"features of {', '.join(strange)} are NaN or infinite; not stored")
        distinct = {
            (row.case_id, row.source_sha256, row.source_stat, row.quality): row for row in rows
        }
        keys = sorted(distinct)
        features = np.stack([distinct[key].feature for key in keys]).astype(np.float32, copy=False)
        path = self.path / f"shard-{uuid.uuid4().hex}.h5"
        with self.writing():
            write_shard(path, keys, features, recipe=self._recipe, versions=[_versions()])
            note_timings(self.path, rows)
        return path

    def shards(self) -> list[ShardIndex]:
        """Return what each shard says of itself, without its features.

        Raises:
            CacheError: A shard is torn or foreign.
        """
        return read_shards(self.path, self._recipe)

    def index(self) -> dict[str, list[StoredRow]]:
        """Say for each finished case where its features lie; several when its source has changed.

        Raises:
            CacheError: A shard is torn, foreign, or contradicts another.
        """
        shards = self.shards()
        locate(shards)
        index: dict[str, list[StoredRow]] = {}
        for shard in shards:
            for position, key in enumerate(shard.keys):
                index.setdefault(key[0], []).append(StoredRow(*key, shard.path.name, position))
        return index

    def read(
        self, wanted: Sequence[tuple[str, str | None]]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read features in the order asked for.

        Args:
            wanted: Cases, each with the digest of its source, or None for the only one there is.

        Returns:
            Features ``(len(wanted), width)``, zeros where there is none, and whether each was found
            ``(len(wanted),)``. An empty folder does not know the width: it is 0 then.

        Raises:
            CacheError: As in ``index``; or a case asked for by None has several sources.
        """
        return while_shards_move(lambda: self._read(wanted))

    def failures(self) -> dict[ScanKey, str]:
        """Return the reason for each scan that could not be embedded, by case and path."""
        return {key: failure.reason for key, failure in self.failed_scans().items()}

    def failed_scans(self) -> dict[ScanKey, Failure]:
        """Return all that is known of the scans that could not be embedded, by case and path."""
        return read_failures(self.path)

    def record_failures(
        self, failed: Iterable[Failure], succeeded: Collection[ScanKey] = ()
    ) -> None:
        """Add to `failures.csv`, and take out the scans that have succeeded since."""
        with self.writing():
            update_failures(self.path, failed, succeeded)

    def record_run(self, account: Mapping[str, Any]) -> None:
        """Keep the account of the last run beside the features, in `last_extract.json`."""
        with self.writing():
            write_json(self.path / LAST_RUN_NAME, account, make_folder=False)

    def last_run(self) -> dict[str, Any] | None:
        """Return the account of the last run; None when there is none that can be read."""
        try:
            account = json.loads((self.path / LAST_RUN_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return account if isinstance(account, dict) else None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn errors of the disk into a CacheError, and refuse to write where the folder has gone.

        Where a disk is not mounted any more, a new folder would fill the one under it. For whoever
        puts a file of their own beside the features.

        Raises:
            CacheError: The folder has gone, or the disk refuses what the block writes.
        """
        with disk_errors(self.path):
            if not (self.path / RECIPE_NAME).exists():
                raise FileNotFoundError(errno.ENOENT, "the folder has gone")
            yield

    def compact(self) -> Path | None:
        """Rewrite all shards as one, sorted by case; the same rows give the same bytes.

        The features of the whole folder are in memory meanwhile.

        Returns:
            The one shard; None when the folder has none.

        Raises:
            CacheError: As in ``index``; or a feature is not what its digest says.
        """
        return while_shards_move(self._compact)

    def verify(self) -> list[str]:
        """Read everything and compare it with its digests; return what is wrong, in words."""
        return verify_shards(self.path, self._recipe, lambda _: None)[1]

    def _check_recipe(self) -> None:
        found = read_recipe(self.path)
        if canonical_json(found) != self._recipe:
            differences = describe_differences(found, self.identity)
            raise CacheError(
                f"{self.path / RECIPE_NAME}: belongs to another recipe: {differences}; "
                "choose another `extract.cache`, or delete this folder"
            )

    def _read(
        self, wanted: Sequence[tuple[str, str | None]]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        shards = self.shards()
        places = locate(shards)
        features = np.zeros((len(wanted), shards[0].width if shards else 0), np.float32)
        found = np.zeros(len(wanted), bool)
        rows: dict[int, list[tuple[int, int]]] = {}
        for row, (case_id, source) in enumerate(wanted):
            place = choose(places, case_id, source)
            if place is not None:
                found[row] = True
                rows.setdefault(place[0], []).append((place[1], row))
        for number, pairs in rows.items():
            positions, out_rows = np.array(pairs, np.int64).T
            read_features(shards[number].path, positions, features, out_rows)
            check_rows(shards[number], pairs, features)
        return features, found

    def _compact(self) -> Path | None:
        shards = self.shards()
        if len(shards) <= 1:
            return shards[0].path if shards else None
        keys, features, versions = merge_shards(shards)
        # Named after its content: two processes that compact the same rows make the same file.
        path = self.path / f"shard-{checksum(keys, row_digests(features))[:32]}.h5"
        with self.writing():
            write_shard(path, keys, features, recipe=self._recipe, versions=versions)
            for shard in shards:
                if shard.path != path:
                    shard.path.unlink(missing_ok=True)
        return path


@cache
def _versions() -> dict[str, str]:
    return library_versions()
