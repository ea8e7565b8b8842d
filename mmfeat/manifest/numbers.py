"""Read a cell as a plain number."""

import re

from mmfeat.config.number_cells import PLAIN_NUMBER

_NUMBER = re.compile(PLAIN_NUMBER)


def plain_number(text: str) -> float | None:
    """Return the finite number that a text writes with a decimal point, or None.

    Example:
        >>> [plain_number(text) for text in ("1.5", "-2e3", "1,5", "1_000", "inf", "1e999")]
        [1.5, -2000.0, None, None, None, None]
    """
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) < float("inf") else None
