"""Read dates in the formats of the settings."""

import re
from collections.abc import Callable
from datetime import datetime


def date_parser(form: str) -> Callable[[str], datetime]:
    """Return a function that reads a date written as strptime's ``form`` says.

    It raises ValueError with the advice for the user when a text does not fit.

    Raises:
        ValueError: ``form`` is no format of dates.

    Example:
        >>> date_parser("%d.%m.%Y")("31.12.2020")
        datetime.datetime(2020, 12, 31, 0, 0)
    """
    try:
        example = datetime(2026, 1, 31).strftime(form)
        datetime.strptime(example, form)
    except (ValueError, re.error) as error:
        raise ValueError(
            f"`{form}` of the settings is no date format of strptime: {error}"
        ) from error

    def parse(text: str) -> datetime:
        try:
            return datetime.strptime(text, form)
        except ValueError as error:
            raise ValueError(f"not a date written as `{form}`, such as {example}") from error

    return parse
