"""Numbers, names and reasons as cells and sentences of the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.report.html.blocks import Block, Cell, Text

NONE = "\u2013"
MAKE_AGAIN = "These results were made without it; run `mmfeat eval` again."


def estimate_cell(
    estimate: Mapping[str, Any] | None, *, digits: int = 3, signed: bool = False
) -> Cell:
    """Return a value with its interval as a cell that can be sorted.

    Example:
        >>> estimate_cell({"point": 0.8125, "low": 0.75, "high": 0.9}, digits=2)
        Cell(text='0.81', sub='[0.75, 0.90]', value=0.8125, method=None, tone='plain', link='')
    """
    if estimate is None or estimate.get("point") is None:
        return Cell(NONE, value="")
    point, form = float(estimate["point"]), f"z.{digits}f"
    text = format(point, f"+{form}" if signed else form)
    return Cell(with_minus(text), interval(estimate, digits=digits), value=point)


def interval(estimate: Mapping[str, Any], *, digits: int = 3) -> str:
    """Return the interval of a value in brackets; empty where there is none."""
    if estimate.get("low") is None or estimate.get("high") is None:
        return ""
    return with_minus(f"[{estimate['low']:z.{digits}f}, {estimate['high']:z.{digits}f}]")


def with_minus(text: str) -> str:
    """Return numbers with the sign that is as wide as a plus.

    Example:
        >>> with_minus("-0.5")
        '−0.5'
    """
    return text.replace("-", "\u2212")


def number_cell(value: float | None, *, digits: int = 3) -> Cell:
    """Return a number as a cell that can be sorted."""
    if value is None:
        return Cell(NONE, value="")
    return Cell(with_minus(f"{value:z.{digits}f}"), value=float(value))


def count_cell(value: int | None, *, of: int | None = None) -> Cell:
    """Return a count, with its share of a whole in small type.

    Example:
        >>> count_cell(1234, of=2468)
        Cell(text='1,234', sub='50.0 %', value=1234.0, method=None, tone='plain', link='')
    """
    if value is None:
        return Cell(NONE, value="")
    return Cell(f"{value:,}", share(value, of) if of else "", value=float(value))


def share(part: float, whole: float) -> str:
    """Return a share in per cent.

    Example:
        >>> share(1, 8)
        '12.5 %'
    """
    return f"{100 * part / whole:.1f} %"


def p_cell(p: float | None) -> Cell:
    """Return a p-value.

    Example:
        >>> p_cell(0.0312).text, p_cell(0.0004).text
        ('0.031', '< 0.001')
    """
    if p is None:
        return Cell(NONE, value="")
    return Cell("< 0.001" if p < 0.001 else f"{p:.3f}", value=float(p))


def method_cell(name: str, methods: Sequence[str]) -> Cell:
    """Return the name of a method, with its colour."""
    return Cell(name, method=methods.index(name) if name in methods else None)


def method_number(name: str, methods: Sequence[str]) -> int | None:
    """Return the number of a method, or None for what is none, such as the truth."""
    return methods.index(name) if name in methods else None


def reason_of(block: object) -> str | None:
    """Return why a block of the results holds nothing; None where it does hold something."""
    if block is None or block == {}:
        return MAKE_AGAIN
    if isinstance(block, Mapping) and block.get("reason") and _is_only_reason(block):
        return str(block["reason"])
    return None


def absent(reason: str) -> list[Block]:
    """Return what stands where there is nothing to show."""
    return [Text(reason[:1].upper() + reason[1:], tone="note")]


def reasons_note(estimates: Mapping[str, Mapping[str, Any] | None]) -> str:
    """Return in words why values are missing, or what was left out of them, each reason once."""
    found = {
        str(one["reason"]): name for name, one in estimates.items() if one and one.get("reason")
    }
    return "; ".join(f"{name}: {reason}" for reason, name in found.items())


def _is_only_reason(block: Mapping[str, Any]) -> bool:
    """Say whether nothing but counts stands beside a reason."""
    return not any(isinstance(value, dict | list) and value for value in block.values())
