"""Keep the CT slices of a source that the rules allow, and count what is left out."""

from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_frames import frame_headers
from mmfeat.volumes.dicom_kind import is_multi_frame, left_out_as
from mmfeat.volumes.dicom_layout import pixel_layout
from mmfeat.volumes.dicom_slice import CtSlice, ct_slice
from mmfeat.volumes.dicom_values import DicomHeader
from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import ReadingNote


def read_contents(
    path: Path, headers: Iterable[DicomHeader], rules: ReadingRules
) -> tuple[list[CtSlice], list[ReadingNote]]:
    """Return the slices and a note of what else there is; the pixels stay in their files.

    Raises:
        VolumeError: A file is damaged, or there is no CT slice that the rules allow.
    """
    slices: list[CtSlice] = []
    left_out: Counter[str] = Counter()
    other_series: Counter[str] = Counter()
    for header in headers:
        kind = left_out_as(header)
        if kind is not None:
            left_out[kind] += 1
        elif not _is_allowed(header, rules):
            other_series[_series_name(header)] += 1
        else:
            slices += slices_in(header)
    if not slices:
        raise _nothing_found(path, left_out, other_series)
    return slices, _notes(left_out, other_series)


def slices_in(header: DicomHeader) -> list[CtSlice]:
    """Return the slices of a CT file: one, or one for each frame.

    Raises:
        VolumeError: A field that they depend on is missing or senseless.
    """
    layout = pixel_layout(header)
    if not is_multi_frame(header):
        if layout.n_frames != 1:
            raise header.broken(f"{layout.n_frames} frames in an object for one slice")
        return [ct_slice(header, layout)]
    frames = frame_headers(header, layout.n_frames)
    return [ct_slice(frame, layout, frame=index) for index, frame in enumerate(frames)]


def _is_allowed(header: DicomHeader, rules: ReadingRules) -> bool:
    if rules.series_uid is not None and header.text("SeriesInstanceUID") != rules.series_uid:
        return False
    pattern = rules.series_description
    return pattern is None or fnmatchcase(
        header.text("SeriesDescription").casefold(), pattern.casefold()
    )


def _series_name(header: DicomHeader) -> str:
    description = header.information("SeriesDescription")
    return f"{header.information('SeriesInstanceUID')} `{description}`"


def _nothing_found(path: Path, left_out: Counter[str], other_series: Counter[str]) -> VolumeError:
    if other_series:
        nothing = f"{path}: no CT series fits `reading.series_uid` and `reading.series_description`"
        return VolumeError(
            f"{nothing}; there are {len(other_series)} others, which `mmfeat inspect` names",
            on_screen=f"{nothing}; there are {_listed(other_series)}",
        )
    if left_out:
        return VolumeError(f"{path}: no CT slices in it, only {_listed(left_out)}")
    return VolumeError(f"{path}: no DICOM files in it")


def _notes(left_out: Counter[str], other_series: Counter[str]) -> list[ReadingNote]:
    # Descriptions of series are free text, which may name the patient: they are only counted.
    kinds = left_out + Counter({"file of a series not asked for": other_series.total()})
    return [ReadingNote("left-out", _listed(kinds))] if kinds else []


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} x {kind}" for kind, count in counts.items())
