"""Read arrays from an NPZ file that someone else may have written, without unpickling anything."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import one_line


def read_npz(file: Path, names: Sequence[str]) -> list[NDArray[Any]]:
    """Read the named arrays, in the order of the names.

    Raises:
        ValueError: The file is not there, torn or not NPZ; an array lacks or holds objects.
    """
    try:
        # Opened here, because numpy leaves a torn file open.
        with file.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise ValueError("a single array, not an archive of named ones")
            if lacking := [name for name in names if name not in archive]:
                raise ValueError(f"no array `{lacking[0]}`, only {archive.files}")
            return [archive[name] for name in names]
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(one_line(error)) from error
