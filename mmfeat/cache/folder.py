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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.failures import FAILURES_NAME, read_failures, update_failures
from mmfeat.cache.merging import locate, merge_shards
from mmfeat.cache.mirror import CacheRoot, Mirror, MirroredFolder, path_of
from mmfeat.cache.recipe import RECIPE_NAME, describe_differences, other_recipes, read_recipe
from mmfeat.cache.rows import Failure, FeatureRow, ScanKey, StoredRow
from mmfeat.cache.shard import ShardIndex, feature_width
from mmfeat.cache.shard_listing import read_shards
from mmfeat.cache.shard_rows import write_merged, write_rows
from mmfeat.cache.shared_disk import disk_errors, while_shards_move
from mmfeat.cache.timings import note_timings
from mmfeat.cache.token_reading import TokensRead
from mmfeat.cache.token_rows import TOKENS_FIELD, keeps_tokens
from mmfeat.cache.verifying import verify_shards
from mmfeat.cache.wanted_rows import Wanted, read_wanted, read_wanted_tokens
from mmfeat.errors import CacheError
from mmfeat.provenance import (
    canonical_json,
    fingerprint,
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

    def __init__(
        self, path: Path, identity: Mapping[str, Any], stored: MirroredFolder | None = None
    ) -> None:
        self.path = path
        self._stored = stored
        self.identity = dict(identity)
        self._recipe = canonical_json(identity)

    @classmethod
    def _at(cls, root: CacheRoot, modality: str, identity: Mapping[str, Any]) -> "CacheFolder":
        """Return the folder of a recipe, there or not; of a store's, its copy as it is now."""
        stored = None
        if isinstance(root, Mirror):
            stored = root.folder(modality, fingerprint(identity)[:12])
            stored.fetch()
        return cls(cls.location(root, modality, identity), identity, stored)

    @staticmethod
    def location(root: CacheRoot, modality: str, identity: Mapping[str, Any]) -> Path:
        """Say where the folder of a recipe, or its copy, is or would be on this machine."""
        return path_of(root) / modality / fingerprint(identity)[:12]

    @classmethod
    def exists(cls, root: CacheRoot, modality: str, identity: Mapping[str, Any]) -> bool:
        """Say whether the folder of a recipe is there."""
        path = cls._at(root, modality, identity).path
        try:
            return (path / RECIPE_NAME).exists()
        except OSError as error:
            raise CacheError(
                f"{path}: cannot be looked into ({error.strerror}); mend the permissions or the "
                "disk, or choose another `extract.cache`"
            ) from error

    @classmethod
    def open(cls, root: CacheRoot, modality: str, identity: Mapping[str, Any]) -> "CacheFolder":
        """Open the folder of a recipe to write to it; make it when it is not there.

        Raises:
            CacheError: The folder cannot be made, or holds another recipe.
            RemoteError: The store that keeps it refuses, or cannot be reached.
        """
        folder = cls._at(root, modality, identity)
        with disk_errors(folder.path):
            folder.path.mkdir(parents=True, exist_ok=True)
            remove_abandoned_partials(folder.path)
            if not cls.exists(folder.path.parents[1], modality, identity):
                write_json(folder.path / RECIPE_NAME, folder.identity)
        folder._check_recipe()
        if folder._stored is not None:
            folder._stored.send_rest()
        return folder

    @classmethod
    def find(cls, root: CacheRoot, modality: str, identity: Mapping[str, Any]) -> "CacheFolder":
        """Open the folder of a recipe to read it.

        Raises:
            CacheError: There is none; the message says which others there are, and how they differ.
        """
        folder = cls._at(root, modality, identity)
        if not cls.exists(folder.path.parents[1], modality, identity):
            there = other_recipes(folder.path.parent, identity)
            raise CacheError(
                f"{folder.path}: no features of `{modality}` for these settings{there}; "
                "run `mmfeat extract` first"
            )
        folder._check_recipe()
        return folder

    def commit(self, rows: Sequence[FeatureRow]) -> Path:
        """Store finished cases in a shard of their own; when this returns, they are safe.

        They are on disk then, and, where the folder is the copy of one in a store, in the store.

        Raises:
            CacheError: A feature is not finite (nothing is stored then), or the disk refuses.
            RemoteError: The store refuses, or cannot be reached.
            ValueError: Rows have tokens and the recipe keeps none, or the other way round.
        """
        strange = [row.case_id for row in rows if not row.is_finite]
        if strange:
            raise CacheError(f"features of {', '.join(strange)} are NaN or infinite; not stored")
        kept = keeps_tokens(self.identity)
        if any((row.tokens is not None) != kept for row in rows):
            raise ValueError(f"rows must have tokens where the recipe has `{TOKENS_FIELD}`: {kept}")
        path = self.path / f"shard-{uuid.uuid4().hex}.h5"
        with self.writing():
            write_rows(path, rows, recipe=self._recipe, with_tokens=kept)
            note_timings(self.path, rows)
        self.send(path.name)
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

    def read(self, wanted: Wanted) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read features in the order asked for.

        Args:
            wanted: Cases, each with the digest of its source, or None for the only one there is.

        Returns:
            Features ``(len(wanted), width)``, zeros where there is none, and whether each was found
            ``(len(wanted),)``. An empty folder does not know the width: it is 0 then.

        Raises:
            CacheError: As in ``index``; or a case asked for by None has several sources.
        """
        return while_shards_move(lambda: read_wanted(self.shards(), wanted))

    def width(self) -> int:
        """Return the number of values of a feature; 0 where there is none yet."""

        def of_one_shard() -> int:
            first = next(self.path.glob("shard-*.h5"), None)
            return 0 if first is None else feature_width(first)

        return while_shards_move(of_one_shard)

    def read_tokens(self, wanted: Wanted) -> TokensRead:
        """Read all tokens of scans, in the order asked for; they are in memory once.

        Args:
            wanted: As in ``read``. A row that is not there has no tokens.

        Raises:
            CacheError: As in ``read``; or the recipe keeps no tokens.
        """
        if not keeps_tokens(self.identity):
            raise CacheError(
                f"{self.path}: holds vectors and no tokens; set `features: tokens` and run "
                "`mmfeat extract`"
            )
        return while_shards_move(lambda: read_wanted_tokens(self.shards(), wanted))

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
        with ExitStack() as stack:
            stack.enter_context(self.writing())
            if self._stored is not None:
                stack.enter_context(self._stored.changing(FAILURES_NAME))
            update_failures(self.path, failed, succeeded)

    def record_run(self, account: Mapping[str, Any]) -> None:
        """Keep the account of the last run beside the features, in `last_extract.json`."""
        with self.writing():
            write_json(self.path / LAST_RUN_NAME, account, make_folder=False)
        self.send(LAST_RUN_NAME)

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

    def send(self, name: str) -> None:
        """Send a file to the store whose copy this folder is, if it is one."""
        if self._stored is not None:
            self._stored.send(name)

    def compact(self) -> Path | None:
        """Rewrite all shards as one, sorted by case; the same rows give the same bytes.

        The features of the whole folder are in memory meanwhile; of tokens, 16 MiB at a time are.

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

    def _compact(self) -> Path | None:
        shards = self.shards()
        if len(shards) <= 1:
            return shards[0].path if shards else None
        merged = merge_shards(shards)  # a shard that goes meanwhile is no error of writing
        with self.writing():
            path = write_merged(self.path, merged, recipe=self._recipe)
            self.send(path.name)
            for shard in shards:
                if shard.path != path:
                    if self._stored is not None:
                        self._stored.remove(shard.path.name)
                    shard.path.unlink(missing_ok=True)
        return path
