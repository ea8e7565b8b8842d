"""NSCLC-Radiomics: the clinical file and the series beside it become a table and settings."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.dicom_series import DicomSeries, largest
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.finding_series import find_series
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.settings_text import shipped_settings
from mmfeat.wording import first_few

from .records import MISSING, REQUIRED, inputs, outcomes, without_tnm
from .sample import write_sample
from .tumour_point import tumour_point

_CLINICAL = ("*Lung1*clinical*.csv", "*/*Lung1*clinical*.csv", "*/*/*Lung1*clinical*.csv")
_TUMOUR = "GTV-1"
_NO_OUTLINE = f"scan not used: no outline called {_TUMOUR} in the folder"
_UNREAD = "outlines: this structure set is damaged"
_SETTINGS = {"tumour": ("mmfeat.yaml",), "scan": ("scan.yaml", "histology.yaml")}
_POINT = ("tumour_x", "tumour_y", "tumour_z")


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the table of all patients of the clinical file that have a scan.

    Raises:
        CohortError: The download is not that of NSCLC-Radiomics.
    """
    file = find_one(download, _CLINICAL, what="clinical file of Lung1")
    source = read_source(file, required=REQUIRED, missing=MISSING).unique("PatientID")
    source.checked(
        "PatientID", lambda text: text.startswith("LUNG1-"), must="must be one such as LUNG1-001"
    )
    patients = source["PatientID"]
    found = find_series(download)
    scans = _scans(found.series)
    table = pd.concat(
        [
            pd.DataFrame({"case_id": patients, "patient_id": patients, "ct": patients.map(scans)}),
            inputs(source),
            outcomes(source),
        ],
        axis=1,
    )
    without_scan = tuple(table.loc[table["ct"].isna(), "case_id"])
    table = table[table["ct"].notna()]
    if table.empty:
        raise CohortError(
            f"{download}: none of its {len(found.series)} DICOM series is the CT of a patient of "
            f"{file.name}; is it the collection NSCLC-Radiomics?"
        )
    left_out = dict(found.left_out)
    if without_scan:
        left_out["no CT series that can be read is in the folder"] = without_scan
    if variant == "tumour":
        table, without = _with_points(table, download, found.series)
        left_out |= without
    return BuiltCohort(
        table=table,
        settings=shipped_settings(__package__, _SETTINGS[variant]),
        path_columns=("ct",),
        sources=(file.relative_to(download),),
        notes=_notes(without_tnm(source)),
        left_out=left_out,
    )


def _scans(series: Sequence[DicomSeries]) -> Mapping[str, str]:
    """Return the folder of the CT of each patient, the largest where there are several."""
    of: dict[str, list[DicomSeries]] = {}
    for one in series:
        if one.is_axial_ct:
            of.setdefault(one.patient_id, []).append(one)
    return {patient: largest(several).folder.as_posix() for patient, several in of.items()}


def _with_points(
    table: pd.DataFrame, download: Path, series: Sequence[DicomSeries]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Return the table with the middle of each tumour, and whose scan has to go without one."""
    points: dict[str, tuple[float, float, float]] = {}
    unread: list[str] = []
    for one in series:
        if one.modality == "RTSTRUCT" and one.patient_id not in points:
            try:
                point = tumour_point(download / one.file, _TUMOUR)
            except CohortError:
                unread.append(one.file.as_posix())
                continue
            if point is not None:
                points[one.patient_id] = point
    if not points:
        raise CohortError(
            f"{download}: no RTSTRUCT series has a structure {_TUMOUR}; download the structure "
            "sets, too, or use --variant scan"
        )
    unknown = (math.nan,) * len(_POINT)
    rows = [points.get(patient, unknown) for patient in table["patient_id"]]
    placed = table.join(pd.DataFrame(rows, columns=list(_POINT), index=table.index))
    without = placed["tumour_x"].isna()
    left_out = {_UNREAD: tuple(unread), _NO_OUTLINE: tuple(placed.loc[without, "case_id"])}
    known = {why: ids for why, ids in left_out.items() if ids}
    return placed.assign(ct=placed["ct"].mask(without)), known


def _notes(strange: tuple[str, ...]) -> tuple[str, ...]:
    notes = ["`died_2y` is empty where follow-up ended before 730 days"]
    if strange:
        notes.append(
            "T, N or M is a number that is no stage, taken as unknown, of " + first_few(strange, 6)
        )
    return tuple(notes)


COHORT = PublicCohort(
    name="nsclc-radiomics",
    title="NSCLC-Radiomics (Lung1), The Cancer Imaging Archive",
    homepage="https://doi.org/10.7937/K9/TCIA.2015.PF0M9REI",
    licence="CC BY-NC 3.0 (NonCommercial), by the index of Imaging Data Commons",
    access="Open: NBIA Data Retriever or idc-index for the series, the clinical CSV beside them",
    citation=(
        "Aerts et al., Decoding tumour phenotype by noninvasive imaging using a quantitative "
        "radiomics approach, Nature Communications 2014, doi 10.1038/ncomms5006\n"
        "Aerts et al., Data From NSCLC-Radiomics, The Cancer Imaging Archive 2019, "
        "doi 10.7937/K9/TCIA.2015.PF0M9REI"
    ),
    variants={
        "tumour": "a cube about the outlined tumour (GTV-1) by fmcib, and the clinical file",
        "scan": "the whole scan, and the clinical file; needs no outlines",
    },
    build=build,
    write_sample=write_sample,
)
