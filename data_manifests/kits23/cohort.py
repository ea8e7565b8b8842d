"""KiTS23: the clinical file and the scans beside it become a table and settings."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.reading import read_json_records
from mmfeat.public_cohorts.settings_text import shipped_settings

from .records import REQUIRED, inputs, outcomes
from .sample import write_sample

_CLINICAL = ("kits23.json", "dataset/kits23.json", "*/kits23.json", "*/dataset/kits23.json")
_SCANS = ("{case}/imaging.nii.gz", "images/{case}.nii.gz")
"""Where the challenge's program puts a scan, and where the store that it reads from has it."""
_MASK = "{case}/segmentation.nii.gz"
_SETTINGS = {"scan": "mmfeat.yaml", "tumour": "fmcib.yaml"}


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the table of all patients whose scan is there.

    Raises:
        CohortError: The download is not that of KiTS23.
    """
    file = find_one(download, _CLINICAL, what="clinical file")
    source = read_json_records(file, required=REQUIRED).unique("case_id")
    source.checked(
        "case_id", lambda text: text.startswith("case_"), must="must be one such as case_00000"
    )
    cases = source["case_id"]
    table = pd.DataFrame(
        {
            "case_id": cases,
            "patient_id": cases,
            "ct": [_there(download, file.parent, case, _SCANS) for case in cases],
            "segmentation": [_there(download, file.parent, case, (_MASK,)) for case in cases],
        },
        index=cases.index,
    )
    table = pd.concat([table, inputs(source), outcomes(source)], axis=1)
    left_out = _left_out(table, variant)
    kept = table[~table["case_id"].isin([case for ids in left_out.values() for case in ids])]
    if kept.empty:
        raise CohortError(
            f"{file.parent}: holds no {'scan' if variant == 'scan' else 'scan with segmentation'} "
            f"of the {len(table)} cases of {file.name}, such as "
            f"{cases.iloc[0]}/{'imaging' if variant == 'scan' else 'segmentation'}.nii.gz; run "
            "kits23_download_data first"
        )
    return BuiltCohort(
        table=kept,
        settings=shipped_settings(__package__, [_SETTINGS[variant]]),
        path_columns=("ct", "segmentation"),
        sources=(file.relative_to(download),),
        notes=(
            "times to death run from surgery; how long before it a patient was scanned is not in "
            "the file",
            f"{kept['high_grade'].isna().sum()} tumours have no ISUP grade, so `high_grade` is "
            "empty there",
        ),
        left_out=left_out,
    )


def _there(download: Path, folder: Path, case: str, patterns: tuple[str, ...]) -> str | None:
    """Return the path of a case's file relative to the download, None where it is not there."""
    for pattern in patterns:
        path = folder / pattern.format(case=case)
        if path.is_file():
            return path.relative_to(download).as_posix()
    return None


def _left_out(table: pd.DataFrame, variant: str) -> dict[str, tuple[str, ...]]:
    without = {"its scan is not in the folder": table["ct"].isna()}
    if variant == "tumour":
        without["its segmentation is not in the folder"] = (
            table["ct"].notna() & table["segmentation"].isna()
        )
    return {why: tuple(table.loc[rows, "case_id"]) for why, rows in without.items() if rows.any()}


COHORT = PublicCohort(
    name="kits23",
    title="KiTS23 (2023 Kidney and Kidney Tumor Segmentation Challenge)",
    homepage="https://github.com/neheller/kits23",
    licence="CC BY-NC-SA 4.0 by its authors' page (NonCommercial, ShareAlike); code MIT",
    access="Open: git clone the homepage, pip install -e kits23, then kits23_download_data",
    citation=(
        "Heller et al., The KiTS21 Challenge: Automatic segmentation of kidneys, renal tumors, "
        "and renal cysts in corticomedullary-phase CT, 2023, arXiv 2307.01984\n"
        "Heller et al., The state of the art in kidney and kidney tumor segmentation in "
        "contrast-enhanced CT imaging: Results of the KiTS19 Challenge, Medical Image Analysis "
        "2021, 67:101821, doi 10.1016/j.media.2020.101821 (arXiv 1912.01054)"
    ),
    variants={
        "scan": "the whole scan by an abdominal encoder, and the record before surgery",
        "tumour": "a cube about the segmented tumour by fmcib, and the record before surgery",
    },
    build=build,
    write_sample=write_sample,
)
