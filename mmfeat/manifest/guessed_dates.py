"""Guess which dates can be inputs: those before the date of the scan."""

from collections.abc import Iterable
from datetime import datetime
from statistics import median_low

from mmfeat.config.guess import Guess
from mmfeat.manifest.column_profile import ColumnProfile

_INDEX_DATE_WORDS = ("scan", "study", "exam", "ct", "imaging", "acquisition", "index", "baseline")


def guess_dates(dates: Iterable[ColumnProfile]) -> tuple[dict[str, Guess], dict[str, Guess]]:
    """Return the dates that can be inputs, as days before the scan, and those left out."""
    dates = list(dates)
    index = next((date for date in dates if date.named(_INDEX_DATE_WORDS)), None)
    used, left_out = {}, {}
    for date in dates:
        shared = [] if index is None else [f for f in date.date_formats if f in index.date_formats]
        if date is index:
            left_out[date.name] = Guess(
                None, "the date that others are counted to", date.evidence()
            )
        elif index is None or not shared:
            reason = "a date; it needs the date of the scan, written alike, to count the days to it"
            left_out[date.name] = Guess(None, reason, date.evidence("days before the scan"))
        elif _is_mostly_later(date, index, shared[0]):
            reason = f"mostly later than `{index.name}`"
            left_out[date.name] = Guess(None, reason, date.evidence("days before the scan"))
        else:
            value = {"type": "date_difference", "until": index.name, "format": shared[0]}
            several = f"; or is the format {' or '.join(shared[1:])}?" if shared[1:] else ""
            reason = f"days before `{index.name}`{several}"
            used[date.name] = Guess(value, reason, date.evidence(*shared[1:]))
    return used, left_out


def _is_mostly_later(date: ColumnProfile, index: ColumnProfile, form: str) -> bool:
    middle, middle_index = (
        median_low(datetime.strptime(cell, form) for cell in profile.cells)
        for profile in (date, index)
    )
    return middle > middle_index
