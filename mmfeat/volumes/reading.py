"""Read the CT volume at a path, whatever its format."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.extremes import finite_extremes
from mmfeat.volumes.hounsfield import require_hounsfield, value_notes
from mmfeat.volumes.metaimage import read_metaimage
from mmfeat.volumes.nrrd import read_nrrd
from mmfeat.volumes.rescaling import rescaled_by_setting
from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import Volume

DEFAULT_RULES = ReadingRules()
_READERS: dict[str, Callable[[Path], Volume]] = {
    ".nrrd": read_nrrd,
    ".nhdr": read_nrrd,
    ".mha": read_metaimage,
    ".mhd": read_metaimage,
}
"""By the end of a file's name, in any case."""
_NIFTI = (".nii", ".hdr", ".img")
"""NIfTI also has ``.gz`` after it."""


def read_volume(path: Path, rules: ReadingRules = DEFAULT_RULES, *, threads: int = 1) -> Volume:
    """Read a CT volume in Hounsfield units; safe to call from several threads at once.

    Args:
        path: A NIfTI file (``.nii``, ``.nii.gz``, or either of ``.hdr`` and ``.img``), a NRRD file
            (``.nrrd``, ``.nhdr``), a MetaImage (``.mha``, ``.mhd``), or DICOM CT: a folder, a
            ``.zip`` file of one, or a multi-frame file.
        rules: What to do where the files leave a choice.
        threads: How many DICOM slices to decode at once.

    Raises:
        VolumeError: What is there is no usable CT volume; one line that starts with the path.
    """
    try:
        volume = _read(path, rules, threads=threads)
    except OSError as error:
        raise VolumeError(f"{path}: cannot be read: {error.strerror or error}") from error
    volume = rescaled_by_setting(volume, rules)
    extremes = finite_extremes(path, volume)
    if rules.check_hu:
        require_hounsfield(path, volume, extremes)
    return replace(volume, notes=(*volume.notes, *value_notes(extremes)))


def _read(path: Path, rules: ReadingRules, *, threads: int) -> Volume:
    # The libraries of both formats take half a second to load, and predictions of embeddings
    # need neither.
    if path.is_file() and _ending(path) in _NIFTI:
        from mmfeat.volumes.nifti import read_nifti

        return read_nifti(path)
    if path.is_file() and (reader := _READERS.get(_ending(path))):
        return reader(path)
    if not path.exists():
        raise VolumeError(f"{path}: no such file or folder")
    from mmfeat.volumes.dicom import read_dicom

    return read_dicom(path, rules, threads=threads)


def _ending(path: Path) -> str:
    """Return the end of a file's name by which its format is known."""
    unpacked = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return unpacked.suffix.lower()
