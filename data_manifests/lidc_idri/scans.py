"""Bring together the annotation files and the CT series of a download of LIDC-IDRI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmfeat.errors import CohortError
from mmfeat.provenance import sha256_of_file
from mmfeat.public_cohorts.dicom_series import DicomSeries
from mmfeat.public_cohorts.downloads import find_all
from mmfeat.public_cohorts.finding_series import find_series

from .annotations import Annotations, read_annotations
from .nodules import Nodule, nodules_of

NO_SERIES = "annotated scan: no DICOM series of it that can be read is in the folder"
NO_ANNOTATIONS = "CT series: no annotation file names it"
NOT_APART = "scan: the readers' marks cannot be told apart"
TWO_FILES = "scan: two different annotation files"
NO_GRID = "scan: its header lacks axes, pixel size or slice thickness"
_CORRECTED = "resubmitted"
"""In the name of the file that stands for an earlier one of the same scan."""


@dataclass(frozen=True)
class ReadScan:
    """Hold the nodules of one scan."""

    series: DicomSeries
    nodules: tuple[Nodule, ...]


@dataclass(frozen=True)
class ReadScans:
    """Hold the scans of a download that have annotations, by patient and then by UID."""

    scans: tuple[ReadScan, ...]
    files: tuple[Path, ...]
    """The annotation files that were used, relative to the download."""
    left_out: dict[str, tuple[str, ...]]


def read_scans(download: Path) -> ReadScans:
    """Return the nodules of all annotated scans that are there.

    Raises:
        CohortError: There are no annotations or no scans of them, or a file cannot be read.
    """
    files = find_all(download, ("**/*.xml",))
    found = [read for file in files if (read := read_annotations(file))]
    if not found:
        raise CohortError(
            f"{download}: holds no LIDC annotation file; unpack LIDC-XML-only.zip of TCIA's page "
            "into it"
        )
    there = find_series(download)
    series = {one.series_uid: one for one in there.series if one.modality == "CT"}
    of, doubtful = _one_file_each(found)
    annotated = {*of, *doubtful}
    bare = [one.folder.as_posix() for uid, one in series.items() if uid not in annotated]
    left_out: dict[str, list[str]] = {TWO_FILES: doubtful, NO_ANNOTATIONS: bare}
    scans = []
    for uid, annotations in of.items():
        why, scan = _scan(annotations, series.get(uid))
        if scan is None:
            left_out.setdefault(why, []).append(uid)
        else:
            scans.append(scan)
    if not scans:
        raise CohortError(
            f"{download}: holds none of the {len(of)} CT series that its annotation files are of; "
            "is it the collection LIDC-IDRI?"
        )
    return ReadScans(
        tuple(sorted(scans, key=lambda scan: (scan.series.patient_id, scan.series.series_uid))),
        tuple(one.file.relative_to(download) for one in of.values()),
        {**there.left_out, **{why: tuple(sorted(uids)) for why, uids in left_out.items() if uids}},
    )


def _one_file_each(
    found: Sequence[Annotations],
) -> tuple[Mapping[str, Annotations], list[str]]:
    """Return the file that counts for each series, and the series of which two say different."""
    by_series: dict[str, list[Annotations]] = {}
    for one in found:
        by_series.setdefault(one.series_uid, []).append(one)
    chosen, doubtful = {}, []
    for uid, several in by_series.items():
        corrected = [one for one in several if _CORRECTED in one.file.name]
        left = corrected or several
        if len({sha256_of_file(one.file) for one in left}) == 1:
            chosen[uid] = left[0]
        else:
            doubtful.append(uid)
    return chosen, doubtful


def _scan(annotations: Annotations, series: DicomSeries | None) -> tuple[str, ReadScan | None]:
    if series is None:
        return NO_SERIES, None
    known = series.axial and len(series.pixel_mm) == 2 and len(series.position_mm) == 3
    if not known or not np.isfinite(series.slice_mm):
        return NO_GRID, None
    nodules = nodules_of(annotations.marks, series)
    if nodules is None:
        return NOT_APART, None
    return "", ReadScan(series, tuple(nodules))
