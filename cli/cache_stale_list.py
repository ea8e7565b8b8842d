"""What ``mmfeat cache rm-stale`` prints."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.filesize import decimal

from mmfeat.wording import first_and_more

from .cache_tables import say

if TYPE_CHECKING:
    from mmfeat.stages.caches.stale import StaleModality

_SHOWN_CASES = 5


def show_stale(found: "Sequence[StaleModality]", *, removed: bool) -> None:
    """Print what is stale, or was and is removed now."""
    for one in found:
        say(f"{one.modality}: {'removed' if removed else 'stale'}: {one.n_stale or 'nothing'}")
        for folder in one.folders:
            n_cases = "cases unknown" if folder.n_cases is None else f"{folder.n_cases} cases"
            differences = _first(folder.differences) or "nothing, but not its name"
            say(f"  folder {folder.path}: {n_cases}, {decimal(folder.n_bytes)}")
            say(f"    differs in {differences}")
        for why in dict.fromkeys(row.why for row in one.rows):
            cases = [row.case_id for row in one.rows if row.why == why]
            say(f"  {len(cases)} features: {why}: {_first(cases)}")
        if one.failures:
            cases = [case_id for case_id, _ in one.failures]
            say(f"  {len(cases)} failures of scans not listed: {_first(cases)}")
        for partial in one.partials:
            say(f"  half-written: {partial}")
        if one.unreadable:
            say(
                f"  kept, as their scans cannot be looked at now: {len(one.unreadable)} cases: "
                f"{_first(one.unreadable)}"
            )
    if not removed and any(one.n_stale for one in found):
        say("nothing was removed; add --yes to remove it")


def show_left(left: Sequence[Path]) -> None:
    """Name files that are not mmfeat's and so were not removed."""
    for path in left:
        say(f"left: {path}: is not a file of mmfeat; remove it yourself, and then its folder")


def _first(names: Sequence[str]) -> str:
    return first_and_more(names, _SHOWN_CASES)
