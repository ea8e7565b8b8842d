"""Guess which columns are outcomes, so that they become targets and never inputs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.config.guess import Guess
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError
from mmfeat.manifest.column_profile import ColumnProfile

Profiles = Mapping[str, ColumnProfile]

_OUTCOME_WORDS = (
    frozenset(("label", "target", "outcome", "event", "died", "dead", "death", "deceased"))
    | {"mortality", "recurrence", "relapse", "progression", "malignant", "malignancy", "cancer"}
    | {"response", "survival", "followup", "readmission", "censored", "censoring", "survived"}
    | {"recurred", "relapsed", "progressed", "readmitted", "alive", "expired", "expire", "exitus"}
    # Overall survival, progression-free survival, ...
    | {"os", "pfs", "rfs", "dfs", "efs", "dss", "dfi", "pfi", "ttp", "mfs", "dmfs"}
)
_OUTCOME_PAIRS = tuple(
    frozenset(pair.split())
    for pair in ("follow up", "vital status", "last contact", "last seen", "fu status", "fu date")
)
_DEAD = re.compile(r"\b(dead|deceased|died|expired)\b", re.IGNORECASE)
_TIME_WORDS = frozenset(("time", "days", "weeks", "months", "years", "duration", "survival"))
_EVENT_WORDS = frozenset(("event", "status", "observed"))
_BEFORE_WORDS = frozenset(("history", "family", "prior", "previous", "past", "before"))
"""Words of things that were known before, such as the family's history of cancer."""
_KNOWN_WITH_AGE = frozenset(("cancer", "malignant", "malignancy"))
"""Words that an age can be of and be known before: that at an earlier cancer, not that at death."""
_YES_NO = {
    "1": "0",
    "true": "false",
    "yes": "no",
    "y": "n",
    "positive": "negative",
    "+": "-",
    "malignant": "benign",
    "dead": "alive",
    "case": "control",
    "event": "censored",
}
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_MOST_CLASSES = 10
_LONGEST_NAME = 60


def sounds_like_outcome(profile: ColumnProfile) -> bool:
    """Say whether a name tells of something that is known only afterwards."""
    words = profile.words & _OUTCOME_WORDS
    if "age" in profile.words:
        words -= _KNOWN_WITH_AGE
    joined = any(pair <= profile.words for pair in _OUTCOME_PAIRS)
    stem = profile.words - _TIME_WORDS
    is_bare_time = profile.named(_TIME_WORDS) and stem <= {"fu"}  # `time`, `fu_months`
    found = bool(words) or joined or is_bare_time or _tells_of_death(profile)
    return found and not profile.named(_BEFORE_WORDS)


def guess_targets(profiles: Profiles) -> dict[str, Guess]:
    """Return a target for each outcome: time and event in pairs, then two or a few classes.

    Binary ones come first, as the folds are stratified by the first.
    """
    pairs, paired = [], set()
    for event in profiles.values():
        times = _times_of(event, profiles)
        if times:
            value = {"kind": "time_to_event", "time": times[0].name, "event": event.name}
            reason = f"{event.labels['1']} events; the time must be since the scan"
            pairs.append(Guess(value, reason, event.evidence("a time since something else")))
            paired |= {event.name, *(time.name for time in times)}
    classes = [
        target_of(profile)
        for profile in profiles.values()
        if profile.name not in paired and sounds_like_outcome(profile) and _has_classes(profile)
    ]
    classes.sort(key=lambda guess: guess.value["kind"] != "binary")
    return _named([*classes, *pairs])


def outcome_columns(profiles: Profiles) -> list[str]:
    """Return all columns that a target could be read from, and all times of their events."""
    found = guess_targets(profiles)
    columns = [guess.value["column"] for guess in found.values() if "column" in guess.value]
    for event in profiles.values():
        times = _times_of(event, profiles)
        columns += [profile.name for profile in (event, *times) if times]
    return list(dict.fromkeys(columns))


def asked_targets(profiles: Profiles, columns: Sequence[str]) -> dict[str, Guess]:
    """Return a target for each column that the user names.

    Raises:
        CohortError: There is no such column, or nothing to tell apart in it.
    """
    for column in columns:
        if column not in profiles:
            raise CohortError(f"--target {column}: no such column{did_you_mean(column, profiles)}")
        if len(profiles[column].labels) < 2:
            raise CohortError(f"--target {column}: all rows have the same value or none")
    return _named([target_of(profiles[column]) for column in dict.fromkeys(columns)])


