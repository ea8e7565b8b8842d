"""Write an HDF5 file so that a full disk is an ordinary OSError.

HDF5 does not survive a write that fails: closing the file fails again, prints to standard error,
and may end the process with a segmentation fault (seen with HDF5 2.0 under a limit on the file's
size). So it is never told: its writes go through an object that keeps the first error (a Ctrl-C is
one, too), swallows what comes after it, and raises the error when HDF5 has closed.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py


@contextmanager
def written_hdf5(path: Path) -> Iterator[Any]:
    """Give a new HDF5 file to write to; it is closed when the block ends.

    HDF5 1.10 and later can read it. Its headers carry checksums, which the format of before had
    not: there, one flipped bit could turn a header into another valid one.

    Raises:
        OSError: The disk refused a write; what the file holds then is of no use.
    """
    with io.FileIO(path, "w+") as raw:
        enduring = _EnduringFile(raw)
        with h5py.File(enduring, "w", libver=("v110", "v110")) as file:
            yield file
        if enduring.error is not None:
            raise enduring.error


class _EnduringFile:
    """Offer the methods that h5py asks of a file; writing never fails but keeps its first error."""

    def __init__(self, raw: io.FileIO) -> None:
        self.error: BaseException | None = None
        self._raw = raw
        self.readinto, self.seek, self.tell = raw.readinto, raw.seek, raw.tell
        self.flush, self.read = raw.flush, raw.read

    def write(self, content: memoryview) -> int:
        """Write all of it, unless the disk has refused something before."""
        view = memoryview(content)
        done = 0
        while self.error is None and done < len(view):
            try:
                done += self._raw.write(view[done:])
            except BaseException as error:  # noqa: BLE001 - nothing may pass through HDF5
                self.error = error
        return len(view)

    def truncate(self, size: int) -> int:
        """Set the file's size, unless the disk has refused something before."""
        if self.error is None:
            try:
                self._raw.truncate(size)
            except BaseException as error:  # noqa: BLE001 - nothing may pass through HDF5
                self.error = error
        return size
