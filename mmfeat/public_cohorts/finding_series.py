"""Find the DICOM series of a download by the header of one file of each, whatever its folders."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydicom.errors import InvalidDicomError

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.dicom_series import DicomSeries, series_of
from mmfeat.public_cohorts.downloads import walk_download

NO_FILES = "series: its folder is not there, or holds no .dcm file"
NO_DICOM = "series: this file of it is no DICOM file"
DAMAGED = "series: this file of it is damaged"
_READERS = 8
_HINT = "name the folder that NBIA Data Retriever or idc-index wrote"


@dataclass(frozen=True)
class FoundSeries:
    """Hold the series of a download that can be read, and name those that cannot."""

    series: tuple[DicomSeries, ...]
    """In the order of their folders."""
    left_out: Mapping[str, tuple[str, ...]]
    """Why a series cannot be read, and the file, or folder, of each, relative to the download."""


@dataclass(frozen=True)
class _Folder:
    """Hold what is looked at of a folder with slices."""

    first: Path
    last: Path
    n_files: int


@dataclass(frozen=True)
class _Unread:
    """Say why a series is not used."""

    why: str
    place: Path


def find_series(download: Path, *, both_ends: bool = True, hint: str = _HINT) -> FoundSeries:
    """Return the series of all folders with ``.dcm`` files, sorted by folder.

    Args:
        download: The folder with the download.
        both_ends: Look at the last file of each folder, too, so that a folder that mixes series
            is found out.
        hint: What to do where there are no series.

    Raises:
        CohortError: There are none, none can be read, or a folder mixes series.
    """
    folders = [
        folder for place, names in walk_download(download) if (folder := _folder(place, names))
    ]
    if not folders:
        raise CohortError(f"{download}: holds no folder with .dcm files; {hint}")
    with ThreadPoolExecutor(_READERS) as readers:
        read = list(readers.map(lambda one: _read(download, one, both_ends=both_ends), folders))
    found = _sorted_out(download, read)
    if not found.series:
        why, places = next(iter(found.left_out.items()))
        raise CohortError(
            f"{download}: none of its {len(folders)} series can be read ({why}: {places[0]}); "
            "download them again"
        )
    return found


def series_in(download: Path, folders: Iterable[str]) -> FoundSeries:
    """Return the series of some folders of a download, by the first file of each.

    Args:
        download: The folder with the download.
        folders: Relative to it, one for each series.

    Raises:
        CohortError: A folder may not be read.
    """
    with ThreadPoolExecutor(_READERS) as readers:
        return _sorted_out(download, readers.map(lambda one: _one(download, one), folders))


def _one(download: Path, name: str) -> DicomSeries | _Unread:
    place = download / name
    files = next(walk_download(place), None) if place.is_dir() else None
    folder = _folder(*files) if files else None
    return _read(download, folder, both_ends=False) if folder else _Unread(NO_FILES, place)


def _folder(place: Path, names: Iterable[str]) -> _Folder | None:
    slices = [name for name in names if name.lower().endswith(".dcm")]
    return _Folder(place / slices[0], place / slices[-1], len(slices)) if slices else None


def _read(download: Path, folder: _Folder, *, both_ends: bool) -> DicomSeries | _Unread:
    series = _of_file(download, folder.first, folder.n_files)
    if not both_ends or folder.n_files == 1 or isinstance(series, _Unread):
        return series
    last = _of_file(download, folder.last, folder.n_files)
    if isinstance(last, _Unread):
        return last
    if last.series_uid != series.series_uid:
        raise CohortError(
            f"{folder.first.parent}: holds several series; put each into a folder of its own, as "
            "NBIA Data Retriever and idc-index do"
        )
    return series


def _of_file(download: Path, file: Path, n_files: int) -> DicomSeries | _Unread:
    try:
        series = series_of(download, file, n_files)
    except InvalidDicomError:
        return _Unread(NO_DICOM, file)
    except OSError as error:
        named = f"series: this file of it cannot be read ({error.strerror})"
        return _Unread(named if error.strerror else DAMAGED, file)
    except Exception:  # noqa: BLE001 - pydicom raises whatever it meets in a damaged file
        return _Unread(DAMAGED, file)
    # Every DICOM image has one; pydicom takes a file that ends before it for a whole one.
    return series if series.series_uid else _Unread(DAMAGED, file)


def _sorted_out(download: Path, read: Iterable[DicomSeries | _Unread]) -> FoundSeries:
    series: list[DicomSeries] = []
    left_out: dict[str, tuple[str, ...]] = {}
    for one in read:
        if isinstance(one, DicomSeries):
            series.append(one)
        else:
            place = one.place.relative_to(download).as_posix()
            left_out[one.why] = (*left_out.get(one.why, ()), place)
    return FoundSeries(tuple(series), left_out)
