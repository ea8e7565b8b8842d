"""Where the bytes of DICOM objects come from: files of a folder, or members of a zip archive."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import ZipFile, ZipInfo

from mmfeat.errors import VolumeError, one_line
from mmfeat.volumes.dicom_zip import is_zip, open_zip
from mmfeat.volumes.source import files_below


@dataclass(frozen=True)
class DicomFile:
    """Name a file that may hold a DICOM object, and open it as often as needed."""

    name: str
    """Path below the folder or in the archive, for messages."""
    place: str
    """How to name the file in an error."""
    size_bytes: int
    open_forward: Callable[[], BinaryIO]
    """Open it to be read once from its beginning; going back may be slow."""

    def open(self) -> BinaryIO:
        """Open it to be read in any order."""
        stream = self.open_forward()
        if isinstance(stream, io.FileIO | io.BufferedReader | io.BytesIO):
            return stream
        with stream:
            return io.BytesIO(stream.read())


@contextmanager
def dicom_files(path: Path) -> Iterator[list[DicomFile]]:
    """Open a source, and list its files in the order of their names: itself, or those in it.

    Nothing of an archive is ever written to disk. It has to stay open until the pixels are read.

    Raises:
        VolumeError: A file cannot be found, or the archive cannot be read safely.
    """
    if not is_zip(path):
        yield [_on_disk(path, file) for file in files_below(path)]
        return
    with open_zip(path) as (archive, members):
        yield [_zipped(path, archive, member) for member in members]


def printable(name: str) -> str:
    r"""Return a file's name without what would break a line, or cannot be shown.

    Example:
        >>> printable("two\nlines.dcm")
        'two?lines.dcm'
    """
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _on_disk(path: Path, file: Path) -> DicomFile:
    name = printable(file.relative_to(path).as_posix() if file != path else file.name)
    place = f"{path}: {name}" if file != path else f"{path}"
    try:
        size_bytes = file.stat().st_size
    except OSError as error:
        raise VolumeError(f"{place}: cannot be read: {one_line(error)}") from error
    return DicomFile(name, place, size_bytes, open_forward=lambda: file.open("rb"))


def _zipped(path: Path, archive: ZipFile, member: ZipInfo) -> DicomFile:
    name = printable(member.filename)
    return DicomFile(
        name, f"{path}: {name}", member.file_size, lambda: cast("BinaryIO", archive.open(member))
    )
