"""List the files that a volume consists of, where more than the one that is given belong to it."""

from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.metaimage import metaimage_voxel_file
from mmfeat.volumes.metaimage_header import read_metaimage_header
from mmfeat.volumes.nifti_pair import is_nifti_pair, pair_files
from mmfeat.volumes.nrrd import nrrd_voxel_file
from mmfeat.volumes.nrrd_header import read_nrrd_header

_NRRD = (".nrrd", ".nhdr")
_METAIMAGE = (".mha", ".mhd")


def files_of(path: Path) -> list[Path]:
    """List a file and its companion: the other half of a pair, or the voxels of a bare header.

    A file whose companion cannot be found is alone; reading it says what is wrong.
    """
    try:
        return sorted({path, *_files(path)})
    except (VolumeError, OSError):
        return [path]


def _files(path: Path) -> tuple[Path, ...]:
    if is_nifti_pair(path):
        return pair_files(path)
    if path.suffix.lower() in _NRRD:
        fields, _ = read_nrrd_header(path)
        return (nrrd_voxel_file(path, fields),)
    if path.suffix.lower() in _METAIMAGE:
        return (metaimage_voxel_file(read_metaimage_header(path)),)
    return ()
