"""Put folders of a run in place whole."""

import errno
import glob
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mmfeat.provenance import abandoned_partials, file_system_time_s, owner_mark


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a path beside ``folder``; when the block ends well, move it there.

    What was there is replaced. When the block raises, what was there stays. Several processes may
    put the same folder in place: the last one's stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = f"{owner_mark()}.partial"
    partial = folder.with_name(f".{folder.name}.{mark}")
    replaced = folder.with_name(f".{folder.name}.old.{mark}")
    try:
        yield partial
        while not _put(partial, folder):
            with suppress(FileNotFoundError):  # another process has moved it meanwhile
                folder.replace(replaced)
            shutil.rmtree(replaced, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def _put(partial: Path, folder: Path) -> bool:
    """Move a folder to its place, and say whether it was free."""
    try:
        partial.replace(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


@contextmanager
def passing_folder(root: Path, name: str) -> Iterator[Path]:
    """Give a path within ``root`` for what only this block needs; nothing is there yet."""
    folder = root / f".{name}.{owner_mark()}.partial"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_copies(folder: Path) -> None:
    """Remove what processes that were killed left beside a folder that they were to make.

    Raises:
        OSError: Nothing can be written beside it.
    """
    if not any(folder.parent.glob(f".{glob.escape(folder.name)}.*.partial")):
        return
    for path in abandoned_partials(folder.parent, file_system_time_s(folder.parent)):
        if path.is_dir() and path.name.startswith(f".{folder.name}."):
            shutil.rmtree(path, ignore_errors=True)


def remove_abandoned_folders(root: Path) -> None:
    """Remove what processes that were killed left unfinished, anywhere below a folder.

    Raises:
        OSError: Nothing can be written to the folder.
    """
    found = [path for path in root.rglob(".*.partial") if path.is_dir()]
    if not found:
        return
    now_s = file_system_time_s(root)
    for parent in {path.parent for path in found}:
        for path in abandoned_partials(parent, now_s):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
