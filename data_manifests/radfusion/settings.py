"""Write the record's columns, which differ from release to release, into the shipped settings."""

import json
import re
from collections.abc import Sequence

from mmfeat.public_cohorts.settings_text import shipped_settings

MARK = "      # <the other columns of the tables>\n"
_CLOTS = re.compile(
    "pulmonary circulation|veins and lymphatics|embol|thrombo|anticoag|heparin|coumarin|warfarin"
    "|factor xa",
    re.IGNORECASE,
)


def may_be_the_answer(column: str) -> bool:
    """Say whether a column is of clots or of drugs against them.

    Its diagnosis or drug may be of the very embolism that the scan showed; there are no dates.

    Example:
        >>> may_be_the_answer("ICD DISEASES OF PULMONARY CIRCULATION:presence")
        True
        >>> may_be_the_answer("LABS d-dimer:Value")
        False
    """
    return _CLOTS.search(column) is not None


def settings_for(
    names: Sequence[str], *, columns: Sequence[str], with_all: Sequence[str]
) -> dict[str, str]:
    """Return settings with a line for each column of the record.

    Args:
        names: Of the shipped settings, the first to run first.
        columns: Columns of the record but age and sex.
        with_all: Settings that take all columns; in the others, those that may be the answer stand
            as comments.
    """
    texts = shipped_settings(__package__ or "", names)
    return {
        name: text.replace(MARK, _lines(columns, is_whole=name in with_all))
        for name, text in texts.items()
    }


def _lines(columns: Sequence[str], *, is_whole: bool) -> str:
    lines = []
    for column in columns:
        line = f"{json.dumps(column)}: {{type: numeric}}"
        comment = "" if is_whole or not may_be_the_answer(column) else "# may be the answer: "
        lines.append(f"      {comment}{line}\n")
    return "".join(lines)
