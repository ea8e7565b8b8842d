"""Guess settings from an unknown table: every column gets a role or a reason to be left out."""

import math
from collections.abc import Iterable, Mapping, Sequence
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
from mmfeat.manifest.guessed_inputs import fits_scale, reason_to_leave_out, type_of
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

DEFAULT_MISSING: tuple[str, ...] = tuple(CohortSettings.model_fields["missing"].default)
"""The texts that mean nothing is known when the settings do not say."""
_NONE = frozenset(text for text in DEFAULT_MISSING if text.lower() == "none")
READ_AS_MISSING = tuple(text for text in DEFAULT_MISSING if text not in _NONE)
"""Those of them that are never a level, as `none` may be: none, mild, moderate, severe."""
_UNKNOWN_WORDS = (
    frozenset(("-", "--", "n.a.", "n.d.", "na", "nd", "<na>", "#n/a", "nat", "n/k", "unk"))
    | {"unknown", "missing", "not available", "not done", "not known", "not applicable"}
    | {"not recorded", "not reported", "not assessed"}
)
"""Cells that may say that nothing is known, in lower case."""
_FEW_ROWS = 10
"""Rows for each value of a column under which it may give a target away by chance ..."""
_RARE = 1000
"""... unless it would do so in less than one of so many random orders of the answers."""
_NO_PATIENTS = "no column names patients: has each of them one row only?"
_OUTCOME = Guess(None, "an outcome, known only afterwards; it can be a target", doubtful=True)


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
    unknown = _unknown_words(frame)
    with_none = _columns_with_level_none(frame)
    frame = frame.where(~frame.isin([*unknown, *(() if with_none else _NONE)]), np.nan)
    profiles = {str(name): ColumnProfile.of(frame, str(name)) for name in frame.columns}
    others = _without(profiles, targets)
    site, split = guess_site(others), guess_split(others)
    volumes = guess_volumes(_without(others, [site, split]), folder)
    patient_id = guess_patient_id(others) or Guess(None, "")
    case_id = guess_case_id(others, patient_id.value, volumes=volumes)
    roles = [case_id.value, patient_id.value, site, split, *volumes]
    free = _without(profiles, roles)
    found_targets = asked_targets(profiles, targets) if targets else guess_targets(free)
    if not found_targets:
        raise CohortError(
            "no column sounds like an outcome; name what is to be predicted with --target COLUMN"
            f"{_two_valued(free)}"
        )
    used = _columns_of(found_targets)
    other_outcomes = [name for name in outcome_columns(free) if name not in used]
    free = _without(free, [*used, *other_outcomes])
    patients = frame[patient_id.value or case_id.value]
    columns, left_out = _guess_inputs(free, frame, targets=found_targets, patients=patients)
    left_out = {name: _OUTCOME for name in other_outcomes} | left_out
    if not volumes and not columns:
        raise CohortError(
            "nothing is left to predict from: no column has paths of scans or clinical values"
        )
    if site is not None:
        left_out[site] = Guess(None, "the site: where, not who; `cohort.site`")
    return GuessedSettings(
        case_id=case_id,
        patient_id=patient_id if patient_id.value else Guess(case_id.value, _NO_PATIENTS, True),
        site=None if site is None else Guess(site, "for `split: {by_site: true}`"),
        missing=_missing_guess(unknown, with_none),
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
        reason = Guess(None, "paths of masks") if is_mask_path(profile) else None
        reason = reason or reason_to_leave_out(profile)
        reason = reason or _given_away(frame, name, targets=targets, patients=patients)
        if reason is not None:
            left_out[name] = reason
        elif profile.date_formats:
            dates.append(profile)
        else:
            columns[name] = type_of(profile)
    used_dates, dates_left_out = guess_dates(dates)
    return columns | used_dates, left_out | dates_left_out


def _given_away(
    frame: pd.DataFrame,
    column: str,
    *,
    targets: Mapping[str, Guess],
    patients: "pd.Series[str]",
) -> Guess | None:
    """Return a reason to leave out a column of few values, each of which means one answer.

    A patient with the same value and answer in several rows counts once.
    """
    for target in targets.values():
        answer = target.value.get("column")
        if answer is None:
            continue
        both = frame[[column, answer]].dropna().map(label_text)
        both = both[~pd.concat([both, patients[both.index]], axis=1).duplicated()]
        n_values = both.nunique()
        if n_values[answer] < 2 or len(both.drop_duplicates()) > n_values[column]:
            continue
        many = len(both) >= _FEW_ROWS * n_values[column]
        if many or _is_no_chance(both[answer].value_counts(), n_values[column]):
            return Guess(None, f"each of its values means one answer of `{answer}`", doubtful=True)
    return None


def _is_no_chance(answers: Iterable[int], n_values: int) -> bool:
    """Say whether few of all orders of the answers have one answer only for each value."""
    counts = list(answers)
    orders = math.lgamma(sum(counts) + 1) - sum(math.lgamma(count + 1) for count in counts)
    return orders > n_values * math.log(len(counts)) + math.log(_RARE)


def _unknown_words(frame: pd.DataFrame) -> list[str]:
    cells = [set(frame[name].dropna()) for name in frame.columns]
    negative = {"-"} if any({"+", "-"} <= found for found in cells) else set()
    known = set().union(*cells) - negative
    return sorted(cell for cell in known if cell.lower() in _UNKNOWN_WORDS)


def _columns_with_level_none(frame: pd.DataFrame) -> list[str]:
    labels = {str(name): set(frame[name].dropna()) for name in frame.columns}
    return [name for name, found in labels.items() if found & _NONE and fits_scale(found)]


def _missing_guess(unknown: Sequence[str], with_none: Sequence[str]) -> Guess | None:
    if not unknown and not with_none:
        return None
    reasons = [f"added: {', '.join(unknown)}; do they mean nothing?"] * bool(unknown)
    reasons += [f"without none, a level of `{name}`" for name in with_none]
    value = [*(READ_AS_MISSING if with_none else DEFAULT_MISSING), *unknown]
    return Guess(value, "; ".join(reasons), doubtful=True)


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
