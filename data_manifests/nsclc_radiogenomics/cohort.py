"""NSCLC-Radiogenomics: the clinical file and the series beside it become a table and settings."""

from datetime import date
from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.finding_series import find_series
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.settings_text import shipped_settings
from mmfeat.wording import first_few

from .records import MISSING, REQUIRED, inputs, outcomes
from .sample import write_sample
from .scans import ChosenScan, choose_scans

_NAME = "NSCLCR01Radiogenomic_DATA_LABELS*.csv"
_CLINICAL = (_NAME, f"*/{_NAME}", f"*/*/{_NAME}")
_FAR_DAYS = 7


def build(download: Path, variant: str) -> BuiltCohort:  # noqa: ARG001 - there is one variant
    """Make the table of all patients of the clinical file that have a CT before surgery.

    Raises:
        CohortError: The download is not that of NSCLC-Radiogenomics.
    """
    file = find_one(download, _CLINICAL, what="clinical file")
    source = read_source(file, required=REQUIRED, missing=MISSING).unique("Case ID")
    source.checked(
        "Case ID",
        lambda text: text.startswith(("R01-", "AMC-")),
        must="must be one such as R01-001 or AMC-001",
    )
    patients = source["Case ID"]
    after, taken_out = outcomes(source)
    surgery = after["surgery_after_ct_days"].fillna(0).astype(int)
    days = {
        patient: (date.fromisoformat(day), until)
        for patient, day, until in zip(patients, after["ct_date"], surgery, strict=True)
    }
    found = find_series(download)
    chosen, without = choose_scans(found.series, days)
    if not chosen:
        raise CohortError(
            f"{download}: none of its {len(found.series)} DICOM series is a CT before surgery of a "
            f"patient of {file.name}; is it the collection NSCLC Radiogenomics?"
        )
    table = pd.concat(
        [
            pd.DataFrame({"case_id": patients, "patient_id": patients}),
            inputs(source),
            after,
            _columns(patients, chosen),
        ],
        axis=1,
    )
    return BuiltCohort(
        table=table[table["ct"].notna()],
        settings=shipped_settings(__package__, ["mmfeat.yaml", "mutations.yaml"]),
        path_columns=("ct",),
        sources=(file.relative_to(download),),
        notes=_notes(chosen),
        left_out={**found.left_out, **without, **taken_out},
    )


def _columns(patients: "pd.Series[str]", chosen: dict[str, ChosenScan]) -> pd.DataFrame:
    scans = [chosen.get(patient) for patient in patients]
    return pd.DataFrame(
        {
            "ct": [None if one is None else one.series.folder.as_posix() for one in scans],
            "ct_series": [None if one is None else one.series.description for one in scans],
            "ct_days_from_ct_date": [
                None if one is None else one.days_from_ct_date for one in scans
            ],
        },
        index=patients.index,
    )


def _notes(chosen: dict[str, ChosenScan]) -> tuple[str, ...]:
    far = [one for one, scan in chosen.items() if abs(scan.days_from_ct_date) > _FAR_DAYS]
    notes = ["times run from the clinical file's day of the CT"]
    if far:
        notes.append(
            f"the CT of {len(far)} patients is more than {_FAR_DAYS} days from that day "
            f"({first_few(far, 3)}; ct_days_from_ct_date)"
        )
    return tuple(notes)


COHORT = PublicCohort(
    name="nsclc-radiogenomics",
    title="NSCLC Radiogenomics (R01 and AMC), The Cancer Imaging Archive",
    homepage="https://doi.org/10.7937/K9/TCIA.2017.7hs46erv",
    licence="CC BY 3.0, by the index of Imaging Data Commons",
    access="Open: NBIA Data Retriever or idc-index for the series, the clinical CSV beside them",
    citation=(
        "Bakr et al., A radiogenomic dataset of non-small cell lung cancer, Scientific Data 2018, "
        "doi 10.1038/sdata.2018.202\n"
        "Bakr et al., Data for NSCLC Radiogenomics Collection, The Cancer Imaging Archive 2017, "
        "doi 10.7937/K9/TCIA.2017.7hs46erv"
    ),
    variants={"scans": "the CT nearest to the clinical file's day, before surgery, and the record"},
    build=build,
    write_sample=write_sample,
)
