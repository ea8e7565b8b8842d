"""The folder of weights on this machine: one folder for each encoder, with one record in it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mmfeat.errors import EncoderError, one_line
from mmfeat.provenance import write_json
from mmfeat.weights_store.record import WeightsRecord, read_record, write_record

PARTIAL = ".partial"
"""Ending of files that are not whole yet."""
_VARIABLE = "MMFEAT_WEIGHTS"
_RECORD = "weights.json"


def store_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that `MMFEAT_WEIGHTS` names, or else the one in the user's cache."""
    named = environment.get(_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    return cache_home(environment) / "mmfeat" / "weights"


def cache_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder where this user's programs keep what they can fetch again."""
    named = environment.get("XDG_CACHE_HOME")
    return Path(named).expanduser().absolute() if named else Path.home() / ".cache"


class WeightsStore:
    """Keep one file with weights for each encoder; a record names it, and is written last.

    A file is kept under the beginning of its digest, so that another one of the same name never
    replaces it while somebody reads it: the record is what changes hands.

    Args:
        root: Its folder; it is made when something is put into it.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = store_folder() if root is None else root

    def record(self, encoder: str) -> WeightsRecord | None:
        """Return what is remembered of an encoder's weights, whether or not they are still there.

        Raises:
            EncoderError: The record is damaged.
        """
        return read_record(self.root / encoder / _RECORD)

    def place_for(self, encoder: str, file_name: str, sha256: str) -> Path:
        """Return where a file is to be kept."""
        return self.root / encoder / sha256[:12] / file_name

    def partial_for(self, encoder: str, file_name: str) -> Path:
        """Return where a file is to grow until it is whole."""
        return self.root / encoder / f"{file_name}{PARTIAL}"

    def remember(self, record: WeightsRecord) -> None:
        """Make a file the weights of its encoder; the one before it is removed if it is kept here.

        Raises:
            EncoderError: The folder cannot be written to.
        """
        before = self.record(record.encoder)
        with writing_to(self.root):
            write_record(record, self.root / record.encoder / _RECORD)
            if before is not None and before.file != record.file:
                self._remove(before)

    def forget(self, encoder: str) -> WeightsRecord | None:
        """Remove an encoder's record, and its file if it is kept here; return what was forgotten.

        Raises:
            EncoderError: The folder cannot be written to.
        """
        record = self.record(encoder)
        if record is not None:
            with writing_to(self.root):
                (self.root / encoder / _RECORD).unlink(missing_ok=True)
                self._remove(record)
        return record

    def keeps(self, record: WeightsRecord) -> bool:
        """Say whether a record's file is in this folder, and not only remembered."""
        return record.file.is_relative_to(self.root)

    def encoders(self) -> list[str]:
        """List the encoders that have a record, built-in or not."""
        return sorted(path.parent.name for path in self.root.glob(f"*/{_RECORD}"))

    def unfinished(self) -> list[Path]:
        """List files that are not whole yet; some may be growing."""
        return sorted(self.root.glob(f"*/*{PARTIAL}"))

    def _remove(self, record: WeightsRecord) -> None:
        if self.keeps(record):
            record.file.unlink(missing_ok=True)
            if not any(record.file.parent.iterdir()):
                record.file.parent.rmdir()


def write_beside(record: WeightsRecord) -> Path:
    """Write a record beside its file, where no store keeps it; return its path."""
    path = record.file.with_name(f"{record.file.name}.json")
    write_json(path, record.to_json(path.parent))
    return path


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn an OSError of writing to a folder into an EncoderError that says what to do."""
    try:
        yield
    except OSError as error:
        raise EncoderError(
            f"{folder}: cannot be written to ({one_line(error)}); make room or mend the "
            f"permissions there, or let {_VARIABLE} (for files of the hub: HF_HOME) name another "
            "folder; what came so far is kept"
        ) from error
