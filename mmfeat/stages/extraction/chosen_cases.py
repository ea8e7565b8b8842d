"""Which cases a command is asked for, where it is not asked for all."""

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError
from mmfeat.wording import first_and_more

_SHOWN = 3


def resolve_only(case_ids: Collection[str], patterns: Iterable[str]) -> frozenset[str]:
    """Return the cases that are named: by id, by a pattern such as ``lung-*``, or in a file.

    Args:
        case_ids: All cases of the cohort.
        patterns: Ids and patterns; ``@file`` stands for a file with one of them on each line.

    Raises:
        CohortError: A file cannot be read, or names fit no case; the nearest ids are given.

    Example:
        >>> sorted(resolve_only(["a-1", "a-2", "b-1"], ["a-*", "b-1"]))
        ['a-1', 'a-2', 'b-1']
    """
    known = frozenset(case_ids)
    wanted = [name for pattern in patterns for name in _names(pattern)]
    chosen = known.intersection(wanted)
    unknown = []
    for name in dict.fromkeys(wanted):
        if name in known:
            continue
        matching = [case_id for case_id in known if fnmatchcase(case_id, name)]
        chosen = chosen.union(matching)
        if not matching:
            unknown.append(name)
    if unknown:
        raise CohortError(_advice(unknown, case_ids))
    if not chosen:
        raise CohortError("--only: names no case; give ids, patterns, or a file with one a line")
    return chosen


def _names(pattern: str) -> list[str]:
    if not pattern.startswith("@"):
        return [pattern]
    path = Path(pattern[1:])
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CohortError(
            f"--only {pattern}: cannot be read ({error}); give a text file with one case a line"
        ) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _advice(unknown: list[str], case_ids: Collection[str]) -> str:
    shown = []
    for name in unknown[:_SHOWN]:
        hint = did_you_mean(name, case_ids).removeprefix("; ")
        shown.append(f"`{name}` ({hint})" if hint else f"`{name}`")
    fits = "fits no case" if len(unknown) == 1 else "fit no case"
    return (
        f"--only: {first_and_more([*shown, *unknown[_SHOWN:]], _SHOWN)} {fits} of the cohort's "
        f"{len(case_ids)}; correct the id or the pattern"
    )
