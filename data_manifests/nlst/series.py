"""Find the CT series of a download, and take one for each screen.

A download from TCIA has a list of its series, `metadata.csv`, which NBIA Data Retriever writes: of
those that would be taken, the header of one file is read. Of any other download (such as IDC's, a
folder for each series) that of every series is.
"""

from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.dicom_series import DicomSeries
from mmfeat.public_cohorts.downloads import find_all
from mmfeat.public_cohorts.finding_series import find_series, series_in
from mmfeat.public_cohorts.reading import read_source

NO_SCAN = "no axial series of the screen is there that has 10 images or more"
NOT_OF_A_SCREEN = "the year of the series is none of the three screens"
_FEWEST_IMAGES = 10
"""A localiser has one or two."""
_LISTS = ("metadata.csv", "*/metadata.csv", "*/*/metadata.csv")
_LISTED = (
    *("Subject ID", "Study Date", "Series UID", "Series Description", "Number of Images"),
    "File Location",
)
_HINT = (
    "name the folder that holds the CTs and, if there, metadata.csv of NBIA Data Retriever, or use "
    "--variant embeddings"
)
_SCREEN_OF_YEAR = {"1999": 0, "2000": 1, "2001": 2}
"""Dates are not real: 2 January of 1999 is T0, of 2000 T1, of 2001 T2."""
_YEAR = r"\b(1999|2000|2001)\b"
_SOFT = ("STANDARD", "B30F", "B30S", "B", "C", "FC10")
"""Kernels for soft tissue, with less noise than those for lungs (BONE, LUNG, B50f, D, FC51)."""
_KERNEL_AT = 4
LeftOut = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class ChosenSeries:
    """Hold one series for each screen that has one."""

    frame: pd.DataFrame
    """By case (``100012_T0``): ``pid``, ``study_yr``, ``ct`` (folder, relative to the download),
    ``series_uid``, ``kernel`` and ``n_images``."""
    n_series: int
    """How many the download has."""
    left_out: LeftOut
    """Why something is not used: a screen, by its case, or a series, by its UID, folder or file."""
    sources: tuple[Path, ...]


def choose_series(download: Path) -> ChosenSeries:
    """Take the axial series with the most images of each screen: that with the thinnest slices.

    Of several with as many, one of a kernel for soft tissue is taken, and of these the first by
    UID.

    Raises:
        CohortError: There are no series, or a list of them cannot be used.
    """
    lists = find_all(download, _LISTS)
    left_out: LeftOut = {}
    if lists:
        every = pd.concat([_listed(download, file) for file in lists], ignore_index=True)
    else:
        every = _read(download, left_out)
    strange = every["study_yr"].isna()
    if strange.any():
        left_out[NOT_OF_A_SCREEN] = tuple(every.loc[strange, "series_uid"])
    known = every[~strange].astype({"study_yr": int, "n_images": int})
    known["case_id"] = known["pid"] + "_T" + known["study_yr"].astype(str)
    ranked = _ranked(known)
    best = _seen(download, ranked, left_out) if lists else ranked.drop_duplicates("case_id")
    without = sorted(set(known["case_id"]) - set(best["case_id"]))
    if without:
        left_out[NO_SCAN] = tuple(without)
    if best.empty:
        why = "".join(f" ({reason}: {ids[0]})" for reason, ids in list(left_out.items())[:1])
        raise CohortError(f"{download}: none of its {len(every)} series is a CT of a screen{why}")
    frame = best.set_index("case_id").drop(columns="axial")
    return ChosenSeries(frame, len(every), left_out, tuple(lists))


def _ranked(known: pd.DataFrame) -> pd.DataFrame:
    """Return the series that may be taken, by case, the best first."""
    sharp = ~known["kernel"].str.upper().isin(_SOFT)
    may_be = known["axial"] & (known["n_images"] >= _FEWEST_IMAGES)
    ranked = known.assign(sharp=sharp)[may_be].sort_values(
        ["case_id", "n_images", "sharp", "series_uid"], ascending=[True, False, True, True]
    )
    return ranked.drop(columns="sharp")


def _seen(download: Path, ranked: pd.DataFrame, left_out: LeftOut) -> pd.DataFrame:
    """Return the best series of each screen that is there and is axial by its header.

    Only those that would be taken are looked at: each look costs on a network disk.
    """
    taken = [ranked.head(0)]
    while not ranked.empty:
        best = ranked.drop_duplicates("case_id")
        found = series_in(download, best["ct"])
        for why, places in found.left_out.items():
            left_out[why] = left_out.get(why, ()) + places
        axial = {one.folder.as_posix() for one in found.series if one.has_ct_slices}
        taken.append(best[best["ct"].isin(axial)])
        left = ranked.drop(index=best.index)
        ranked = left[~left["case_id"].isin(taken[-1]["case_id"])]
    return pd.concat(taken)


def _listed(download: Path, file: Path) -> pd.DataFrame:
    """Return the series of one of NBIA's lists, as if all were axial."""
    needed = ("Subject ID", "Number of Images", "File Location")
    read = read_source(file, required=_LISTED, optional=("Modality",))
    is_ct = read["Modality"].fillna("CT") == "CT"  # there are segmentations made of NLST
    table = read.where(is_ct).unique("Series UID").known(*needed)
    folders = [
        (file.parent / PureWindowsPath(text).as_posix()).relative_to(download).as_posix()
        for text in table.checked("File Location", _is_below, must="is no folder below the list")
    ]
    return pd.DataFrame(
        {
            "pid": table["Subject ID"].map(label_text),
            "study_yr": table["Study Date"].str.extract(_YEAR)[0].map(_SCREEN_OF_YEAR),
            "series_uid": table["Series UID"],
            "kernel": table["Series Description"].map(_kernel),
            "n_images": table.number("Number of Images", minimum=0),
            "ct": folders,
            "axial": True,
        }
    )


def _is_below(text: str) -> bool:
    """Say whether a path, with either kind of slashes, leads further down and nowhere else."""
    path = PureWindowsPath(text)
    return not path.anchor and ".." not in path.parts


def _read(download: Path, left_out: LeftOut) -> pd.DataFrame:
    """Return the CT series of all folders with DICOM files, by the header of one file of each."""
    found = find_series(download, both_ends=False, hint=_HINT)
    left_out |= found.left_out
    rows = [_row(one) for one in found.series if one.modality == "CT"]
    if not rows:
        raise CohortError(f"{download}: none of its {len(found.series)} series is a CT")
    return pd.DataFrame(rows)


def _row(series: DicomSeries) -> dict[str, object]:
    point = series.time_point
    year = str(series.study_date.year) if series.study_date else ""
    named = int(point[-1]) if point in ("T0", "T1", "T2") else _SCREEN_OF_YEAR.get(year)
    return {
        "pid": label_text(series.patient_id),
        "study_yr": named,
        "series_uid": series.series_uid,
        "kernel": _kernel(series.description),
        "n_images": series.n_files,
        "ct": series.folder.as_posix(),
        "axial": series.has_ct_slices,
    }


def _kernel(description: object) -> str:
    """Return the kernel, which a series' description has in its fifth place.

    Example:
        >>> _kernel("1,OPA,GE,LSULT,STANDARD,380,1.2,120,60,44.4,1.4")
        'STANDARD'
    """
    parts = str(description).split(",")
    return parts[_KERNEL_AT].strip() if len(parts) > _KERNEL_AT else ""
