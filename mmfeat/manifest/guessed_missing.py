"""Guess which texts of an unknown table mean that nothing is known."""

import numpy as np
import pandas as pd

from mmfeat.config.cohort import CohortSettings
from mmfeat.config.guess import Evidence, Guess
from mmfeat.manifest.guessed_inputs import fits_scale

DEFAULT_MISSING: tuple[str, ...] = tuple(CohortSettings.model_fields["missing"].default)
"""The texts that mean nothing is known when the settings do not say."""
_NONE = frozenset(text for text in DEFAULT_MISSING if text.lower() == "none")
READ_AS_MISSING = tuple(text for text in DEFAULT_MISSING if text not in _NONE)
"""Those of them that are never a level, as `none` may be: none, mild, moderate, severe."""
_UNKNOWN_WORDS = (
    frozenset(("-", "--", "n.a.", "n.d.", "na", "nd", "<na>", "#n/a", "nat", "n/k", "unk"))
    | {"unknown", "missing", "not available", "not done", "not known", "not applicable"}
    | {"not recorded", "not reported", "not assessed"}
)
"""Cells that may say that nothing is known, in lower case."""


def without_unknown(frame: pd.DataFrame) -> tuple[pd.DataFrame, Guess | None]:
    """Return a table without the cells that say that nothing is known, and the texts of these.

    Args:
        frame: The table as stripped text, NaN where a cell is one of ``READ_AS_MISSING``.

    Returns:
        The table, and what to write for ``cohort.missing``: None where its default does.
    """
    unknown = _unknown_words(frame)
    with_none = _columns_with_level_none(frame)
    absent = [*unknown, *(() if with_none else _NONE)]
    is_absent = frame.isin(absent)
    known = frame.where(~is_absent, np.nan)
    if not unknown and not with_none:
        return known, None
    reasons = [f"added: {', '.join(unknown)}; do they mean nothing?"] * bool(unknown)
    reasons += [f"without none, a level of `{name}`" for name in with_none]
    value = [*(READ_AS_MISSING if with_none else DEFAULT_MISSING), *unknown]
    n_cells = int(is_absent.to_numpy().sum())
    return known, Guess(value, "; ".join(reasons), Evidence(n_cells, n_cells, ("answers",)))


def _unknown_words(frame: pd.DataFrame) -> list[str]:
    cells = [set(frame[name].dropna()) for name in frame.columns]
    negative = {"-"} if any({"+", "-"} <= found for found in cells) else set()
    known = set().union(*cells) - negative
    return sorted(cell for cell in known if cell.lower() in _UNKNOWN_WORDS)


def _columns_with_level_none(frame: pd.DataFrame) -> list[str]:
    labels = {str(name): set(frame[name].dropna()) for name in frame.columns}
    return [name for name, found in labels.items() if found & _NONE and fits_scale(found)]
