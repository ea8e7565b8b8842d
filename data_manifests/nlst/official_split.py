"""The division of participants that Sybil and, before it, Google's model were tested on.

Sybil's list (a CSV with `pid` and `split`) has about 15,000 participants, and only these then
count. Google's list (supplementary table 5 of Ardila et al., Nat Med 2019) names the test part
alone; all others are for training, and of these some are set aside for validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.public_cohorts.downloads import find_optional
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.validation_part import validation_part

_SYBIL = ("*split*.csv", "*/*split*.csv")
_GOOGLE = ("*41591_2019_447_MOESM5_ESM.xlsx", "*/*41591_2019_447_MOESM5_ESM.xlsx")
_PARTS = {"train": "train", "dev": "val", "test": "test"}
_VAL_SHARE = 0.2  # as Sybil draws it
NOT_IN_SPLIT = "the participant is not in the list of the official split"


@dataclass(frozen=True)
class OfficialSplit:
    """Hold the part of each participant."""

    file: Path
    parts: pd.Series
    """By participant: ``train``, ``val`` or ``test``; NaN: not in the list."""


def official_split(download: Path, pids: Sequence[str]) -> OfficialSplit | None:
    """Return the official parts of participants; None where the download holds no list.

    Raises:
        CohortError: A list is there and cannot be used.
    """
    patients = list(dict.fromkeys(pids))
    sybil = find_optional(download, _SYBIL, what="list of Sybil's split")
    if sybil is not None:
        table = read_source(sybil, required=("pid", "split")).unique("pid").known("split")
        parts = table.coded("split", _PARTS).set_axis(table["pid"].map(label_text), axis=0)
        return OfficialSplit(sybil, parts.reindex(patients))
    google = find_optional(download, _GOOGLE, what="list of Google's test part")
    if google is None:
        return None
    tested = set(read_source(google, required=("patient_id",)).known("patient_id")["patient_id"])
    rest = [pid for pid in patients if pid not in tested]
    aside = validation_part(rest, _VAL_SHARE)
    parts = pd.Series("train", index=patients, dtype=object)
    parts[[pid for pid in patients if pid in tested]] = "test"
    parts[[pid for pid in rest if pid in aside]] = "val"
    return OfficialSplit(google, parts)
