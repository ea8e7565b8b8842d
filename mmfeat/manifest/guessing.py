"""Guess settings from an unknown table: every column gets a role or a reason to be left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.config.cohort import CohortSettings
from mmfeat.config.labels import label_text
from mmfeat.config.template import Guess, GuessedSettings
from mmfeat.errors import CohortError
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.guessed_dates import guess_dates
from mmfeat.manifest.guessed_inputs import reason_to_leave_out, type_of
from mmfeat.manifest.guessed_roles import (
    guess_case_id,
    guess_patient_id,
    guess_site,
    guess_split,
    guess_volumes,
    is_mask_path,
    volume_guesses,
)
from mmfeat.manifest.guessed_targets import asked_targets, guess_targets

DEFAULT_MISSING: tuple[str, ...] = tuple(CohortSettings.model_fields["missing"].default)
"""The texts that mean nothing is known when the settings do not say."""
_UNKNOWN_WORDS = (
    frozenset(("-", "--", "n.a.", "n.d.", "na", "nd", "<na>", "#n/a", "nat", "n/k", "unk"))
    | {"unknown", "missing", "not available", "not done", "not known", "not applicable"}
    | {"not recorded", "not reported", "not assessed"}
)
"""Cells that may say that nothing is known, in lower case."""
_FEW_ROWS = 10
"""Rows for each value of a column under which it may give a target away by chance."""
_OUTCOME = Guess(None, "an outcome, known only afterwards; it can be a target", doubtful=True)


def guess_settings(
    frame: pd.DataFrame, *, folder: Path, targets: Sequence[str] = ()
) -> GuessedSettings:
    """Guess what each column of a table is.

    Args:
        frame: The table as stripped text, NaN where a cell is missing.
        folder: Folder of the table, that paths of scans are relative to.
        targets: Columns to predict; guessed from names when none is given.

    Raises:
        CohortError: No column names the cases, nothing can be predicted, or nothing is left to
            predict it from.
    """
    unknown = _unknown_words(frame)
    frame = frame.where(~frame.isin(unknown), np.nan)
    profiles = {str(name): ColumnProfile.of(frame, str(name)) for name in frame.columns}
    patient_id = guess_patient_id(profiles)
    case_id = guess_case_id(profiles, patient_id)
    site, split = guess_site(profiles), guess_split(profiles)
    free = _without(profiles, [case_id.value, patient_id, site, split])
    found_targets = asked_targets(profiles, targets) if targets else guess_targets(free)
    if not found_targets:
        raise CohortError(
            "no column sounds like an outcome; name what is to be predicted with --target COLUMN"
            f"{_two_valued(free)}"
        )
    free = _without(free, _columns_of(found_targets))
    volumes = guess_volumes(free, folder)
    free = _without(free, list(volumes))
    other_outcomes = _columns_of(guess_targets(free))  # not asked for, and no inputs either
    columns, left_out = _guess_inputs(_without(free, other_outcomes), frame, found_targets)
    left_out = {name: _OUTCOME for name in other_outcomes} | left_out
    if not volumes and not columns:
        raise CohortError(
            "nothing is left to predict from: no column has paths of scans or clinical values"
        )
    if site is not None:
        left_out[site] = Guess(None, "the site: where, not who; `cohort.site`")
    return GuessedSettings(
        case_id=case_id,
        patient_id=_patient_guess(patient_id, case_id.value),
        site=None if site is None else Guess(site, "for `split: {by_site: true}`"),
        missing=_missing_guess(unknown),
        targets=found_targets,
        split=_split_guess(split, found_targets, profiles),
        volumes=volume_guesses(volumes),
        columns=columns,
        left_out=left_out,
    )


def _guess_inputs(
    profiles: Mapping[str, ColumnProfile], frame: pd.DataFrame, targets: Mapping[str, Guess]
) -> tuple[dict[str, Guess], dict[str, Guess]]:
    columns, left_out, dates = {}, {}, []
    for name, profile in profiles.items():
        reason = Guess(None, "paths of masks") if is_mask_path(profile) else None
        reason = reason or reason_to_leave_out(profile) or _given_away(frame, name, targets)
        if reason is not None:
            left_out[name] = reason
        elif profile.date_formats:
            dates.append(profile)
        else:
            columns[name] = type_of(profile)
    used_dates, dates_left_out = guess_dates(dates)
    return columns | used_dates, left_out | dates_left_out


def _given_away(frame: pd.DataFrame, column: str, targets: Mapping[str, Guess]) -> Guess | None:
    """Return a reason to leave out a column of few values, each of which means one answer."""
    for target in targets.values():
        answer = target.value.get("column")
        if answer is None:
            continue
        both = frame[[column, answer]].dropna().map(label_text)
        n_values = both.nunique()
        if n_values[answer] < 2 or len(both) < _FEW_ROWS * n_values[column]:
            continue
        if len(both.drop_duplicates()) == n_values[column]:
            return Guess(None, f"each of its values means one answer of `{answer}`", doubtful=True)
    return None


def _unknown_words(frame: pd.DataFrame) -> list[str]:
    cells = set().union(*(frame[name].dropna() for name in frame.columns))
    return sorted(cell for cell in cells if cell.lower() in _UNKNOWN_WORDS)


def _missing_guess(unknown: Sequence[str]) -> Guess | None:
    if not unknown:
        return None
    value = [*DEFAULT_MISSING, *unknown]
    return Guess(value, f"added: {', '.join(unknown)}; do they mean nothing?", doubtful=True)


def _patient_guess(patient_id: str | None, case_id: str) -> Guess:
    if patient_id is None:
        reason = "no column names patients: has each of them one row only?"
        return Guess(case_id, reason, doubtful=True)
    return Guess(patient_id, "the unit of splitting", doubtful=False)


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


def _columns_of(targets: Mapping[str, Guess]) -> list[str]:
    keys = ("column", "time", "event")
    return [guess.value[key] for guess in targets.values() for key in keys if key in guess.value]


def _without(
    profiles: Mapping[str, ColumnProfile], names: Sequence[Any]
) -> dict[str, ColumnProfile]:
    return {name: profile for name, profile in profiles.items() if name not in names}


def _two_valued(profiles: Mapping[str, ColumnProfile]) -> str:
    names = [f"`{name}`" for name, profile in profiles.items() if len(profile.labels) == 2]
    return f"; two values are in {', '.join(names[:10])}" if names else ""
