"""Guess the type of each column of the clinical record, or the reason to leave it out."""

import re
from collections.abc import Iterable

from mmfeat.config.modalities import BooleanColumn
from mmfeat.config.template import Guess
from mmfeat.manifest.column_profile import ColumnProfile
from mmfeat.manifest.guessed_roles import is_division
from mmfeat.manifest.guessed_targets import label_value, sorted_labels, sounds_like_outcome
from mmfeat.manifest.numbers import plain_number

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
_SENTINELS = (-1, -9, -99, -999, -9999, 9, 99, 999, 9999)


def reason_to_leave_out(profile: ColumnProfile) -> Guess | None:
    """Return why a column can be no input, or None."""
    n_values, n_known = len(profile.labels), len(profile.cells)
    if n_values < 2:
        return Guess(None, "the same in every row" if n_values else "empty")
    if sounds_like_outcome(profile):
        return Guess(None, "sounds like an outcome, known only afterwards", doubtful=True)
    if profile.named(_ID_WORDS) and n_values > min(n_known / 2, _FEW_CODES):
        return Guess(None, "an identifier")
    if profile.numbers is not None and _counts_rows(profile.numbers):
        return Guess(None, "counts the rows")
    if is_division(profile):
        reason = "a division; `split: {column: ...}` needs train, val and test, one in each row"
        return Guess(None, reason, doubtful=True)
    if profile.named(_SCANNER_WORDS):
        return Guess(None, "tells how the scan was made, not who the patient is", doubtful=True)
    return None if profile.date_formats else _reason_against_text(profile)


def fits_scale(labels: Iterable[str]) -> bool:
    """Say whether three or more labels are all levels of one scale that is often used."""
    lower = {label.lower() for label in labels}
    return len(lower) > 2 and any(lower <= {level.lower() for level in scale} for scale in _SCALES)


def type_of(profile: ColumnProfile) -> Guess:
    """Return the settings of a column that is no date."""
    if _is_yes_or_no(profile):
        return Guess({"type": "boolean"}, _values(profile))
    if profile.numbers is None or profile.has_codes:
        return _type_of_text(profile)
    missing = _missing_question(profile, profile.numbers)
    few = len(profile.labels) <= _FEW_CODES and all(n.is_integer() for n in profile.numbers)
    if not few:
        span = f"{min(profile.numbers):g} to {max(profile.numbers):g}"
        return Guess({"type": "numeric"}, span + missing, doubtful=bool(missing))
    reason = _values(profile) + missing
    levels = [label_value(label) for label in sorted_labels(profile)]
    value = {"type": "ordinal", "levels": levels}
    if profile.named(_LEVEL_WORDS):
        return Guess(value, reason, doubtful=bool(missing))
    if profile.named(_CODE_WORDS):
        return Guess({"type": "categorical"}, f"codes or levels? {reason}", doubtful=True)
    question = "levels, codes (categorical) or counts (numeric)?"
    return Guess(value, f"{question} {reason}", doubtful=True)


def _reason_against_text(profile: ColumnProfile) -> Guess | None:
    n_values, n_known = len(profile.labels), len(profile.cells)
    others = [cell for cell in dict.fromkeys(profile.cells) if plain_number(cell) is None]
    if not others and not profile.has_codes:
        return None
    if sum(bool(_DECIMAL_COMMA.fullmatch(cell)) for cell in profile.cells) > n_known / 2:
        return Guess(None, "numbers with a decimal comma; write them with a point", True)
    n_numbers = sum(plain_number(cell) is not None for cell in profile.cells)
    if others and n_numbers > n_known / 2 and n_values > _FEW_CODES:
        shown = ", ".join(f"`{cell}`" for cell in others[:3]) + ", ..." * (len(others) > 3)
        return Guess(None, f"numbers, but for {shown}; correct or empty these cells", True)
    if n_values > max(_FEW_CATEGORIES, n_known / 20):
        return Guess(None, f"text with {n_values} different values in {n_known} rows", True)
    return None


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


def _missing_question(profile: ColumnProfile, numbers: tuple[float, ...]) -> str:
    """Ask whether a number means missing, as its cells write it; nothing when none stands out."""
    sentinel = _sentinel(numbers)
    if sentinel is None:
        return ""
    written = dict.fromkeys(cell for cell in profile.cells if plain_number(cell) == sentinel)
    shown = " and ".join(f"`{cell}`" for cell in written)
    rest = "" if abs(sentinel) > 100 else ", unless other columns hold it as a value"
    return f"; does {shown} mean missing? then add it to `missing`{rest}"


def _values(profile: ColumnProfile) -> str:
    shown = [f"{label} x {count}" for label, count in profile.labels.most_common(_FEW_CODES)]
    return ", ".join(shown) + ", ..." * (len(profile.labels) > _FEW_CODES)
