"""Read the CT volume at a path, whatever its format."""

from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom import read_dicom_series, why_no_volume
from mmfeat.volumes.hounsfield import finite_extremes, require_hounsfield
from mmfeat.volumes.nifti import read_nifti
from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import Volume

DEFAULT_RULES = ReadingRules()


def read_volume(path: Path, rules: ReadingRules = DEFAULT_RULES) -> Volume:
    """Read a CT volume in Hounsfield units; safe to call from several threads at once.

    Args:
        path: A NIfTI file (``.nii``, ``.nii.gz``), or a folder with one DICOM CT series.
        rules: What to do where the files leave a choice.

    Raises:
        VolumeError: What is there is no usable CT volume; one line that starts with the path.
    """
    try:
        volume = _read(path)
    except OSError as error:
        raise VolumeError(f"{path}: cannot be read: {error.strerror or error}") from error
    extremes = finite_extremes(path, volume)
    if rules.check_hu:
        require_hounsfield(path, volume, extremes)
    return volume


def _read(path: Path) -> Volume:
    if path.is_dir():
        return read_dicom_series(path)
    if not path.exists():
        raise VolumeError(f"{path}: no such file or folder")
    if path.name.lower().endswith((".nii", ".nii.gz")):
        return read_nifti(path)
    raise VolumeError(f"{path}: {why_no_volume(path)}")
