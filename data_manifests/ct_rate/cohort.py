"""CT-RATE: its tables and volumes become a table, a table of scans and settings."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.settings_text import shipped_settings
from mmfeat.public_cohorts.validation_part import validation_part

from .findings import FINDINGS
from .sample import write_sample
from .scan_files import SPLITS, check_there_are_volumes, volumes_there
from .tables import SplitTables, read_split

_SETTINGS = ("mmfeat.yaml", "indication.yaml")
_VALIDATION_SHARE = 0.1
_ALL, _FIRST = "scans", "first-reconstruction"
_OF_THE_SCAN = ("age", "sex", "manufacturer", "indication")
_COLUMNS = ("case_id", "patient_id", "split", *_OF_THE_SCAN, *FINDINGS)


def build(download: Path, variant: str) -> BuiltCohort:
    """Make the table of scans, each with its reconstructions.

    Raises:
        CohortError: The download is not that of CT-RATE.
    """
    inside = "dataset" if (download / "dataset").is_dir() else "."
    root = download / inside
    tables = {split: read_split(root, split) for split in SPLITS}
    check_there_are_volumes(root)
    left_out: dict[str, list[str]] = {}
    found = [
        volumes_there(root, split, tables=tables[split], left_out=left_out) for split in SPLITS
    ]
    volumes = _without_contradictions(pd.concat(found), left_out)
    volumes = volumes.assign(path=[(Path(inside) / path).as_posix() for path in volumes["path"]])
    table = volumes[~volumes["case_id"].duplicated()]
    if table.empty:
        raise CohortError(
            f"{root}: none of the volumes that the tables name is there; download some with their "
            "folders, such as train_fixed/train_1/train_1_a/ and valid_fixed/valid_1/valid_1_a/"
        )
    table, notes = _where_reconstructions_agree(table, volumes)
    scans = table if variant == _FIRST else volumes
    return BuiltCohort(
        table=table.assign(split=_official_split(table))[list(_COLUMNS)],
        settings=shipped_settings(__package__, _SETTINGS),
        extra_tables={"scans.csv": scans[["case_id", "path", "kernel"]]},
        path_columns=("path",),
        sources=tuple(file for split in SPLITS for file in tables[split].files),
        notes=(*notes, *(note for split in SPLITS for note in _table_notes(tables[split], split))),
        left_out={reason: tuple(ids) for reason, ids in left_out.items() if ids},
    )


def _without_contradictions(volumes: pd.DataFrame, left_out: dict[str, list[str]]) -> pd.DataFrame:
    """Return the volumes without scans whose reconstructions have different labels."""
    apart = volumes.groupby("case_id")[list(FINDINGS)].nunique(dropna=False).gt(1).any(axis=1)
    contradicting = apart.index[apart]
    left_out["reconstructions of the scan have different labels"] = list(contradicting)
    return volumes[~volumes["case_id"].isin(contradicting)]


def _where_reconstructions_agree(
    table: pd.DataFrame, volumes: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with empty cells where reconstructions of a scan say different things."""
    notes = []
    for column in _OF_THE_SCAN:
        apart = volumes.groupby("case_id")[column].nunique() > 1
        unsure = table["case_id"].isin(apart.index[apart])
        if unsure.any():
            notes.append(f"`{column}` differs within {unsure.sum()} scans and is empty there")
            table = table.assign(**{column: table[column].mask(unsure)})
    return table, notes


def _official_split(table: pd.DataFrame) -> "pd.Series[str]":
    """Return train, val or test: the official valid part is the test part, val is of train."""
    is_train = table["part"] == "train"
    if is_train.all():
        raise CohortError(
            "no volume of valid_fixed/ is there; it is the official test part, so download some"
        )
    val = validation_part(table.loc[is_train, "patient_id"], _VALIDATION_SHARE)
    inner = table["patient_id"].map(lambda patient: "val" if patient in val else "train")
    return inner.where(is_train, "test")


def _table_notes(tables: SplitTables, split: str) -> list[str]:
    notes = []
    if tables.not_of_the_chest is None:
        notes.append(
            f"no_chest_{split}.txt is not there, so scans of other parts of the body are not "
            "left out"
        )
    if tables.n_without_metadata:
        notes.append(
            f"{tables.n_without_metadata} volumes of {split} have labels and no metadata; they are "
            "not in the table"
        )
    return notes


COHORT = PublicCohort(
    name="ct-rate",
    title="CT-RATE: chest CT volumes with radiology reports and 18 findings",
    homepage="https://huggingface.co/datasets/ibrahimhamamci/CT-RATE",
    licence="CC BY-NC-SA 4.0: not for commercial use",
    access="Accept the terms on the homepage while signed in, then download what you need",
    citation=(
        "Hamamci et al., Generalist foundation models from a multimodal dataset for 3D computed "
        "tomography, Nature Biomedical Engineering 2026, doi 10.1038/s41551-025-01599-y "
        "(arXiv 2403.17834)"
    ),
    variants={
        _ALL: "every reconstruction of each scan; the feature of a scan is their mean",
        _FIRST: "only the first reconstruction of each scan, for half the time and disk",
    },
    build=build,
    write_sample=write_sample,
)
