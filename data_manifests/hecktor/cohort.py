"""HECKTOR: its clinical tables and scans become a table and settings."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.settings_text import shipped_settings

from .releases import RELEASES
from .sample import write_sample
from .scan_files import mask_of, scan_of
from .tables import Patients, find_tables, read_patients


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the table of all patients whose CT is there.

    Raises:
        CohortError: The download is not that of HECKTOR.
    """
    release = RELEASES[variant]
    files = find_tables(download, release)
    read = read_patients(files, release)
    patients = read.frame
    folders = tuple(file.parent for file in files)
    paths = pd.DataFrame(
        {
            "ct": [scan_of(folders, release, patient=one, kind="CT") for one in patients.index],
            "pet": [scan_of(folders, release, patient=one, kind="PT") for one in patients.index],
            "mask": [mask_of(folders, release, patient=one) for one in patients.index],
        },
        index=patients.index,
        dtype=object,
    )
    there = paths["ct"].notna()
    if not there.any():
        raise CohortError(
            f"{folders[0]}: holds no CT that {files[0].name} names, such as "
            f"{release.scan_folders[0].format(patient=patients.index[0])}/"
            f"{patients.index[0]}__CT.nii.gz; unpack the scans beside the table"
        )
    inside = paths[there].map(
        lambda path: path.relative_to(download).as_posix(), na_action="ignore"
    )
    table = inside.join(patients).assign(
        case_id=inside.index,
        patient_id=inside.index,
        centre=[patient.rpartition("-")[0] for patient in inside.index],
    )
    without = tuple(patients.index[~there])
    return BuiltCohort(
        table=table[["case_id", "patient_id", "centre", *paths.columns, *release.columns.values()]],
        settings=_settings(variant, has_masks=bool(inside["mask"].notna().any())),
        path_columns=("ct", "pet", "mask"),
        sources=files,
        notes=_notes(read),
        left_out={"no CT in the folder": without} if without else {},
    )


def _settings(variant: str, *, has_masks: bool) -> dict[str, str]:
    shipped = {"2025": "mmfeat.yaml", "2022": "release-2022.yaml"}[variant]
    settings = {"mmfeat.yaml": shipped_settings(__package__, (shipped,))[shipped]}
    return settings | (shipped_settings(__package__, ("tumour.yaml",)) if has_masks else {})


def _notes(read: Patients) -> tuple[str, ...]:
    notes = ["`rfs_days` counts from the end of radiotherapy, some weeks after the scan"]
    if read.n_apart:
        notes.append(
            f"{read.n_apart} cells differ between the tables of the tasks; the table of Task 2 "
            "counts, then that of Task 3"
        )
    if read.n_half_known:
        notes.append(
            f"{read.n_half_known} patients have a relapse or a time alone, and neither here"
        )
    return tuple(notes)


COHORT = PublicCohort(
    name="hecktor",
    title="HECKTOR: head and neck tumours in FDG-PET/CT",
    homepage="https://hecktor25.grand-challenge.org/dataset/",
    licence="End user agreement of the challenge, which we have not seen",
    access="Register with the challenge and send in the agreement; its data page opens then",
    citation=(
        "Saeed, Hassan, Hardan et al., A Multimodal and Multi-centric Head and Neck Cancer Dataset "
        "for Segmentation, Diagnosis and Outcome Prediction, arXiv 2509.00367 (2025)\n"
        "Andrearczyk et al., Overview of the HECKTOR Challenge at MICCAI 2022: Automatic Head and "
        "Neck Tumor Segmentation and Outcome Prediction in PET/CT, Lecture Notes in Computer "
        "Science 13626:1, Springer 2023, doi 10.1007/978-3-031-27420-6_1"
    ),
    variants={
        "2025": "the training data of 2025, by tasks: relapse-free survival and HPV status",
        "2022": "the training data of 2022: relapse-free survival and HPV status",
    },
    build=build,
    write_sample=write_sample,
)
