"""Numbers and names as people read them, the same in figures and on the screen."""

from collections.abc import Mapping, Sequence
from typing import Any


def with_interval(
    estimate: Mapping[str, Any], *, digits: int = 3, signed: bool = False, separator: str = " "
) -> str:
    """Return a value with its interval, or a dash.

    Example:
        >>> with_interval({"point": 0.8125, "low": 0.75, "high": 0.9}, digits=2)
        '0.81 [0.75, 0.90]'
        >>> with_interval({"point": 0.02, "low": -0.0001, "high": 0.04}, digits=2, signed=True)
        '+0.02 [0.00, 0.04]'
        >>> with_interval({"point": None, "low": None, "high": None})
        '-'
    """
    if estimate["point"] is None:
        return "-"
    form = f"z.{digits}f"  # z: what rounds to zero has no sign
    point = format(estimate["point"], f"+{form}" if signed else form)
    if estimate["low"] is None:
        return point
    return f"{point}{separator}[{estimate['low']:{form}}, {estimate['high']:{form}}]"


def availability_name(availability: str, modalities: Sequence[str]) -> str:
    """Return how an availability is called.

    Example:
        >>> availability_name("ct", ["ct", "clinical"]), availability_name("ct", ["ct"])
        ('ct alone', 'ct')
    """
    alone = "+" not in availability and len(modalities) > 1
    return f"{availability} alone" if alone else availability


def p_value(p: float) -> str:
    """Return a p-value.

    Example:
        >>> p_value(0.0312), p_value(0.0004)
        ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def output_name(target: str, kind: str, output: str) -> str:
    """Return how one output of a target is called in a figure.

    Example:
        >>> output_name("stage", "multiclass", "II"), output_name("cancer", "binary", "1")
        ('stage: II', 'cancer')
    """
    return target if kind == "binary" else f"{target}: {output}"
