"""HANCOCK: its structured data become a table and settings."""

from pathlib import Path

import pandas as pd

from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.reading import read_json_records
from mmfeat.public_cohorts.settings_text import shipped_settings
from mmfeat.public_cohorts.source_table import SourceTable
from mmfeat.wording import first_few

from . import blood, outcomes
from .sample import write_sample
from .splits import official_splits
from .stains import read_stains

_RECORDS, _EMBEDDINGS = "records", "embeddings"
_SETTINGS = {
    _RECORDS: ("mmfeat.yaml", "out-of-distribution.yaml", "oropharynx.yaml"),
    _EMBEDDINGS: ("embeddings.yaml",),
}
_N_NAMED = 20
CLINICAL = ("age_at_initial_diagnosis", "sex", "smoking_status", "primarily_metastasis")
PATHOLOGICAL = (
    *("primary_tumor_site", "histologic_type", "grading", "hpv_association_p16"),
    *("pT_stage", "pN_stage", "number_of_positive_lymph_nodes", "perinodal_invasion"),
    *("lymphovascular_invasion_L", "vascular_invasion_V", "perineural_invasion_Pn"),
    *("resection_status", "resection_status_carcinoma_in_situ", "carcinoma_in_situ"),
    "infiltration_depth_in_mm",
)


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the table of all patients.

    Raises:
        CohortError: The download is not that of HANCOCK.
    """
    files = {name: _find(download, name) for name in ("clinical", "pathological", "blood")}
    clinical = _read(files["clinical"], (*CLINICAL, *outcomes.COLUMNS))
    pathological = _read(files["pathological"], PATHOLOGICAL)
    measured = read_json_records(files["blood"], required=blood.COLUMNS)
    patients = clinical["patient_id"].tolist()
    splits, split_files = official_splits(download, patients)
    labels = _by_patient(clinical, outcomes.outcomes(clinical))
    table = pd.concat(
        [
            _by_patient(clinical, clinical.frame[list(CLINICAL)]),
            _by_patient(pathological, pathological.frame[list(PATHOLOGICAL)]).reindex(patients),
            blood.blood_counts(measured).reindex(patients),
            splits,
            labels,
        ],
        axis=1,
    )
    stains, stain_files = read_stains(download) if variant == _EMBEDDINGS else ({}, ())
    return BuiltCohort(
        table=table.assign(case_id=table.index, patient_id=table.index)[
            ["case_id", "patient_id", *table.columns]
        ],
        settings=shipped_settings(__package__, _SETTINGS[variant]),
        extra_tables=stains,
        sources=(*files.values(), *split_files, *stain_files),
        notes=_notes(
            labels, n_without_blood=int(table[list(blood.COUNTS)].isna().all(axis=1).sum())
        ),
    )


def _find(download: Path, name: str) -> Path:
    return find_one(download, (f"**/{name}_data.json",), what=f"table of {name} data")


def _read(file: Path, columns: tuple[str, ...]) -> SourceTable:
    table = read_json_records(file, required=("patient_id", *columns))
    table.unique("patient_id").checked(
        "patient_id",
        lambda text: len(text) == 3 and text.isdecimal(),
        must="must be three digits, such as 001",
    )
    return table


def _by_patient(table: SourceTable, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(table["patient_id"].to_numpy(), axis=0)


def _notes(labels: pd.DataFrame, *, n_without_blood: int) -> tuple[str, ...]:
    unknown = labels.isna().sum()
    return (
        f"{unknown['recurrence_3y']} patients have no label `recurrence_3y`: their recurrence came "
        "after three years or before the first treatment, or they died before without one",
        f"{unknown['deceased']} patients died of something else than the tumour and have no label "
        "`deceased`",
        f"{_patients_without(labels['rfs_days'])}: the event or the last information came before "
        "the first treatment, or a day is not known",
        f"{_patients_without(labels['os_days'])}: the last information came before the first "
        "treatment, or the day of the treatment is not known",
        f"{n_without_blood} patients have no blood counts",
    )


def _patients_without(label: "pd.Series[float]") -> str:
    patients = label.index[label.isna()].tolist()
    names = first_few(patients, _N_NAMED)
    return f"{len(patients)} patients have no `{label.name}`" + f" ({names})" * bool(patients)


COHORT = PublicCohort(
    name="hancock",
    title="HANCOCK: multimodal head and neck cancer dataset of Erlangen",
    homepage="https://hancock.research.fau.eu/",
    licence="CC BY 4.0",
    access="Open: fetch StructuredData.zip and DataSplits_DataDictionaries.zip from the homepage",
    citation=(
        "Dörrich et al., A multimodal dataset for precision oncology in head and neck cancer, "
        "Nature Communications 2025, 16:7163, doi 10.1038/s41467-025-62386-6"
    ),
    variants={
        _RECORDS: "clinical facts, pathology and blood counts, with three official splits",
        _EMBEDDINGS: "the same with embeddings of tissue cores from the authors' repository",
    },
    build=build,
    write_sample=write_sample,
)
