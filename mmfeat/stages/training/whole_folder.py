"""Put folders of a run in place whole."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a path beside ``folder``; when the block ends well, move it there.

    What was there is replaced. When the block raises, what was there stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = f"{os.getpid()}-{uuid.uuid4().hex[:8]}.partial"
    partial, replaced = folder.with_name(f".{folder.name}.{mark}"), folder.with_name(f".old.{mark}")
    try:
        yield partial
        if folder.exists():
            folder.replace(replaced)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
