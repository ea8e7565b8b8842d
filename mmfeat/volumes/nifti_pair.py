"""Find both files of a NIfTI pair, whichever of them is given."""

from pathlib import Path

from mmfeat.errors import VolumeError

_HEADERS = (".hdr", ".hdr.gz")
_IMAGES = (".img", ".img.gz")


def is_nifti_pair(path: Path) -> bool:
    """Say whether a path is, by its name, one of a pair of header and image."""
    return path.name.lower().endswith((*_HEADERS, *_IMAGES))


def pair_files(path: Path) -> tuple[Path, Path]:
    """Return the header and the image of a pair: files of one name in one folder.

    Raises:
        VolumeError: One of them is missing.
    """
    is_header = path.name.lower().endswith(_HEADERS)
    own, others = (_HEADERS, _IMAGES) if is_header else (_IMAGES, _HEADERS)
    ending = next(ending for ending in reversed(own) if path.name.lower().endswith(ending))
    stem = path.name[: -len(ending)]
    names = [stem + other for lower in others for other in (lower, lower.upper())]
    partner = next((file for name in names if (file := path.with_name(name)).is_file()), None)
    if partner is None:
        raise VolumeError(
            f"{path}: half of a pair, and {stem}{others[0]} is not beside it; copy both"
        )
    return (path, partner) if is_header else (partner, path)
