"""How labels written in YAML and cells of a table are compared: as text, in one way everywhere."""

import re

from mmfeat.config.cohort import Label

_PLAIN_NUMBER = re.compile(r"([+-]?)(0|[1-9][0-9]*)(?:\.([0-9]*))?", re.ASCII)


def label_text(label: Label) -> str:
    """Return the one text that stands for a label or for a cell.

    ``1``, ``1.0`` and ``"1"`` are the same label, and so are ``true``, ``True`` and ``"TRUE"``.
    ``01`` is not a number but a code, and stays what it is; so does every other text, letter by
    letter.

    Example:
        >>> [label_text(label) for label in (1, 1.0, "1.00", True, "TRUE", "01", 2.50, "II")]
        ['1', '1', '1', 'true', 'true', '01', '2.5', 'II']
    """
    text = str(label).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    number = _PLAIN_NUMBER.fullmatch(text)
    if number is None:
        return text
    sign, whole, decimals = number.groups(default="")
    decimals = decimals.rstrip("0")
    size = f"{whole}.{decimals}" if decimals else whole
    return f"-{size}" if sign == "-" and size != "0" else size
