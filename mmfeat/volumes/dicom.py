"""Read the CT volume in a DICOM folder, in a zip archive of one, or in a multi-frame file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_affine import affine_of
from mmfeat.volumes.dicom_choice import choose_stack
from mmfeat.volumes.dicom_contents import read_contents
from mmfeat.volumes.dicom_duplicates import drop_duplicates
from mmfeat.volumes.dicom_file import DicomFile, dicom_files
from mmfeat.volumes.dicom_gaps import fill_gaps, find_gaps
from mmfeat.volumes.dicom_header import read_header
from mmfeat.volumes.dicom_kind import is_multi_frame, left_out_as
from mmfeat.volumes.dicom_phases import split_phases
from mmfeat.volumes.dicom_pixels import decode_hu
from mmfeat.volumes.dicom_slice import CtSlice, kept_fields
from mmfeat.volumes.dicom_stack import Stack, split_by_grid
from mmfeat.volumes.dicom_tilt import find_tilt, straighten
from mmfeat.volumes.dicom_values import DicomHeader
from mmfeat.volumes.dicom_warnings import silence_pydicom
from mmfeat.volumes.dicom_zip import is_zip
from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import HuArray, ReadingNote, Volume

_AIR_HU = "-1024"
"""What fills the corners that an upright grid adds, where the file names no padding."""


def read_dicom(path: Path, rules: ReadingRules, *, threads: int = 1) -> Volume:
    """Read the CT series in a folder or archive, slices in the order of their positions.

    Localizers, screen captures, reports and objects of other modalities are left out; files that
    are not DICOM at all are passed over, unless their name says they should be (``.dcm``). Of
    several series, and of several acquisitions in one, the rules choose.

    Values outside the scanner's field of view (PixelPaddingValue, often -2000 stored, -3024 HU) are
    kept as they are, as SimpleITK does; ``header["padding_hu"]`` says which value that is.

    Args:
        path: A folder, a ``.zip`` file, or a multi-frame file.
        rules: What to do where the files leave a choice.
        threads: How many slices to decode at once.

    Raises:
        VolumeError: There is no CT series, none that the rules choose, or one that is no volume.
    """
    silence_pydicom()
    with dicom_files(path) as files:
        slices, notes = read_contents(path, _headers(path, files), rules)
        stacks, duplicates = _stacks(slices)
        stack, choice = choose_stack(path, stacks, rules)
        notes += [*duplicates, *choice]
        try:
            return _volume(path, stack, rules, notes=notes, threads=threads)
        except VolumeError as error:
            if len(stacks) == 1:
                raise
            raise VolumeError(f"{error}; {choice[0].detail}") from error


def _headers(path: Path, files: Sequence[DicomFile]) -> Iterator[DicomHeader]:
    if path.is_dir() or is_zip(path):
        return filter(None, map(read_header, files))
    return iter([_multi_frame_header(path, files[0])])


def _multi_frame_header(path: Path, file: DicomFile) -> DicomHeader:
    """Return the header of a single file that holds a whole volume; refuse any other."""
    header = read_header(file)
    if header is None:
        raise VolumeError(
            f"{path}: neither NIfTI, NRRD, MetaImage nor DICOM; give such a file, "
            "or the folder of a DICOM series"
        )
    reason = left_out_as(header)
    if reason is not None:
        raise VolumeError(f"{path}: holds no CT slice but {reason}")
    if not is_multi_frame(header):
        raise VolumeError(
            f"{path}: one DICOM file is one slice, no volume; "
            "give the folder with all files of its series"
        )
    return header


def _stacks(slices: Sequence[CtSlice]) -> tuple[list[Stack], list[ReadingNote]]:
    """Sort slices into what may be volumes, without copies of the same slice."""
    series: dict[tuple[str, str], list[CtSlice]] = {}
    for one in slices:
        key = (one.header.text("SeriesInstanceUID"), one.header.information("StackID"))
        series.setdefault(key, []).append(one)
    parts = [part for members in series.values() for part in split_by_grid(members)]
    single = [drop_duplicates(part) for part in parts]
    n_dropped = len(slices) - sum(len(part.slices) for part in single)
    note = ReadingNote("duplicates-dropped", f"{n_dropped} slices were there more than once")
    return [stack for part in single for stack in split_phases(part)], [note] if n_dropped else []


def _volume(
    path: Path, stack: Stack, rules: ReadingRules, *, notes: Sequence[ReadingNote], threads: int
) -> Volume:
    if stack.flaw is not None:
        raise VolumeError(f"{path}: {stack.flaw}")
    tilt = find_tilt(path, stack, tilt=rules.tilt)
    gaps = find_gaps(path, stack, gaps=rules.gaps)
    hu: HuArray
    hu, remarks = decode_hu(path, stack.slices, threads=threads)
    notes = [*notes, *remarks, *_rescaling_notes(stack)]
    header = kept_fields(stack.slices[0])
    if tilt is not None:
        hu = straighten(hu, tilt, fill_hu=float(header.get("padding_hu", _AIR_HU)))
        notes.append(ReadingNote("tilt-straightened", f"by {tilt.degrees:.1f} degrees"))
    if gaps is not None:
        hu = fill_gaps(hu, gaps)
        notes.append(ReadingNote("gaps-filled", gaps.detail))
    return Volume(hu, affine_of(stack, tilt, gaps), header, tuple(notes))


def _rescaling_notes(stack: Stack) -> list[ReadingNote]:
    missing = sum(not one.header.has("RescaleIntercept") for one in stack.slices)
    detail = f"{missing} slices name no RescaleIntercept; it was taken as 0"
    return [ReadingNote("rescaling-missing", detail)] if missing else []
