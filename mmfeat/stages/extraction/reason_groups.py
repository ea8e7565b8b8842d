"""Put failures of one kind together, so that thousands of them are a few lines."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mmfeat.quality.codes import CODES

_SHOWN_CASES = 3
_CODE = re.compile(r"(?:^rejected: |; )([a-z-]+): ")
_VARYING = (
    (re.compile(r"^\S*\d\S*: "), "...: "),  # a file in the scan's folder
    (re.compile(r"\S*\d\S*\.[A-Za-z]{2,4}\b"), "..."),  # one that is named further on
    (re.compile(r"(?<!\w)/[^\s:;,)]+"), "..."),  # another path
    (re.compile(r"'[^']*'"), "'...'"),  # a value from a header
    (re.compile(r"\b(?=\w*\d)[0-9a-f]{12,}\b"), "#"),  # a digest
    (re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)*(?:e[-+]?\d+)?(?!\w)"), "#"),
)
"""What differs from scan to scan although the reason is the same, and what stands for it."""


@dataclass(frozen=True)
class ReasonGroup:
    """Count the cases that have no feature for one kind of reason."""

    reason: str
    """Numbers are shown as ``#``, names and paths as ``...``."""
    n_cases: int
    cases: tuple[str, ...]
    """The first ones."""
    example: str
    """The reason of the first one, as it is, without its path."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**vars(self), "cases": list(self.cases)}


def group_reasons(reasons: Iterable[tuple[str, str, str]]) -> tuple[ReasonGroup, ...]:
    """Group the failures of a cache, the largest group first.

    Scans that were rejected are grouped by the codes of what was found, whatever was measured.

    Args:
        reasons: Case, path of its scan, and why it has no feature.
    """
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for case_id, path, reason in reasons:
        kind = kind_of(reason, path)
        bare = reason.removeprefix(f"{path}: ")
        groups.setdefault(_codes(reason) or kind, []).append((case_id, kind, bare))
    made = [
        ReasonGroup(
            found[0][1],
            len(found),
            tuple(case_id for case_id, _, _ in found[:_SHOWN_CASES]),
            found[0][2],
        )
        for found in groups.values()
    ]
    return tuple(sorted(made, key=lambda group: -group.n_cases))


def kind_of(reason: str, path: str) -> str:
    """Return a reason without what differs from scan to scan.

    Example:
        >>> kind_of("/a/scan 1: IM07.dcm: 7 of 60 slices of 'Lung' are missing", "/a/scan 1")
        "...: # of # slices of '...' are missing"
    """
    kind = reason.removeprefix(f"{path}: ").replace(path, "...") if path else reason
    for pattern, sign in _VARYING:
        kind = pattern.sub(sign, kind)
    return kind


def _codes(reason: str) -> str:
    """Return the codes of a rejection, in their order; empty when it is none."""
    if not reason.startswith("rejected: "):
        return ""
    return "; ".join(code for code in _CODE.findall(reason) if code in CODES)
