"""Put folders of a run in place whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmfeat.provenance import abandoned_partials, file_system_time_s, owner_mark


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a path beside ``folder``; when the block ends well, move it there.

    What was there is replaced. When the block raises, what was there stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = f"{owner_mark()}.partial"
    partial, replaced = folder.with_name(f".{folder.name}.{mark}"), folder.with_name(f".old.{mark}")
    try:
        yield partial
        if folder.exists():
            folder.replace(replaced)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


@contextmanager
def passing_folder(root: Path, name: str) -> Iterator[Path]:
    """Give a path within ``root`` for what only this block needs; nothing is there yet."""
    folder = root / f".{name}.{owner_mark()}.partial"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
