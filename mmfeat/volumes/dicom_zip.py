"""Open a zip archive of a DICOM folder, unless reading it could hurt."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from mmfeat.errors import VolumeError, one_line

_LARGEST_RATIO = 100
_ALWAYS_ALLOWED_BYTES = 2**30
"""CT slices shrink to a third, empty ones to a thousandth: an archive may promise 100 times its
size, and a gigabyte in any case; a bomb promises far more."""
_LARGEST_BYTES = 64 * 2**30
_LARGEST_MEMBER_BYTES = 4 * 2**30
"""A member is read into memory at once; the largest multi-frame CT hold 2 GB."""
_ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """Say whether a path is to be read as an archive, by its name."""
    return path.suffix.lower() == ".zip" and path.is_file()


@contextmanager
def open_zip(path: Path) -> Iterator[tuple[ZipFile, list[ZipInfo]]]:
    """Open an archive; yield it with its files, hidden ones left out, sorted by name.

    Members are only ever read into memory, and `ZipFile` stops at the size that its directory
    promises; so names that climb out of the archive are harmless, and the promised sizes bound it.

    Raises:
        VolumeError: It is no zip archive, encrypted, or would unfold to an absurd size.
    """
    try:
        archive = ZipFile(path)
    except (BadZipFile, NotImplementedError, ValueError) as error:
        raise VolumeError(f"{path}: no readable zip archive ({one_line(error)})") from error
    with archive:
        members = archive.infolist()
        _require_safe(path, members)
        visible = [member for member in members if _is_file(member.filename)]
        yield archive, sorted(visible, key=lambda member: member.filename)


def _is_file(name: str) -> bool:
    """Say whether a member is a file, and no hidden one (``.DS_Store``, ``__MACOSX``)."""
    parts = PurePosixPath(name).parts
    is_hidden = any(part.startswith(".") and part != ".." for part in parts)
    return bool(parts) and not name.endswith("/") and not is_hidden and parts[0] != "__MACOSX"


def _require_safe(path: Path, members: list[ZipInfo]) -> None:
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise VolumeError(f"{path}: the archive is encrypted; unpack it, and give the folder")
    promised = sum(member.file_size for member in members)
    allowed = max(_ALWAYS_ALLOWED_BYTES, _LARGEST_RATIO * path.stat().st_size)
    if (
        promised > min(allowed, _LARGEST_BYTES)
        or max((member.file_size for member in members), default=0) > _LARGEST_MEMBER_BYTES
    ):
        raise VolumeError(
            f"{path}: the archive would unfold to {promised / 2**30:.1f} GiB, "
            "so it may be a bomb; unpack it, and give the folder"
        )
