"""Merlin Abdominal CT: its tables and volumes become a table and settings."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.settings_text import shipped_settings

from .findings import FINDINGS
from .sample import write_sample
from .tables import StudyTable, read_findings, read_metadata, read_splits

_SETTINGS = ("mmfeat.yaml",)
_TABLES = {
    "reports": ("reports_final.xlsx", "reports_final.csv"),
    "labels": ("zero_shot_findings_disease_cls.csv",),
    "metadata": ("metadata.csv",),
}
_ENDINGS = (".nii.gz", ".nii")


def build(download: Path, variant: str) -> BuiltCohort:  # noqa: ARG001 - there is one variant
    """Make the table of all studies whose scan is there.

    Raises:
        CohortError: The download is not that of the Merlin dataset.
    """
    inside = "merlinabdominalctdataset"
    root = download / inside if (download / inside).is_dir() else download
    files = {
        what: find_one(root, names, what=f"table of {what}") for what, names in _TABLES.items()
    }
    splits = read_splits(files["reports"])
    findings = read_findings(files["labels"])
    metadata = read_metadata(files["metadata"])
    scans = find_one(root, ("merlin_data",), what="folder with the scans")
    left_out = {
        "the table of reports puts the study into two parts": splits.contradicting,
        "the table of labels says two things of the study": findings.contradicting,
    }
    studies = splits.frame[~splits.frame.index.isin(findings.contradicting)]
    paths = pd.Series(
        [_scan(download, scans, study=study) for study in studies.index],
        index=studies.index,
        dtype=object,
    )
    there = paths.notna()
    if not there.any():
        raise CohortError(
            f"{scans}: holds no scan that {files['reports'].name} names; download some of it"
        )
    left_out["its scan is not in the folder"] = tuple(studies.index[~there])
    table = studies.join(findings.frame).join(metadata.frame).assign(ct=paths)[there]
    return BuiltCohort(
        table=table.assign(case_id=table.index, patient_id=table.index)[
            ["case_id", "patient_id", "ct", "split", *metadata.frame.columns, *FINDINGS]
        ],
        settings=shipped_settings(__package__, _SETTINGS),
        path_columns=("ct",),
        sources=tuple(files.values()),
        notes=_notes(table, metadata),
        left_out={reason: ids for reason, ids in left_out.items() if ids},
    )


def _scan(download: Path, folder: Path, *, study: str) -> str | None:
    """Return the path of a study's scan, relative to the download; None where there is none."""
    named = [folder / f"{study}{ending}" for ending in _ENDINGS]
    found = next((path for path in named if path.is_file()), None)
    return None if found is None else found.relative_to(download).as_posix()


def _notes(table: pd.DataFrame, metadata: StudyTable) -> tuple[str, ...]:
    notes = [
        "the release names no patients, so each study counts as one of its own: keep to the "
        "official split, and read intervals as too narrow"
    ]
    lacking = int((~table.index.isin(metadata.frame.index)).sum())
    if lacking:
        notes.append(f"{lacking} studies have no row in the metadata, or two that differ")
    unlabelled = int(table[list(FINDINGS)].isna().all(axis=1).sum())
    if unlabelled:
        notes.append(f"{unlabelled} studies have no label of any finding")
    return tuple(notes)


COHORT = PublicCohort(
    name="merlin",
    title="Merlin Abdominal CT Dataset",
    homepage="https://stanfordaimi.azurewebsites.net/datasets/60b9c7ff-877b-48ce-96c3-0194c8205c40",
    licence="Stanford's data use agreement: personal, non-commercial research",
    access="Sign in at the homepage and fill in the agreement; a link for azcopy follows",
    citation=(
        "Blankemeier, Kumar et al., Merlin: a computed tomography vision-language foundation model "
        "and dataset, Nature 2026, doi 10.1038/s41586-026-10181-8"
    ),
    variants={"scans": "the scan, and age and gender"},
    build=build,
    write_sample=write_sample,
)
