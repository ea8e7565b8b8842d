"""Fit the shipped settings to what a download has: its release, its split, its screens."""

import re
from collections.abc import Collection, Sequence

from mmfeat.public_cohorts.settings_text import shipped_settings

_ONE_LINE = re.compile(r" {4,}(\w+): \{(?:type|kind): ")
_SPLIT = re.compile(r"^  split: \{column: split\}.*$", re.MULTILINE)
_FOLDS = "  split: {folds: 5}   # by participants: no list of an official split was in the download"


def settings_for(
    names: Sequence[str], *, columns: Collection[str], targets: Collection[str]
) -> dict[str, str]:
    """Return settings, the first to run, without lines for what the table lacks.

    Args:
        names: Of the shipped settings.
        columns: Columns of the table.
        targets: The targets that the table has labels for.
    """
    texts = shipped_settings(__package__ or "", names)
    return {name: _fitted(text, {*columns, *targets}) for name, text in texts.items()}


def _fitted(text: str, has: Collection[str]) -> str:
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if (found := _ONE_LINE.match(line)) is None or found[1] in has]
    whole = "".join(kept)
    return whole if "split" in has else _SPLIT.sub(_FOLDS, whole)
