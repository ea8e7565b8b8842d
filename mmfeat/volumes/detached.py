"""Find the file beside a header that holds its voxels, and nothing outside the header's folder."""

from pathlib import Path, PureWindowsPath

from mmfeat.errors import VolumeError


def detached_file(path: Path, name: str) -> Path:
    """Return the file that a header names as the one with its voxels.

    It has to be in the header's own folder: a header from elsewhere might name any file of this
    machine. Links in the folder are followed, as whoever made them could have copied the file.

    Args:
        path: The header.
        name: What it says.

    Raises:
        VolumeError: The name leads elsewhere, or there is no such file.
    """
    plain = name.removeprefix("./")
    # Windows' idea of a path knows drives and both kinds of slashes.
    if plain in ("", "..") or PureWindowsPath(plain).name != plain:
        raise VolumeError(
            f"{path}: its voxels would be in {name[:100]!r}, not in its own folder; put that file "
            "beside the header, and its name alone into it"
        )
    file = path.with_name(plain)
    if not file.is_file():
        raise VolumeError(
            f"{path}: {name[:100]!r}, which holds its voxels, is not beside it; copy both"
        )
    return file


def place_of(path: Path, file: Path) -> str:
    """Return how to name a file in an error: after the path that was asked for, if it is another.

    Example:
        >>> place_of(Path("scan.mhd"), Path("scan.raw"))
        'scan.mhd: scan.raw'
    """
    return f"{path}" if file == path else f"{path}: {file.name}"
