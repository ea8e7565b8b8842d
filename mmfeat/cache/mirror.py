"""A cache in an object store, and the copy of it on this machine that everything works with.

The store is what counts: a feature is safe once its shard is there. As on disk, no lock is needed,
since shards have names of their own and never change; an object appears whole or not at all.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmfeat.cache.failures import FAILURES_NAME
from mmfeat.cache.recipe import RECIPE_NAME
from mmfeat.cache.shared_disk import disk_errors
from mmfeat.errors import RemoteError
from mmfeat.provenance import write_json, written_atomically
from mmfeat.remote import RemoteFile, get_files, put_file, remove_file, stored_files
from mmfeat.remote_path import RemotePath

STORED_NAME = ".stored.json"
"""Beside the features of a copy: what of it is known to be, or to have been, in the store."""
_CHANGING = (RECIPE_NAME, FAILURES_NAME, "quality.parquet", "last_extract.json")


@dataclass(frozen=True)
class Mirror:
    """All caches at one URL, and the folder of this machine that holds a copy of them."""

    path: Path
    url: RemotePath

    def folder(self, modality: str, name: str) -> "MirroredFolder":
        """Return one cache folder and its place in the store."""
        return MirroredFolder(self.path / modality / name, self.url.child(f"{modality}/{name}"))


CacheRoot = Path | Mirror
"""Where caches are."""


def path_of(root: CacheRoot) -> Path:
    """Return where caches are on this machine."""
    return root if isinstance(root, Path) else root.path


@dataclass(frozen=True)
class MirroredFolder:
    """The copy of one cache folder."""

    path: Path
    url: RemotePath

    def fetch(self) -> None:
        """Make the copy what the store has.

        Shards that have gone from the store, since they were compacted elsewhere, go from the copy;
        those that were never sent stay, to be sent by ``send_rest``.

        Raises:
            CacheError: The disk refuses.
            RemoteError: The store refuses, or cannot be reached.
        """
        known = self._known()  # before the listing: what is sent meanwhile has not gone
        there = stored_files(self.url)
        if not there and not self.path.is_dir():
            return
        with disk_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_over(
                file
                for name, file in there.items()
                if (_is_shard(name) and not (self.path / name).exists())
                or (name in _CHANGING and self._is_older(name, file, known))
            )
            for shard in self.path.glob("shard-*.h5"):
                if shard.name not in there and shard.name in known:
                    shard.unlink(missing_ok=True)
            self._note(self._known() | {name: file.version for name, file in there.items()})

    def send_rest(self) -> None:
        """Send what of the copy never reached the store, as after a crash.

        Raises:
            RemoteError: The store refuses, or cannot be reached.
        """
        known = self._known()
        for shard in sorted(self.path.glob("shard-*.h5")):
            if shard.name not in known:
                self.send(shard.name)
        if RECIPE_NAME not in known:
            self.send(RECIPE_NAME)

    def send(self, name: str) -> None:
        """Send a file of the copy; when this returns, it is safe in the store.

        Raises:
            RemoteError: The store refuses, or cannot be reached.
        """
        path = self.path / name
        try:
            stored = put_file(path, self.url.child(name))
        except RemoteError:
            if _is_shard(name) and not path.exists():
                return  # another process made one file of all, and sent that before it took this
            raise
        self._note({**self._known(), name: stored.version})

    @contextmanager
    def changing(self, name: str) -> Iterator[None]:
        """Change a file that others change as well: take over theirs before, send it after.

        Raises:
            RemoteError: The store refuses, or cannot be reached.
        """
        file = stored_files(self.url).get(name)
        if file is not None and self._is_older(name, file, self._known()):
            self._take_over([file])
        before = self._content(name)
        yield
        if self._content(name) != before:
            self.send(name)

    def remove(self, name: str) -> None:
        """Take a file out of the store.

        Raises:
            RemoteError: The store refuses, or cannot be reached.
        """
        remove_file(self.url.child(name))

    def _is_older(self, name: str, file: RemoteFile, known: dict[str, str]) -> bool:
        return known.get(name) != file.version or not (self.path / name).exists()

    def _take_over(self, files: Iterator[RemoteFile] | list[RemoteFile]) -> None:
        with ExitStack() as stack:
            get_files(
                [
                    (file, stack.enter_context(written_atomically(self.path / file.inside)))
                    for file in files
                ]
            )

    def _content(self, name: str) -> bytes | None:
        path = self.path / name
        return path.read_bytes() if path.exists() else None

    def _known(self) -> dict[str, str]:
        """Return what is noted; nothing where there is no note that can be read.

        Then everything is sent once more, under the names that it has.
        """
        try:
            noted = json.loads((self.path / STORED_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def _note(self, versions: dict[str, str]) -> None:
        with disk_errors(self.path):
            write_json(self.path / STORED_NAME, versions, make_folder=False)


def _is_shard(name: str) -> bool:
    return name.startswith("shard-") and name.endswith(".h5")
