"""Read one cell of a table as a yes or no, a level, a category or a list of codes.

Each function returns a parser: text in, value out. A parser raises ValueError with the advice for
the user when the text does not fit. Numbers are read by `number_cells`.
"""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from mmfeat.config.cohort import Label
from mmfeat.config.labels import label_text
from mmfeat.config.record_columns import (
    BooleanColumn,
    CategoricalColumn,
    CodesColumn,
    OrdinalColumn,
    TextColumn,
)
from mmfeat.config.spelling import did_you_mean
from mmfeat.wording import first_of_all, ticked

OTHER = "other"
"""The category of values that are none of the declared ones, where the settings allow them."""
_SHOWN_LABELS = 12


def category_parser(column: CategoricalColumn) -> Callable[[str], str | None]:
    """Read a category; any text will do when the column does not declare its categories."""
    missing = set(map(label_text, column.missing))
    declared = None
    if column.categories is not None:
        declared = _distinct(column.categories, "categories")
    spelling = _Spelling(declared, column.synonyms, ignore_case=column.ignore_case)

    def parse(text: str) -> str | None:
        if label_text(text) in missing:
            return None
        label = spelling.read(text)
        if declared is None or label in declared:
            return label
        if column.others == "other":
            return OTHER
        raise ValueError(f"not one of the declared categories {_listed(declared)}")

    return parse


def level_parser(column: OrdinalColumn) -> Callable[[str], float]:
    """Read a level as its index, 0 for the lowest, NaN where it means that nothing is known."""
    missing = set(map(label_text, column.missing))
    levels = _distinct(column.levels, "levels")
    spelling = _Spelling(levels, column.synonyms, ignore_case=column.ignore_case)

    def parse(text: str) -> float:
        if label_text(text) in missing:
            return math.nan
        label = spelling.read(text)
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


def codes_parser(column: CodesColumn) -> Callable[[str], tuple[str, ...]]:
    """Read a list of codes: sorted, each once, in capitals, without points, and cut.

    Example:
        >>> column = CodesColumn(type="codes", cut=3)
        >>> codes_parser(column)("I10; c34.1;C34.9")
        ('C34', 'I10')
    """
    none = {label_text(label).lower() for label in column.none}

    def parse(text: str) -> tuple[str, ...]:
        if label_text(text).lower() in none:
            return ()
        codes = (part.strip().upper().replace(".", "") for part in text.split(column.separator))
        return tuple(sorted({code[: column.cut] for code in codes if code}))

    return parse


def text_parser(column: TextColumn) -> Callable[[str], str | None]:
    r"""Read free text with single spaces, whatever breaks lines, so that one text is one text.

    Example:
        >>> text_parser(TextColumn(type="text"))("ex-smoker,\n  30 pack years")
        'ex-smoker, 30 pack years'
    """
    missing = {_one_line(label_text(label)) for label in column.missing}

    def parse(text: str) -> str | None:
        line = _one_line(text)
        return line if line and line not in missing else None

    return parse


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


class _Spelling:
    """Know the spellings of labels, of which there may be others that are not declared."""

    def __init__(
        self,
        declared: Sequence[str] | None,
        synonyms: Mapping[str, Sequence[Label]],
        *,
        ignore_case: bool,
    ) -> None:
        self._ignore_case = ignore_case
        self._labels: dict[str, str] = {}
        for label in declared or ():
            self._add(label, label)
        for name, spellings in synonyms.items():
            label = label_text(name)
            if declared is not None and label not in declared:
                raise ValueError(
                    f"`synonyms` of the settings have `{name}`, which is not declared"
                    f"{did_you_mean(name, declared)}"
                )
            for spelling in (label, *map(label_text, spellings)):
                self._add(spelling, label)

    def read(self, text: str) -> str:
        """Return the label that a cell means, or else what it says."""
        folded = self._folded(label_text(text))
        return self._labels.get(folded, folded)

    def _folded(self, text: str) -> str:
        return " ".join(text.casefold().split()) if self._ignore_case else text

    def _add(self, spelling: str, label: str) -> None:
        known = self._labels.setdefault(self._folded(spelling), label)
        if known != label:
            raise ValueError(
                f"`{spelling}` of the settings means both `{known}` and `{label}`; name it once"
            )


def _distinct(labels: Sequence[Label], field: str) -> tuple[str, ...]:
    texts = tuple(label_text(label) for label in labels)
    if twice := sorted({text for text in texts if texts.count(text) > 1}):
        raise ValueError(
            f"`{field}` of the settings name {_listed(twice)} twice; name each only once"
        )
    return texts


def _listed(labels: Sequence[str]) -> str:
    return first_of_all(ticked(labels), _SHOWN_LABELS)
