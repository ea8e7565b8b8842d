"""Guess the type of each column of the clinical record, or the reason to leave it out."""

import re

from mmfeat.config.modalities import BooleanColumn
from mmfeat.config.template import Guess
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.guessed_targets import label_value, sorted_labels, sounds_like_outcome

_FEW_CODES = 10
_FEW_CATEGORIES = 30
_ID_WORDS = ("id", "uid", "mrn", "accession", "identifier", "uuid")
_SCANNER_WORDS = ("scanner", "manufacturer", "kernel", "device", "vendor")
_LEVEL_WORDS = ("stage", "grade", "grading", "score", "rating", "ecog", "performance", "level")
_CODE_WORDS = ("site", "type", "code", "sex", "gender", "race", "ethnicity", "status", "category")
_SCALES = (
    ("none", "minimal", "mild", "moderate", "severe"),
    ("very low", "low", "medium", "moderate", "high", "very high"),
    ("never", "former", "current"),
    ("0", "I", "IA", "IB", "II", "IIA", "IIB", "III", "IIIA", "IIIB", "IIIC", "IV", "IVA", "IVB"),
)
_NUMBERED_LEVEL = re.compile(r"([A-Za-z]+)([0-9])[a-z]?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_YES_NO = BooleanColumn(type="boolean")
_SENTINELS = (-1, -9, -99, -999, -9999, 99, 999, 9999)


def reason_to_leave_out(profile: ColumnProfile) -> Guess | None:
    """Return why a column can be no input, or None."""
    n_values, n_known = len(profile.labels), len(profile.cells)
    if n_values < 2:
        return Guess(None, "the same in every row" if n_values else "empty")
    if sounds_like_outcome(profile):
        return Guess(None, "sounds like an outcome, known only afterwards", doubtful=True)
    if profile.named(_ID_WORDS) and n_values > n_known / 2:
        return Guess(None, "an identifier")
    if profile.numbers is not None and _counts_rows(profile.numbers):
        return Guess(None, "counts the rows")
    if profile.named(_SCANNER_WORDS):
        return Guess(None, "tells how the scan was made, not who the patient is", doubtful=True)
    if profile.numbers is None and not profile.date_formats:
        if sum(bool(_DECIMAL_COMMA.fullmatch(cell)) for cell in profile.cells) > n_known / 2:
            return Guess(None, "numbers with a decimal comma; write them with a point", True)
        if n_values > max(_FEW_CATEGORIES, n_known / 20):
            return Guess(None, f"text with {n_values} different values in {n_known} rows", True)
    return None


def type_of(profile: ColumnProfile) -> Guess:
    """Return the settings of a column that is no date."""
    if _is_yes_or_no(profile):
        return Guess({"type": "boolean"}, _values(profile))
    if profile.numbers is None or profile.has_codes:
        return _type_of_text(profile)
    few = len(profile.labels) <= _FEW_CODES and all(n.is_integer() for n in profile.numbers)
    if not few:
        low, high = min(profile.numbers), max(profile.numbers)
        sentinel = _sentinel(profile.numbers)
        if sentinel is not None:
            question = f"does {sentinel} mean missing? then add it to `missing`"
            return Guess({"type": "numeric"}, f"{low:g} to {high:g}; {question}", doubtful=True)
        return Guess({"type": "numeric"}, f"{low:g} to {high:g}")
    levels = [label_value(label) for label in sorted_labels(profile)]
    if profile.named(_CODE_WORDS):
        return Guess({"type": "categorical"}, f"codes or levels? {_values(profile)}", True)
    value = {"type": "ordinal", "levels": levels}
    if profile.named(_LEVEL_WORDS):
        return Guess(value, _values(profile))
    question = "levels, codes (categorical) or counts (numeric)?"
    return Guess(value, f"{question} {_values(profile)}", doubtful=True)


def _type_of_text(profile: ColumnProfile) -> Guess:
    labels = list(profile.labels)
    for scale in _SCALES:
        order = {level.lower(): place for place, level in enumerate(scale)}
        if len(labels) > 2 and all(label.lower() in order for label in labels):
            levels = sorted(labels, key=lambda label: order[label.lower()])
            value = {"type": "ordinal", "levels": [label_value(level) for level in levels]}
            return Guess(value, f"in this order? {_values(profile)}", doubtful=True)
    stems = {_NUMBERED_LEVEL.sub(r"\1", label) for label in labels}
    if len(labels) > 2 and len(stems) == 1 and all(map(_NUMBERED_LEVEL.fullmatch, labels)):
        value = {"type": "ordinal", "levels": sorted(labels)}
        return Guess(value, f"in this order? {_values(profile)}", doubtful=True)
    return Guess({"type": "categorical"}, _values(profile))


def _is_yes_or_no(profile: ColumnProfile) -> bool:
    known = {str(label).lower() for label in [*_YES_NO.true, *_YES_NO.false]}
    return {label.lower() for label in profile.labels} <= known


def _counts_rows(numbers: tuple[float, ...]) -> bool:
    return len(numbers) > _FEW_CODES and all(
        number == numbers[0] + place for place, number in enumerate(numbers)
    )


def _sentinel(numbers: tuple[float, ...]) -> int | None:
    """Return a number that may stand for a missing one: repeated, and far from all others."""
    for sentinel in _SENTINELS:
        others = [number for number in numbers if number != sentinel]
        if len(others) < 2 or len(numbers) - len(others) < 2:
            continue
        low, high = min(others), max(others)
        margin = (high - low) / 2
        is_far = not low - margin <= sentinel <= high + margin
        if is_far or sentinel < 0 <= low:
            return sentinel
    return None


def _values(profile: ColumnProfile) -> str:
    shown = [f"{label} x {count}" for label, count in profile.labels.most_common(_FEW_CODES)]
    return ", ".join(shown) + ", ..." * (len(profile.labels) > _FEW_CODES)
