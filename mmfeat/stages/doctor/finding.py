"""What an examination finds, each finding with its fix; a check that breaks is a finding too."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from mmfeat.errors import MmfeatError, one_line

Level = Literal["ok", "warning", "problem"]
_BROKEN = "mend what the message names; where it names nothing of yours, it is a fault of mmfeat"


@dataclass(frozen=True)
class Finding:
    """Say one thing about the machine or the project."""

    check: str
    """What was looked at, in a word or two."""
    level: Level
    """``problem``: a run would stop at it."""
    message: str
    fix: str = ""
    """What to do about it; empty when all is well."""

    def to_json(self) -> dict[str, str]:
        """Return plain JSON values."""
        return asdict(self)


def examined(check: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a check finds, up to where it breaks; that it breaks is a finding as well.

    Example:
        >>> examined("disk", lambda: 1 / 0)[0].message
        'cannot be examined: ZeroDivisionError: division by zero'
    """
    found: list[Finding] = []
    try:
        found.extend(look())
    except MmfeatError as error:
        found.append(problem_from(check, error))
    except Exception as error:  # noqa: BLE001 - the other checks are still worth their answers
        message = f"cannot be examined: {type(error).__name__}: {one_line(error)}"
        found.append(Finding(check, "warning", message, _BROKEN))
    return found


def problem_from(check: str, error: MmfeatError, fix: str = "correct it") -> Finding:
    """Turn an error of mmfeat into a problem; its last part says what to do.

    Args:
        check: What was looked at.
        error: The error.
        fix: What to do where the error does not say it in a part of its own.
    """
    found, _, advice = str(error).rpartition("; ")
    if not found or "\n" in found or advice.count("(") != advice.count(")"):
        return Finding(check, "problem", str(error), fix)
    return Finding(check, "problem", found, advice)
