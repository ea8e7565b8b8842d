"""Guess settings from an unknown table: every column gets a role or a reason to be left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mmfeat.config.guess import Guess
from mmfeat.config.template import GuessedSettings
from mmfeat.errors import CohortError
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.guessed_dates import guess_dates
from mmfeat.manifest.guessed_inputs import reason_to_leave_out, type_of
from mmfeat.manifest.guessed_leaks import given_away
from mmfeat.manifest.guessed_missing import without_unknown
from mmfeat.manifest.guessed_roles import (
    guess_case_id,
    guess_patient_id,
    guess_site,
    guess_split,
    guess_volumes,
    is_mask_path,
    volume_guesses,
)
from mmfeat.manifest.guessed_targets import asked_targets, guess_targets, outcome_columns
from mmfeat.wording import first_few

_NO_PATIENTS = "no column names patients: has each of them one row only?"
_OUTCOME = "an outcome, known only afterwards; it can be a target"


def guess_settings(
    frame: pd.DataFrame, *, folder: Path, targets: Sequence[str] = ()
) -> GuessedSettings:
    """Guess what each column of a table is.

    Args:
        frame: The table as stripped text, NaN where a cell is one of ``READ_AS_MISSING``.
        folder: Folder of the table, that paths of scans are relative to.
        targets: Columns to predict; guessed from names when none is given.

    Raises:
        CohortError: No column names the cases, nothing can be predicted, or nothing is left to
            predict it from.
    """
    frame, missing = without_unknown(frame)
    profiles = {str(name): ColumnProfile.of(frame, str(name)) for name in frame.columns}
    others = _without(profiles, targets)
    site, split = guess_site(others), guess_split(others)
    volumes = guess_volumes(_without(others, [site, split]), folder)
    patient_id = guess_patient_id(others)
    patient_column = None if patient_id is None else str(patient_id.value)
    case_id = guess_case_id(others, patient_column, volumes=volumes)
    roles = [case_id.value, patient_column, site, split, *volumes]
    free = _without(profiles, roles)
    found_targets = asked_targets(profiles, targets) if targets else guess_targets(free)
    if not found_targets:
        raise CohortError(
            "no column sounds like an outcome; name what is to be predicted with --target COLUMN"
            f"{_two_valued(free)}"
        )
    used = _columns_of(found_targets)
    left_out = {
        name: Guess(None, _OUTCOME, profiles[name].evidence("an input"))
        for name in outcome_columns(free)
        if name not in used
    }
    free = _without(free, [*used, *left_out])
    patients = frame[patient_column or case_id.value]
    columns, no_inputs = _guess_inputs(free, frame, targets=found_targets, patients=patients)
    left_out |= no_inputs
    if not volumes and not columns:
        raise CohortError(
            "nothing is left to predict from: no column has paths of scans or clinical values"
        )
    if site is not None:
        reason = "the site: where, not who; `cohort.site`"
        left_out[site] = Guess(None, reason, profiles[site].evidence())
    return GuessedSettings(
        case_id=case_id,
        patient_id=patient_id or _no_patients(profiles[case_id.value]),
        site=None if site is None else Guess(site, "for `split: {by_site: true}`"),
        missing=missing,
        targets=found_targets,
        split=_split_guess(split, found_targets, profiles),
        volumes=volume_guesses(volumes),
        columns=columns,
        left_out=left_out,
    )


def _guess_inputs(
    profiles: Mapping[str, ColumnProfile],
    frame: pd.DataFrame,
    *,
    targets: Mapping[str, Guess],
    patients: "pd.Series[str]",
) -> tuple[dict[str, Guess], dict[str, Guess]]:
    columns, left_out, dates = {}, {}, []
    for name, profile in profiles.items():
        reason = None
        if is_mask_path(profile):
            reason = Guess(None, "paths of masks", profile.evidence())
        reason = reason or reason_to_leave_out(profile)
        reason = reason or given_away(frame, name, targets=targets, patients=patients)
        if reason is not None:
            left_out[name] = reason
        elif profile.date_formats:
            dates.append(profile)
        else:
            columns[name] = type_of(profile)
    used_dates, dates_left_out = guess_dates(dates)
    return columns | used_dates, left_out | dates_left_out


def _split_guess(
    split: str | None, targets: Mapping[str, Guess], profiles: Mapping[str, ColumnProfile]
) -> Guess:
    if split is not None:
        return Guess({"column": split}, "made before: train, val and test")
    rarest = [
        min(profiles[target.value["column"]].labels.values())
        for target in targets.values()
        if target.value["kind"] == "binary"
    ]
    folds = max(2, min([5, *rarest[:1]]))  # the first binary target is stratified by
    return Guess({"folds": folds}, "by patients; or `column:` one with train, val and test")


def _no_patients(cases: ColumnProfile) -> Guess:
    return Guess(cases.name, _NO_PATIENTS, cases.evidence("several rows of a patient"))


def _columns_of(targets: Mapping[str, Guess]) -> list[str]:
    keys = ("column", "time", "event")
    return [guess.value[key] for guess in targets.values() for key in keys if key in guess.value]


def _without(
    profiles: Mapping[str, ColumnProfile], names: Sequence[Any]
) -> dict[str, ColumnProfile]:
    return {name: profile for name, profile in profiles.items() if name not in names}


def _two_valued(profiles: Mapping[str, ColumnProfile]) -> str:
    names = [f"`{name}`" for name, profile in profiles.items() if len(profile.labels) == 2]
    return f"; two values are in {first_few(names, 10)}" if names else ""
