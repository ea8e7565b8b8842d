"""LIDC-IDRI: annotations and scans become a table of nodules, or of patients with a diagnosis."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.settings_text import shipped_settings

from .diagnosis import read_diagnoses
from .nodules import FEWEST_READERS, Nodule
from .sample import write_sample
from .scans import ReadScan, read_scans

_SETTINGS = {"nodules": ("mmfeat.yaml", "attributes.yaml"), "diagnosis": ("diagnosis.yaml",)}
_FEW_READERS = "nodule: outlined by fewer than three readers"
_NO_NODULE = "diagnosis: no scan with an outlined nodule"
_UNSURE = "nodule: median rating between 2 and 4"


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the table of rated nodules, or of patients whose diagnosis is known.

    Raises:
        CohortError: The download is not that of LIDC-IDRI.
    """
    return _diagnoses(download) if variant == "diagnosis" else _nodules(download)


def _nodules(download: Path) -> BuiltCohort:
    read = read_scans(download)
    rows, left_out = [], {why: list(uids) for why, uids in read.left_out.items()}
    for case_id, scan, nodule in _numbered(read.scans):
        if nodule.n_readers < FEWEST_READERS:
            left_out.setdefault(_FEW_READERS, []).append(case_id)
        elif nodule.label is None:
            left_out.setdefault(_UNSURE, []).append(case_id)
        else:
            rows.append(_row(case_id, scan, nodule))
    if not rows:
        raise CohortError(
            f"{download}: none of the nodules of its {len(read.scans)} annotated scans was rated "
            f"malignant or benign by {FEWEST_READERS} readers"
        )
    return BuiltCohort(
        table=pd.DataFrame(rows),
        settings=shipped_settings(__package__, _SETTINGS["nodules"]),
        path_columns=("ct",),
        sources=read.files,
        notes=(
            "`malignant` is what radiologists think of a nodule (median of at least three: 4 or 5, "
            "or 1 or 2), not what pathology found",
        ),
        left_out={why: tuple(ids) for why, ids in left_out.items()},
    )


def _numbered(scans: tuple[ReadScan, ...]) -> list[tuple[str, ReadScan, Nodule]]:
    """Return all nodules, numbered for each patient from the lowest of the first scan."""
    count: dict[str, int] = {}
    numbered = []
    for scan in scans:
        patient = scan.series.patient_id
        for nodule in scan.nodules:
            count[patient] = count.get(patient, 0) + 1
            numbered.append((f"{patient}-n{count[patient]:02d}", scan, nodule))
    return numbered


def _row(case_id: str, scan: ReadScan, nodule: Nodule) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "patient_id": scan.series.patient_id,
        "ct": scan.series.folder.as_posix(),
        **_place(nodule),
        "malignant": nodule.label,
        "n_readers": nodule.n_readers,
        "malignancy_ratings": ";".join(str(rating) for rating in nodule.malignancy),
        "malignancy_median": nodule.median,
        "diameter_mm": round(nodule.diameter_mm, 2),
        "height_mm": round(nodule.height_mm, 2),
        **{name: round(mean, 3) for name, mean in nodule.attributes.items()},
        "series_uid": scan.series.series_uid,
    }


def _place(nodule: Nodule) -> dict[str, float]:
    return {
        name: round(value, 3) for name, value in zip(("x", "y", "z"), nodule.point_mm, strict=True)
    }


def _diagnoses(download: Path) -> BuiltCohort:
    file, known = read_diagnoses(download)
    read = read_scans(download)
    lesions: dict[str, list[tuple[ReadScan, Nodule]]] = {}
    for scan in read.scans:
        for nodule in scan.nodules:
            lesions.setdefault(scan.series.patient_id, []).append((scan, nodule))
    seen = known[known.index.isin(list(lesions))]
    if seen.empty:
        raise CohortError(
            f"{download}: no patient of {file.name} with a known diagnosis has an outlined nodule "
            "in the folder"
        )
    unseen = tuple(known.index.difference(seen.index))
    return BuiltCohort(
        table=_patients(seen, lesions),
        settings=shipped_settings(__package__, _SETTINGS["diagnosis"]),
        extra_tables={"nodules.csv": _lesions(seen, lesions)},
        path_columns=("path",),
        sources=(file.relative_to(download), *read.files),
        notes=("a diagnosis is of the patient; which of the nodules it is of is not known",),
        left_out={**read.left_out, **({_NO_NODULE: unseen} if unseen else {})},
    )


def _patients(
    known: "pd.Series[str]", lesions: Mapping[str, list[tuple[ReadScan, Nodule]]]
) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "case_id": patient,
                "patient_id": patient,
                "diagnosis": diagnosis,
                "malignant": "0" if diagnosis == "benign" else "1",
                "n_nodules": len(lesions[patient]),
                "largest_mm": round(max(nodule.diameter_mm for _, nodule in lesions[patient]), 2),
            }
            for patient, diagnosis in zip(map(str, known.index), known, strict=True)
        ]
    )


def _lesions(
    known: "pd.Series[str]", lesions: Mapping[str, list[tuple[ReadScan, Nodule]]]
) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"case_id": patient, "path": scan.series.folder.as_posix(), **_place(nodule)}
            for patient in known.index
            for scan, nodule in lesions[patient]
        ]
    )


COHORT = PublicCohort(
    name="lidc-idri",
    title="LIDC-IDRI (Lung Image Database Consortium and Image Database Resource Initiative)",
    homepage="https://doi.org/10.7937/K9/TCIA.2015.LO9QL9SX",
    licence="CC BY 3.0",
    access="Open: NBIA Data Retriever or idc-index for the CTs, LIDC-XML-only.zip for annotations",
    citation=(
        "Armato et al., The Lung Image Database Consortium (LIDC) and Image Database Resource "
        "Initiative (IDRI): a completed reference database of lung nodules on CT scans, Medical "
        "Physics 2011, doi 10.1118/1.3528204\n"
        "Armato et al., Data From LIDC-IDRI, The Cancer Imaging Archive 2015, "
        "doi 10.7937/K9/TCIA.2015.LO9QL9SX"
    ),
    variants={
        "nodules": "a case is a nodule, labelled by its readers' ratings; fmcib looks at it",
        "diagnosis": "a case is a patient of TCIA's table of diagnoses; fmcib looks at all nodules",
    },
    build=build,
    write_sample=write_sample,
)