def target_of(profile: ColumnProfile) -> Guess:
    """Return the settings of a target that is read from one column of two values or more."""
    labels = profile.labels
    known = f"known in {len(profile.cells)} of {profile.n_rows} rows"
    value: dict[str, Any]
    if len(labels) == 2:
        positive, negative, doubtful = _positive_and_negative(profile)
        value = {
            "kind": "binary",
            "column": profile.name,
            "positive": label_value(positive),
            "negative": label_value(negative),
        }
        share = f"{100 * labels[positive] / labels.total():.1f} % are `{positive}`; {known}"
        note = "; is that the yes?" if doubtful else ""
        rivals = [f"`{negative}` is the yes"] * doubtful
        return Guess(value, share + note, profile.evidence(*rivals))
    if profile.numbers is not None and len(labels) > _MOST_CLASSES:
        value = {"kind": "regression", "column": profile.name}
        return Guess(value, f"a number; {known}", profile.evidence())
    value = {
        "kind": "multiclass",
        "column": profile.name,
        "classes": [label_value(label) for label in sorted_labels(profile)],
    }
    reason = f"are these {len(labels)} classes? {known}"
    return Guess(value, reason, profile.evidence("levels or numbers"))


def label_value(label: str) -> str | int:
    """Return a label as YAML would best write it: whole numbers as such."""
    return int(label) if _WHOLE_NUMBER.fullmatch(label) else label


def sorted_labels(profile: ColumnProfile) -> list[str]:
    """Return the values of a column, by number where they are numbers."""
    if profile.numbers is not None:
        return sorted(profile.labels, key=float)
    return sorted(profile.labels)


def _named(targets: Sequence[Guess]) -> dict[str, Guess]:
    """Name each target by its column, in the letters, digits and `_` that names may have."""
    named: dict[str, Guess] = {}
    for guess in targets:
        column = guess.value.get("column", guess.value.get("event"))
        name = re.sub(r"[^A-Za-z0-9_]+", "_", column).strip("_")[:_LONGEST_NAME] or "target"
        if name in named:
            name = f"{name}_{len(named)}"
        named[name] = guess
    return named


def _positive_and_negative(profile: ColumnProfile) -> tuple[str, str, bool]:
    by_lower = {label.lower(): label for label in profile.labels}
    for yes, no in _YES_NO.items():
        if by_lower.keys() == {yes, no}:
            return by_lower[yes], by_lower[no], False
    common, rare = (label for label, _ in profile.labels.most_common())
    return rare, common, True


def _tells_of_death(profile: ColumnProfile) -> bool:
    return len(profile.labels) <= _MOST_CLASSES and any(map(_DEAD.search, profile.labels))


def _has_classes(profile: ColumnProfile) -> bool:
    """Say whether there are two values, or a few that are of several rows and no times."""
    n_values = len(profile.labels)
    if profile.date_formats or n_values <= 2:
        return n_values == 2 and not profile.date_formats
    is_time = profile.numbers is not None and profile.named({*_TIME_WORDS, "age"})
    return n_values <= min(_MOST_CLASSES, len(profile.cells) / 2) and not is_time


def _times_of(event: ColumnProfile, profiles: Profiles) -> list[ColumnProfile]:
    """Return the columns with the time of an event: `os_days` for `os_event`, `time` for `event`.

    A status needs to be of an outcome: `diabetes_status` and `diabetes_years` are no event.
    """
    stem = event.words - _EVENT_WORDS
    is_status = event.words & _EVENT_WORDS == {"status"}
    if not event.named(_EVENT_WORDS) or event.labels.keys() != {"0", "1"}:
        return []
    if is_status and stem and not sounds_like_outcome(event):
        return []
    return [
        time
        for time in profiles.values()
        if time.named(_TIME_WORDS)
        and time.words - _TIME_WORDS == stem
        and time.numbers is not None
        and min(time.numbers) >= 0
        and len(time.cells) == len(event.cells)
    ]
