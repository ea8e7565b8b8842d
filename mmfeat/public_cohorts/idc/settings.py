"""Settings for scans of Imaging Data Commons: whole but for what is to be predicted."""

from collections.abc import Sequence

import pandas as pd

_TEXT = """\
# Scans of Imaging Data Commons: {names}
# Written by `mmfeat manifest idc`. The index knows scans, and no outcomes: add a column to
# table.csv (by patient_id, study_uid or series_uid), and name it under `targets`.
# Every setting, with its meaning and default: `mmfeat config schema`.

cohort:
  manifest: table.csv           # one row a {case_is}
  case_id: case_id
  patient_id: patient_id        # a patient's cases are never on two sides of a split
  collections: [{collections}]
  targets:
    # outcome:                  # a name of your choice
    #   kind: binary            # or multiclass, multilabel, regression, time_to_event
    #   column: outcome         # the column that you added
  split:
    folds: 5

modalities:
  ct:
    kind: volume
    column: ct                  # folders as `idc download` makes them
    encoder: intensity-stats    # needs no weights; `mmfeat encoders list` shows the others, and
                                # docs/encoders.md which of them were trained on these scans
{clinical}
extract:
  cache: cache

train:
  run: run
"""
_CLINICAL = """\
  clinical:                     # what the index knows of a patient; add the columns that you have
    kind: table
    columns:
"""
_COLUMNS = {
    "age": "      age: {type: numeric, unit: years, minimum: 0, maximum: 120}\n",
    "sex": "      sex: {type: categorical, categories: [F, M, O]}\n",
}


def idc_settings(table: pd.DataFrame, names: Sequence[str], *, case_is: str) -> str:
    """Return the text of the settings.

    Args:
        table: The cases; ages and sexes are inputs where the index knows any.
        names: The collections, as their publishers write them.
        case_is: What a row of the table is.
    """
    there = [text for name, text in _COLUMNS.items() if name in table.columns]
    return _TEXT.format(
        names=", ".join(names),
        case_is=case_is,
        collections=", ".join(dict.fromkeys([*names, "IDC"])),
        clinical=_CLINICAL + "".join(there) if there else "",
    )
