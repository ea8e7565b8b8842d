"""NLST as a public cohort."""

from pathlib import Path

from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort

from .building import build_from_embeddings, build_from_scans
from .sample import write_sample


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the tables and settings of a download.

    Raises:
        CohortError: The download is not what is expected.
    """
    return {"dicom": build_from_scans, "embeddings": build_from_embeddings}[variant](download)


COHORT = PublicCohort(
    name="nlst",
    title="National Lung Screening Trial (NLST)",
    homepage="https://www.cancerimagingarchive.net/collection/nlst/",
    licence="CC BY 4.0 (CTs, public tables); terms of CDAS (full tables) and Google (embeddings)",
    access=(
        "CTs and public tables from TCIA or IDC without asking; all columns by a project at "
        "cdas.cancer.gov; embeddings by Google's form for CT Foundation"
    ),
    citation=(
        "National Lung Screening Trial Research Team. Data from the National Lung Screening Trial "
        "(NLST). The Cancer Imaging Archive, 2013. https://doi.org/10.7937/TCIA.HMQ8-J677"
    ),
    variants={
        "dicom": "CTs as DICOM series, one a screen, and the record",
        "embeddings": "Google's CT Foundation embeddings, and the record; the paper's experiment",
    },
    build=build,
    write_sample=write_sample,
)
