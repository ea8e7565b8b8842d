"""Read one cell of a table as a number: with its unit, as a limit, as the column spells it."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from mmfeat.config.labels import label_text
from mmfeat.config.record_columns import NumericColumn
from mmfeat.config.spelling import did_you_mean

LARGEST_NUMBER = 1e100
"""Numbers beyond this are refused: nothing is that large, and their squares would overflow."""
_BELOW, _ABOVE = "<≤", ">≥"
_LIMIT = re.compile(rf"([{_BELOW}{_ABOVE}])=?\s*(.*)", re.DOTALL)
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
PLAIN_NUMBER = rf"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+){_EXPONENT}"
"""The pattern of a number with a decimal point and nothing else; `float` reads it."""
_NOT_NUMBERS = (
    (
        r"[+-]?[0-9]*([.,'\s][0-9]+)+",
        "numbers are written with a decimal point and without thousands separators, such as "
        "1234.5, unless the column's `decimal` and `thousands` say otherwise",
    ),
    (
        rf"[{_BELOW}{_ABOVE}~≈].*",
        "a limit is not a number; set the column's `limits`, write a number that stands for it, or "
        "leave the cell empty",
    ),
    (
        r"[+-]?(inf(inity)?|nan)",
        "only finite numbers can be used; leave the cell empty if it is unknown",
    ),
    (
        PLAIN_NUMBER + r"\s*[^0-9\s].*",
        "a number with something behind it; write the number alone, or set the column's `unit`",
    ),
)


@dataclass(frozen=True)
class NumberCell:
    """Hold what a cell says."""

    value: float
    """NaN where it says that nothing is known."""
    side: int = 0
    """-1 where the true value is below, 1 where it is above ``value``, 0 where it is that."""


def plain_pattern(column: NumericColumn) -> str | None:
    """Return a pattern of cells that are just a number, or None where the column's are special.

    Such cells may be read many at once: `float` gives what `number_parser` would, before bounds.
    """
    return PLAIN_NUMBER if column.decimal == "." and not column.missing else None


def number_parser(column: NumericColumn) -> Callable[[str], NumberCell]:
    """Read a number within the column's believable range."""
    number = re.compile(_spelled(column), re.ASCII)
    missing = {label_text(label) for label in column.missing}

    def parse(text: str) -> NumberCell:
        if missing and label_text(text) in missing:
            return NumberCell(math.nan)
        limit = None if column.limits == "refuse" else _LIMIT.fullmatch(text)
        found = number.fullmatch(limit[2] if limit else text)
        if found is None:
            raise ValueError(_advice_for_no_number(text))
        value = _value(found[1], column) * _factor((found[2] or "").strip(), column)
        if abs(value) > LARGEST_NUMBER:
            raise ValueError(
                "too large to be a number of anything; correct it or leave the cell empty"
            )
        if limit is None:
            return NumberCell(within_bounds(value, column))
        if limit[1] in _ABOVE:
            return NumberCell(within_bounds(value, column), 1)
        halved = value / 2 if column.limits == "half" else value
        return NumberCell(within_bounds(halved, column), -1)

    return parse


def within_bounds(value: float, column: NumericColumn) -> float:
    """Return a value, or what stands for one that is out of the column's bounds.

    Raises:
        ValueError: It is, and the settings give nothing to stand for it.
    """
    low, high = column.minimum, column.maximum
    if low is not None and value < low:
        bound, place = low, "below the column's minimum"
    elif high is not None and value > high:
        bound, place = high, "above the column's maximum"
    else:
        return value
    match column.outside:
        case "missing":
            return math.nan
        case "clip":
            return bound
        case "refuse":
            raise ValueError(
                f"{place} {bound:g}; correct it, empty the cell, or set the column's `outside`"
            )


def _spelled(column: NumericColumn) -> str:
    """Return the pattern of a number, and of what is behind it."""
    decimal, thousands = re.escape(column.decimal), re.escape(column.thousands)
    whole = "[0-9]+"
    if thousands:
        whole = rf"(?:[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|[0-9]+)"
    number = rf"([+-]?(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+){_EXPONENT})"
    return number + (r"(\s*[^0-9\s].*)?" if column.unit is not None else "()")


def _value(text: str, column: NumericColumn) -> float:
    if column.thousands:
        text = text.replace(column.thousands, "")
    return float(text.replace(column.decimal, "."))


def _factor(unit: str, column: NumericColumn) -> float:
    """Return what turns a number in a unit into the column's."""
    if not unit:
        return 1.0
    factors = {column.unit or "": 1.0, **column.units}
    if unit in factors:
        return factors[unit]
    alike = {known: factor for known, factor in factors.items() if known.lower() == unit.lower()}
    if len(alike) == 1:
        return next(iter(alike.values()))
    raise ValueError(
        f"in `{unit}`, but the column is in `{column.unit}`{did_you_mean(unit, factors)}; add the "
        "unit and its factor to the column's `units`"
    )


def _advice_for_no_number(text: str) -> str:
    for pattern, advice in _NOT_NUMBERS:
        if re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL):
            return advice
    return "not a number; correct it or leave the cell empty"
