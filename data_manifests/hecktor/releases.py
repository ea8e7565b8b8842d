"""How the files of each release of HECKTOR are named, and what their columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass

_NO_OR_YES = {"0": "no", "1": "yes"}
_FALSE_OR_TRUE = {"0": "0", "1": "1"}
_GRADES = {grade: grade for grade in "01234"}


@dataclass(frozen=True)
class Release:
    """Hold what is particular to a release."""

    tables: tuple[str, ...]
    """Names of the tables; of a patient who is in several the first says most."""
    n_needed: int
    """How many of the tables, from the first on, must be there."""
    in_one: tuple[str, ...]
    """Patterns of a table that stands for all of them where it is there."""
    columns: Mapping[str, str]
    """Our name of each column of the tables that is read."""
    codes: Mapping[str, Mapping[str, str]]
    """What the codes of a column mean, by our names; the other columns are numbers or texts."""
    numbers: Mapping[str, tuple[float, float]]
    """Least and largest value of columns that are numbers, by our names."""
    scan_folders: tuple[str, ...]
    """Where the scans of a patient are, relative to each table's folder."""
    masks: tuple[str, ...]
    """What the file with the outlines may be called, relative to each table's folder."""

    def required(self, table: str) -> tuple[str, ...]:
        """Return the columns that a table must have beside ``PatientID``."""
        return _REQUIRED.get(table, _REQUIRED_IN_ONE)


_REQUIRED = {
    "HECKTOR_2025_Training_Task_2.csv": ("Relapse", "RFS", "Age", "Gender"),
    "HECKTOR_2025_Training_Task_3.csv": ("HPV Status",),
    "HECKTOR_2025_Training_Task_1.csv": ("Age",),
    "hecktor2022_clinical_info_training.csv": ("Age", "Gender", "HPV status (0=-, 1=+)"),
    "hecktor2022_endpoint_training.csv": ("Relapse", "RFS"),
}
_REQUIRED_IN_ONE = ("Relapse", "RFS", "Age", "Gender", "HPV Status")
RELEASES = {
    "2025": Release(
        tables=(
            "HECKTOR_2025_Training_Task_2.csv",
            "HECKTOR_2025_Training_Task_3.csv",
            "HECKTOR_2025_Training_Task_1.csv",
        ),
        n_needed=2,
        in_one=("HECKTOR_2025_Training_EHR*.csv", "HECKTOR_2025_Training_EHR*.xlsx"),
        columns={
            "Age": "age",
            "Gender": "sex",
            "Tobacco Consumption": "tobacco",
            "Alcohol Consumption": "alcohol",
            "Performance Status": "performance",
            "M-stage": "m_stage",
            "Treatment": "treatment",
            "HPV Status": "hpv",
            "Relapse": "relapse",
            "RFS": "rfs_days",
        },
        codes={
            "sex": {"0": "female", "1": "male"},
            "tobacco": _NO_OR_YES,
            "alcohol": _NO_OR_YES,
            "performance": _GRADES,
            "treatment": {"0": "radiotherapy", "1": "chemoradiotherapy"},
            "hpv": _FALSE_OR_TRUE,
            "relapse": _FALSE_OR_TRUE,
        },
        numbers={"age": (0, 130), "rfs_days": (0, 36_525)},
        scan_folders=("{patient}",),
        masks=("{patient}/{patient}.nii.gz",),
    ),
    "2022": Release(
        tables=("hecktor2022_clinical_info_training.csv", "hecktor2022_endpoint_training.csv"),
        n_needed=2,
        in_one=(),
        columns={
            "Age": "age",
            "Gender": "sex",
            "Weight": "weight",
            "Tobacco": "tobacco",
            "Alcohol": "alcohol",
            "Performance status": "performance",
            "Surgery": "surgery",
            "Chemotherapy": "chemotherapy",
            "HPV status (0=-, 1=+)": "hpv",
            "Relapse": "relapse",
            "RFS": "rfs_days",
        },
        codes={
            "sex": {"F": "female", "M": "male"},
            "tobacco": _NO_OR_YES,
            "alcohol": _NO_OR_YES,
            "performance": _GRADES,
            "surgery": _NO_OR_YES,
            "chemotherapy": _NO_OR_YES,
            "hpv": _FALSE_OR_TRUE,
            "relapse": _FALSE_OR_TRUE,
        },
        numbers={"age": (0, 130), "weight": (1, 400), "rfs_days": (0, 36_525)},
        scan_folders=("imagesTr",),
        masks=("labelsTr/{patient}.nii.gz",),
    ),
}
"""By the year of the challenge, the latest first."""
