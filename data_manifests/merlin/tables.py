"""Read the tables of the Merlin dataset, one row for each study."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.source_table import SourceTable

from .findings import FINDINGS

_IDS = ("study id", "study_id")
_SPLITS = {"train": "train", "val": "val", "test": "test"}
_FOUND = {"1": "1", "0": "0", "-1": None}
ACQUISITION = ("phase", "manufacturer", "manufacturermodelname", "kvp", "slicethickness")


@dataclass(frozen=True)
class StudyTable:
    """Hold what one file says of the studies, by their ids."""

    frame: pd.DataFrame
    """Index: id of the study, each once."""
    contradicting: tuple[str, ...] = ()
    """Studies of which the file says two different things; they are not in the frame."""


def read_splits(file: Path) -> StudyTable:
    """Read which part each study is in; the reports themselves are not kept.

    Raises:
        CohortError: The file is not the table of reports.
    """
    table = _read(file, required=("Split",))
    table.known("Split")
    return _once(table, {"split": table.coded("Split", _SPLITS)})


def read_findings(file: Path) -> StudyTable:
    """Read the findings: 1 mentioned, 0 denied, empty where the report does not say.

    Raises:
        CohortError: The file is not the table of labels.
    """
    table = _read(file, required=FINDINGS)
    return _once(table, {finding: table.coded(finding, _FOUND) for finding in FINDINGS})


def read_metadata(file: Path) -> StudyTable:
    """Read age, gender and race, and how the scan was taken.

    Raises:
        CohortError: The file is not the table of metadata.
    """
    table = _read(file, required=("Age", "Gender", "Race"), optional=ACQUISITION)
    ages = table.number("Age", minimum=0, maximum=130)
    columns = {"age": ages, "gender": table["Gender"], "race": table["Race"]}
    return _once(table, columns | {name: table[name] for name in ACQUISITION})


def _read(file: Path, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> SourceTable:
    """Read a table whose column of ids has one of two names, in whatever case names are."""
    table = read_source(
        file,
        required=required,
        optional=(*_IDS, *optional),
        missing=("nan", "NaN"),
        any_case=True,
    )
    named = [name for name in _IDS if name not in table.absent]
    if len(named) != 1:
        found = "both" if named else "neither"
        raise CohortError(
            f"{file}: has {found} of the columns `study id` and `study_id`; one names the study"
        )
    return SourceTable(
        file=file,
        frame=table.frame.rename(columns={named[0]: "study"}),
        absent=table.absent,
        place=table.place,
    ).known("study")


def _once(table: SourceTable, columns: "dict[str, pd.Series[str]]") -> StudyTable:
    """Return each study once: the release repeats some rows, a few with other contents."""
    frame = pd.DataFrame(columns).set_axis(table["study"].to_numpy(), axis=0)
    numbered = frame.assign(study=frame.index).drop_duplicates()
    again = numbered["study"].duplicated(keep=False)
    contradicting = tuple(dict.fromkeys(numbered.loc[again, "study"]))
    return StudyTable(frame=numbered[~again].drop(columns="study"), contradicting=contradicting)
