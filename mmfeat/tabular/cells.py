"""Read one cell of a table as a number, a yes or no, a level or a category.

Each function returns a parser: text in, value out. A parser raises ValueError with the advice for
the user when the text does not fit.
"""

import re
from collections.abc import Callable, Sequence

from mmfeat.config.cohort import Label
from mmfeat.config.labels import label_text
from mmfeat.config.modalities import BooleanColumn, CategoricalColumn, NumericColumn, OrdinalColumn
from mmfeat.tabular.records import LARGEST_NUMBER

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NOT_NUMBERS = (
    (
        r"[+-]?[0-9]*([.,'\s][0-9]+)+",
        "numbers are written with a decimal point and without thousands separators, such as 1234.5",
    ),
    (
        r"[<>≤≥~≈].*",
        "a limit is not a number; write a number that stands for it, or leave the cell empty",
    ),
    (
        r"[+-]?(inf(inity)?|nan)",
        "only finite numbers can be used; leave the cell empty if it is unknown",
    ),
    (_NUMBER + r"\s*[^0-9\s].*", "a number with something behind it; write the number alone"),
)
_SHOWN_LABELS = 12


def number_parser(column: NumericColumn) -> Callable[[str], float]:
    """Read a number within the column's believable range."""

    def parse(text: str) -> float:
        if not re.fullmatch(_NUMBER, text):
            raise ValueError(_advice_for_no_number(text))
        number = float(text)
        if abs(number) > LARGEST_NUMBER:
            raise ValueError(
                "too large to be a number of anything; correct it or leave the cell empty"
            )
        if column.minimum is not None and number < column.minimum:
            raise ValueError(
                f"below the column's minimum {column.minimum:g}; correct it or empty the cell"
            )
        if column.maximum is not None and number > column.maximum:
            raise ValueError(
                f"above the column's maximum {column.maximum:g}; correct it or empty the cell"
            )
        return number

    return parse


def category_parser(column: CategoricalColumn) -> Callable[[str], str]:
    """Read a category; any text will do when the column does not declare its categories."""
    if column.categories is None:
        return label_text
    categories = _distinct(column.categories, "categories")

    def parse(text: str) -> str:
        label = label_text(text)
        if label not in categories:
            raise ValueError(f"not one of the declared categories {_listed(categories)}")
        return label

    return parse


def level_parser(column: OrdinalColumn) -> Callable[[str], float]:
    """Read a level as its index, 0 for the lowest."""
    levels = _distinct(column.levels, "levels")

    def parse(text: str) -> float:
        label = label_text(text)
        if label not in levels:
            raise ValueError(f"not one of the declared levels {_listed(levels)}")
        return float(levels.index(label))

    return parse


def boolean_parser(column: BooleanColumn) -> Callable[[str], float]:
    """Read a yes as 1 and a no as 0, in upper or lower case."""
    yes = [label_text(label).lower() for label in column.true]
    no = [label_text(label).lower() for label in column.false]
    if both := set(yes) & set(no):
        raise ValueError(
            f"`true` and `false` of the settings share {_listed(sorted(both))}; name each only once"
        )

    def parse(text: str) -> float:
        label = label_text(text).lower()
        if label not in yes and label not in no:
            raise ValueError(f"neither yes {_listed(yes)} nor no {_listed(no)}")
        return float(label in yes)

    return parse


def _advice_for_no_number(text: str) -> str:
    for pattern, advice in _NOT_NUMBERS:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return advice
    return "not a number; correct it or leave the cell empty"


def _distinct(labels: Sequence[Label], field: str) -> tuple[str, ...]:
    texts = tuple(label_text(label) for label in labels)
    if twice := sorted({text for text in texts if texts.count(text) > 1}):
        raise ValueError(
            f"`{field}` of the settings name {_listed(twice)} twice; name each only once"
        )
    return texts


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(f"`{label}`" for label in labels[:_SHOWN_LABELS])
    return shown if len(labels) <= _SHOWN_LABELS else f"{shown}, ... ({len(labels)} in all)"
