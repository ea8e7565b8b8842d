"""Write the cells of Parquet and Excel tables as the text that a CSV file would hold."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

_EXACT = 10**15
"""Below it, every whole number is a float of its own."""


def cell_text(value: Any) -> str:  # noqa: ANN401 - whatever a table can hold
    """Return a cell as stripped text; nothing becomes the empty text.

    Whole numbers have no decimals, however the file stores them, so that the id ``1`` stays ``1``.
    Dates are ISO, without the time where it is midnight.

    Example:
        >>> [cell_text(cell) for cell in (None, 1.0, 0.5, True, datetime(2024, 1, 31), " a ")]
        ['', '1', '0.5', 'true', '2024-01-31', 'a']
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() | Decimal():
            return _number_text(value)
        case datetime():
            day = value.date().isoformat()
            return day if value.time() == time() else f"{day} {value.time().isoformat()}"
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.decode(errors="replace").strip()
        case _:
            return str(value).strip()


def _number_text(value: float | Decimal) -> str:
    if value != value:  # NaN
        return ""
    return str(int(value)) if abs(float(value)) < _EXACT and value == int(value) else str(value)
