"""Guess the type of each column of the clinical record, or the reason to leave it out."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from mmfeat.config.guess import Evidence, Guess
from mmfeat.config.record_columns import BooleanColumn
from mmfeat.manifest.column_profile import ColumnProfile, words_of
from mmfeat.manifest.guessed_numbers import guess_spelling, plain_numbers, sentinel_of
from mmfeat.manifest.guessed_roles import is_division
from mmfeat.manifest.guessed_targets import label_value, sorted_labels, sounds_like_outcome
from mmfeat.manifest.guessed_texts import guess_text
from mmfeat.manifest.numbers import plain_number
from mmfeat.wording import first_few, ticked

_FEW_CODES = 10
_FEW_CATEGORIES = 30
_ID_WORDS = ("id", "uid", "mrn", "accession", "identifier", "uuid")
_SCANNER_WORDS = ("scanner", "manufacturer", "kernel", "device", "vendor")
_LEVEL_WORDS = ("stage", "grade", "grading", "score", "rating", "ecog", "performance", "level")
_CODE_WORDS = ("site", "type", "code", "sex", "gender", "race", "ethnicity", "status", "category")
_COORDINATES = ("coordx", "coordy", "coordz")
"""What LUNA16 and the authors of FMCIB call the place of a lesion."""
_SCALES = (
    ("none", "minimal", "mild", "moderate", "severe"),
    ("very low", "low", "medium", "moderate", "high", "very high"),
    ("never", "former", "current"),
    ("0", "I", "IA", "IB", "II", "IIA", "IIB", "III", "IIIA", "IIIB", "IIIC", "IV", "IVA", "IVB"),
)
_NUMBERED_LEVEL = re.compile(r"([A-Za-z]+)([0-9])[a-z]?")
_SEPARATORS = (";", "|", ",", "/")
_CODE = re.compile(r"[A-Za-z]{1,3}[0-9][A-Za-z0-9]*(\.[A-Za-z0-9]+)?")
"""A code begins with letters, has a digit and no spaces."""
_ICD = re.compile(r"[A-Za-z][0-9][0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?[*+!]?")
_ATC = re.compile(r"[A-Za-z][0-9]{2}[A-Za-z]{1,2}([0-9]{2})?")
_YES_NO = BooleanColumn(type="boolean")


def reason_to_leave_out(profile: ColumnProfile) -> Guess | None:
    """Return why a column can be no input, or None."""
    n_values, n_known = len(profile.labels), len(profile.cells)
    input_too = profile.evidence("an input")
    if n_values < 2:
        reason = "the same in every row" if n_values else "empty"
        return Guess(None, reason, Evidence(profile.n_rows, profile.n_rows))
    if sounds_like_outcome(profile):
        return Guess(None, "sounds like an outcome, known only afterwards", input_too)
    if profile.named(_ID_WORDS) and n_values > min(n_known / 2, _FEW_CODES):
        return Guess(None, "an identifier", profile.evidence())
    if profile.numbers is not None and _counts_rows(profile.numbers):
        return Guess(None, "counts the rows", profile.evidence())
    if is_division(profile):
        reason = "a division; `split: {column: ...}` needs train, val and test, one in each row"
        return Guess(None, reason, input_too)
    if profile.name.casefold() in _COORDINATES:
        reason = "a coordinate; encoders of one lesion take all three by `point`"
        return Guess(None, reason, profile.evidence())
    if names_scanner(profile.name):
        return Guess(None, "tells how the scan was made, not who the patient is", input_too)
    return None if profile.date_formats else _reason_against_text(profile)


def names_scanner(name: str) -> bool:
    """Say whether a name tells of the machine that made the scan, or of how it was set."""
    return not words_of(name).isdisjoint(_SCANNER_WORDS)


def fits_scale(labels: Iterable[str]) -> bool:
    """Say whether three or more labels are all levels of one scale that is often used."""
    lower = {label.lower() for label in labels}
    return len(lower) > 2 and any(lower <= {level.lower() for level in scale} for scale in _SCALES)


def type_of(profile: ColumnProfile) -> Guess:
    """Return the settings of a column that is no date."""
    if _is_yes_or_no(profile):
        return Guess({"type": "boolean"}, _values(profile), profile.evidence())
    if profile.has_codes:
        return _type_of_text(profile)
    if profile.numbers is None:
        spelled = _list_of_codes(profile) or guess_spelling(profile)
        return spelled or guess_text(profile) or _type_of_text(profile)
    few = len(profile.labels) <= _FEW_CODES and all(n.is_integer() for n in profile.numbers)
    return _type_of_few(profile, profile.numbers) if few else plain_numbers(profile.numbers)


def _reason_against_text(profile: ColumnProfile) -> Guess | None:
    n_values, n_known = len(profile.labels), len(profile.cells)
    if not profile.has_codes and (
        profile.numbers is not None or _list_of_codes(profile) or guess_spelling(profile)
    ):
        return None
    others = [cell for cell in dict.fromkeys(profile.cells) if plain_number(cell) is None]
    n_numbers = sum(plain_number(cell) is not None for cell in profile.cells)
    if others and n_numbers > n_known / 2 and n_values > _FEW_CODES:
        shown = first_few(ticked(others), 3)
        evidence = profile.evidence("a numeric column", n_others=n_known - n_numbers)
        return Guess(None, f"numbers, but for {shown}; correct or empty these cells", evidence)
    if n_values > max(_FEW_CATEGORIES, n_known / 20) and guess_text(profile) is None:
        reason = f"text with {n_values} different values in {n_known} rows"
        return Guess(None, reason, profile.evidence("categorical"))
    return None


def _type_of_few(profile: ColumnProfile, numbers: tuple[float, ...]) -> Guess:
    sentinel = sentinel_of(numbers) if len(profile.labels) > 2 else None
    missing = {} if sentinel is None else {"missing": [sentinel]}
    reason = _values(profile) + ("" if sentinel is None else f"; is {sentinel} missing?")
    levels = [label_value(label) for label in sorted_labels(profile)]
    levels = [level for level in levels if level != sentinel]
    value = {"type": "ordinal", "levels": levels, **missing}
    rivals = () if sentinel is None else (f"{sentinel} is a value",)
    if profile.named(_LEVEL_WORDS):
        return Guess(value, reason, profile.evidence(*rivals))
    if profile.named(_CODE_WORDS):
        value = {"type": "categorical", **missing}
        return Guess(value, f"codes or levels? {reason}", profile.evidence("ordinal", *rivals))
    question = "levels, codes (categorical) or counts (numeric)?"
    evidence = profile.evidence("categorical", "numeric", *rivals)
    return Guess(value, f"{question} {reason}", evidence)


def _list_of_codes(profile: ColumnProfile) -> Guess | None:
    """Return the settings of a column of codes, several in a cell, or None."""
    for separator in _SEPARATORS:
        lists = [[part.strip() for part in cell.split(separator)] for cell in profile.cells]
        codes = {code for codes in lists for code in codes if code}
        if max(map(len, lists)) > 1 and all(map(_CODE.fullmatch, codes)):
            break
    else:
        return None
    value: dict[str, Any] = {"type": "codes", "separator": separator}
    shown = first_few(sorted(codes), 3)
    if all(map(_ATC.fullmatch, codes)):
        return Guess(value | {"cut": 4}, f"medicines by group (ATC): {shown}", profile.evidence())
    if all(map(_ICD.fullmatch, codes)):
        return Guess(
            value | {"cut": 3}, f"diagnoses by category (ICD): {shown}", profile.evidence()
        )
    return Guess(value, f"codes? {shown}", profile.evidence("categorical"))


def _type_of_text(profile: ColumnProfile) -> Guess:
    labels = list(profile.labels)
    for scale in _SCALES:
        order = {level.lower(): place for place, level in enumerate(scale)}
        if len(labels) > 2 and all(label.lower() in order for label in labels):
            levels = sorted(labels, key=lambda label: order[label.lower()])
            value = {"type": "ordinal", "levels": [label_value(level) for level in levels]}
            return Guess(
                value, f"in this order? {_values(profile)}", profile.evidence("another order")
            )
    stems = {_NUMBERED_LEVEL.sub(r"\1", label) for label in labels}
    if len(labels) > 2 and len(stems) == 1 and all(map(_NUMBERED_LEVEL.fullmatch, labels)):
        value = {"type": "ordinal", "levels": sorted(labels)}
        return Guess(value, f"in this order? {_values(profile)}", profile.evidence("another order"))
    folded: Counter[str] = Counter()
    for label, count in profile.labels.items():
        folded[" ".join(label.casefold().split())] += count
    evidence = profile.evidence(n_others=_n_once(folded.values()))
    if len(folded) < len(labels):
        reason = f"some differ only in case: {_values(profile)}"
        return Guess({"type": "categorical", "ignore_case": True}, reason, evidence)
    return Guess({"type": "categorical"}, _values(profile), evidence)


def _n_once(counts: Collection[int]) -> int:
    """Return how many values of a column occur once, so that nothing says they are categories.

    In a few rows that is no sign of anything.
    """
    return sum(count == 1 for count in counts) if sum(counts) >= _FEW_CODES else 0


def _is_yes_or_no(profile: ColumnProfile) -> bool:
    known = {str(label).lower() for label in [*_YES_NO.true, *_YES_NO.false]}
    return {label.lower() for label in profile.labels} <= known


def _counts_rows(numbers: tuple[float, ...]) -> bool:
    return len(numbers) > _FEW_CODES and all(
        number == numbers[0] + place for place, number in enumerate(numbers)
    )


def _values(profile: ColumnProfile) -> str:
    counts = [f"{label} x {count}" for label, count in profile.labels.most_common()]
    return first_few(counts, _FEW_CODES)
