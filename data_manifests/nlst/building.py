"""Make the tables and settings of NLST, from scans or from Google's embeddings of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.validation_part import validation_part

from .google_archive import LABELS, GoogleEmbeddings, read_google_embeddings
from .official_split import NOT_IN_SPLIT, official_split
from .outcomes import outcomes
from .participants import SCREENS, Participants, read_participants
from .readings import read_readings
from .records import records
from .series import choose_series
from .settings import settings_for

UNKNOWN = "the participant is not in the table of participants"
IN_BOTH = "the participant is in the archive for tuning, too"
BY_DAYS = ("cancer_1y", "lung_cancer")
_VAL_SHARE = 0.2
LeftOut = dict[str, tuple[str, ...]]


def build_from_scans(download: Path) -> BuiltCohort:
    """Return a case for each screen of which there is a CT.

    Raises:
        CohortError: The download is not what is expected.
    """
    people = read_participants(download)
    series = choose_series(download)
    left_out: LeftOut = dict(series.left_out)
    cases = _known(series.frame, people, left_out)
    readings = read_readings(download)
    split = official_split(download, cases["pid"].tolist())
    if split is not None:
        cases["split"] = cases["pid"].map(split.parts)
        cases = _leave_out(cases, cases["split"].isna(), NOT_IN_SPLIT, left_out)
    cases = _labelled(cases, people, left_out)
    table = cases.join(records(people, cases))
    if readings is not None:
        table = table.join(readings.of(cases))
    others = [one.file for one in (readings, split) if one is not None]
    notes = [
        f"{series.n_series} series of {len(series.frame)} screens; of each screen the axial one "
        "with the most images is taken, and of as many one of a kernel for soft tissue",
        *_notes(people),
    ]
    return BuiltCohort(
        table=_manifest(table),
        settings=settings_for(["mmfeat.yaml"], columns=table.columns, targets=BY_DAYS),
        path_columns=("ct",),
        sources=(people.table.file, *series.sources, *others),
        notes=tuple(notes),
        left_out=left_out,
    )


def build_from_embeddings(download: Path) -> BuiltCohort:
    """Return a case for each of Google's embeddings.

    Raises:
        CohortError: The download is not what is expected.
    """
    people = read_participants(download)
    google = read_google_embeddings(download)
    left_out: LeftOut = {}
    cases = _known(google.cases, people, left_out)
    cases["split"] = google_parts(cases)
    cases = _leave_out(cases, cases["split"].isna(), IN_BOTH, left_out)
    if cases["archive"].nunique() < 2:
        cases = cases.drop(columns="split")
    n_dated = int(cases["study_yr"].notna().sum())
    is_dated = n_dated == len(cases)
    targets = [*LABELS, *(BY_DAYS if is_dated else ())]
    if is_dated:
        cases = _labelled(cases.astype({"study_yr": int}), people, left_out)
    else:
        cases = cases.drop(columns="study_yr")
    table = cases.join(records(people, cases))
    notes = (
        _notes(people)
        if is_dated
        else [
            f"{n_dated} of {len(cases)} keys of the archives tell which screen they are of; as not "
            "all do, the targets are Google's own labels, and there are none by days"
        ]
    )
    return BuiltCohort(
        table=_manifest(table),
        settings=settings_for(
            ["embeddings.yaml", "paper.yaml"], columns=table.columns, targets=targets
        ),
        extra_tables={"embeddings.parquet": _vectors(google, table.index)},
        sources=(people.table.file, *google.sources),
        notes=tuple(notes),
        left_out=left_out,
    )


def google_parts(cases: pd.DataFrame) -> "pd.Series[Any]":
    """Return the part of each case: Google's archive for tuning is the test part.

    Some participants of the archive for training are set aside for validation. A case of that
    archive whose participant is in the other one, too, has no part.

    Args:
        cases: By case: ``pid`` and ``archive``.
    """
    tuned = set(cases.loc[cases["archive"] == "tune", "pid"])
    trained = sorted(set(cases["pid"]) - tuned)
    aside = validation_part(trained, _VAL_SHARE) if len(trained) > 1 else frozenset()
    parts = cases["pid"].map(lambda pid: "val" if pid in aside else "train").astype(object)
    parts[cases["archive"] == "tune"] = "test"
    parts[(cases["archive"] == "train") & cases["pid"].isin(tuned)] = None
    return parts


def _known(cases: pd.DataFrame, people: Participants, left_out: LeftOut) -> pd.DataFrame:
    return _leave_out(cases, ~cases["pid"].isin(people.days.index), UNKNOWN, left_out)


def _labelled(cases: pd.DataFrame, people: Participants, left_out: LeftOut) -> pd.DataFrame:
    """Return the cases that have labels, with them and the day of their screen."""
    of_case = people.days.loc[cases["pid"]].set_axis(cases.index, axis=0)
    screened = pd.Series(np.nan, index=cases.index)
    for year in SCREENS:
        screened = screened.mask(cases["study_yr"] == year, of_case[f"screened{year}"])
    found = outcomes(of_case[["diagnosed", "followed"]].assign(screened=screened))
    left_out |= found.left_out
    if found.labels.empty:
        raise CohortError(f"{people.table.file}: none of the {len(cases)} cases has a label")
    return cases.assign(screened=screened).join(found.labels, how="inner")


def _leave_out(
    cases: pd.DataFrame, wrong: "pd.Series[bool]", reason: str, left_out: LeftOut
) -> pd.DataFrame:
    if wrong.any():
        left_out[reason] = tuple(cases.index[wrong])
    if wrong.all():
        raise CohortError(f"no case is left, as of all {len(cases)}: {reason}")
    return cases[~wrong].copy()


def _manifest(table: pd.DataFrame) -> pd.DataFrame:
    # mmfeat looks at a column of this name: it says where it alone tells a target.
    names = {"pid": "patient_id", "screened": "screen_day", "kernel": "ConvolutionKernel"}
    named = table.rename(columns=names)
    return named.rename_axis("case_id").reset_index()


def _vectors(google: GoogleEmbeddings, case_ids: pd.Index) -> pd.DataFrame:
    rows = google.cases.index.get_indexer(case_ids)
    names = [f"feature_{number:04d}" for number in range(google.vectors.shape[1])]
    frame = pd.DataFrame(google.vectors[rows], columns=names)
    frame.insert(0, "case_id", case_ids)
    return frame


def _notes(people: Participants) -> list[str]:
    if people.followed_by == "fup_days":
        return []
    return [
        "this release has no `fup_days`: without cancer, follow-up ends with `canc_free_days`, "
        "which its dictionary advises against for incidence; ask CDAS for the full table where "
        "rates matter"
    ]
