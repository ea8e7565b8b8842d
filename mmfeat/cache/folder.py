"""A cache folder: shards of one modality and one recipe, safe for many readers and writers at once.

No lock guards the shards, and none is needed: a shard appears whole under a name of its own, never
changes, and is removed only after a larger shard that holds all its rows has appeared. So a reader
that finds a shard gone looks again, and a crash at any moment leaves at most the same row twice.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.failures import read_failures, update_failures
from mmfeat.cache.merging import choose, locate, merge_shards, read_checked
from mmfeat.cache.recipe import RECIPE_NAME, describe_differences, read_recipe
from mmfeat.cache.rows import Failure, FeatureRow, StoredRow
from mmfeat.cache.shard import (
    ShardIndex,
    checksum,
    read_features,
    read_index,
    row_digests,
    write_shard,
)
from mmfeat.cache.shared_disk import disk_errors, while_shards_move
from mmfeat.errors import CacheError
from mmfeat.provenance import (
    canonical_json,
    fingerprint,
    library_versions,
    remove_abandoned_partials,
    write_json,
)


class CacheFolder:
    """Keep the features of one volume modality, made by one recipe; made by ``open`` or ``find``.

    Example:
        >>> import tempfile
        >>> folder = CacheFolder.open(Path(tempfile.mkdtemp()), "ct", {"encoder": "mean"})
        >>> _ = folder.commit([FeatureRow("case-1", "ab" * 32, "10 bytes", np.ones(3, np.float32))])
        >>> folder.read({"case-1": None, "case-2": None})
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
        return (cls.location(root, modality, identity) / RECIPE_NAME).exists()

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
        write_shard(path, keys, features, recipe=self._recipe, versions=[_versions()])
        self._note_timings(rows)
        return path

    def index(self) -> dict[str, list[StoredRow]]:
        """Say for each finished case where its features lie; several when its source has changed.

        Raises:
            CacheError: A shard is torn, foreign, or contradicts another.
        """
        shards = self._shards()
        locate(shards)
        index: dict[str, list[StoredRow]] = {}
        for shard in shards:
            for position, key in enumerate(shard.keys):
                index.setdefault(key[0], []).append(StoredRow(*key, shard.path.name, position))
        return index

    def read(
        self, wanted: Mapping[str, str | None]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read features in the order asked for.

        Args:
            wanted: For each case the digest of its source, or None for the only one there is.

        Returns:
            Features ``(len(wanted), width)``, zeros where there is none, and whether each was found
            ``(len(wanted),)``. An empty folder does not know the width: it is 0 then.

        Raises:
            CacheError: As in ``index``; or a case asked for by None has several sources.
        """
        return while_shards_move(lambda: self._read(wanted))

    def failures(self) -> dict[str, str]:
        """Return the reason for each case that could not be embedded."""
        return {case: failure.reason for case, failure in self.failed_cases().items()}

    def failed_cases(self) -> dict[str, Failure]:
        """Return all that is known of each case that could not be embedded."""
        return read_failures(self.path)

    def record_failures(self, failed: Iterable[Failure], succeeded: Collection[str] = ()) -> None:
        """Add to `failures.csv`, and take out the cases that have succeeded since."""
        with disk_errors(self.path):
            update_failures(self.path, failed, succeeded)

    def record_run(self, account: Mapping[str, Any]) -> None:
        """Keep the account of the last run beside the features, in `last_extract.json`."""
        with disk_errors(self.path):
            write_json(self.path / "last_extract.json", account)

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
        problems = []
        sound: list[ShardIndex] = []
        for path in self._shard_paths():
            try:
                shard = read_index(path, self._recipe)
                read_checked(shard)
            except FileNotFoundError:
                continue  # compacted away meanwhile
            except CacheError as error:
                problems.append(str(error))
            else:
                sound.append(shard)
        try:
            locate(sound)
        except CacheError as error:
            problems.append(str(error))
        return problems

    def _check_recipe(self) -> None:
        found = read_recipe(self.path)
        if canonical_json(found) != self._recipe:
            differences = describe_differences(found, self.identity)
            raise CacheError(
                f"{self.path / RECIPE_NAME}: belongs to another recipe: {differences}; "
                "choose another `extract.cache`, or delete this folder"
            )

    def _shard_paths(self) -> list[Path]:
        return sorted(self.path.glob("shard-*.h5"))

    def _shards(self) -> list[ShardIndex]:
        """Read shards until a listing shows none that is new.

        One listing is not enough: while it runs, a compaction may remove shards that it has not
        come to yet, and put their rows into one that it has passed. Shards that go meanwhile stay
        in the answer; whoever then reads their features finds them gone and looks again.
        """
        shards: list[ShardIndex] = []
        seen: set[Path] = set()
        while new := [path for path in self._shard_paths() if path not in seen]:
            seen.update(new)
            for path in new:
                with suppress(FileNotFoundError):
                    shards.append(read_index(path, self._recipe))
        return shards

    def _read(
        self, wanted: Mapping[str, str | None]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        shards = self._shards()
        places = locate(shards)
        features = np.zeros((len(wanted), shards[0].width if shards else 0), np.float32)
        found = np.zeros(len(wanted), bool)
        rows: dict[int, list[tuple[int, int]]] = {}
        for row, (case_id, source) in enumerate(wanted.items()):
            place = choose(places, case_id, source)
            if place is not None:
                found[row] = True
                rows.setdefault(place[0], []).append((place[1], row))
        for number, pairs in rows.items():
            positions, out_rows = np.array(pairs, np.int64).T
            read_features(shards[number].path, positions, features, out_rows)
        return features, found

    def _compact(self) -> Path | None:
        shards = self._shards()
        if len(shards) <= 1:
            return shards[0].path if shards else None
        keys, features, versions = merge_shards(shards)
        # Named after its content: two processes that compact the same rows make the same file.
        path = self.path / f"shard-{checksum(keys, row_digests(features))[:32]}.h5"
        write_shard(path, keys, features, recipe=self._recipe, versions=versions)
        with disk_errors(self.path):
            for shard in shards:
                if shard.path != path:
                    shard.path.unlink(missing_ok=True)
        return path

    def _note_timings(self, rows: Sequence[FeatureRow]) -> None:
        lines = [
            json.dumps({"case_id": row.case_id, **row.seconds}) + "\n"
            for row in rows
            if row.seconds
        ]
        # One write to the end of the file: lines of several processes do not mix.
        with (
            disk_errors(self.path),
            (self.path / "timings.jsonl").open("ab", buffering=0) as stream,
        ):
            stream.write("".join(lines).encode())


@cache
def _versions() -> dict[str, str]:
    return library_versions()
