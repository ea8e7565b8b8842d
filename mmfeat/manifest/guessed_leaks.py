"""Find columns of an unknown table that give a target's answer away."""

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from mmfeat.config.guess import Evidence, Guess
from mmfeat.config.labels import label_text

_FEW_ROWS = 10
"""Rows for each value of a column under which it may give a target away by chance ..."""
_RARE = 1000
"""... unless it would do so in less than one of so many random orders of the answers."""


def given_away(
    frame: pd.DataFrame,
    column: str,
    *,
    targets: Mapping[str, Guess],
    patients: "pd.Series[str]",
) -> Guess | None:
    """Return a reason to leave out a column of few values, each of which means one answer.

    A patient with the same value and answer in several rows counts once.

    Args:
        frame: The table.
        column: The column in question.
        targets: The targets, as guessed.
        patients: The patient of each row of the table.
    """
    for target in targets.values():
        answer = target.value.get("column")
        if answer is None:
            continue
        both = frame[[column, answer]].dropna().map(label_text)
        both = both[~pd.concat([both, patients[both.index]], axis=1).duplicated()]
        n_values = both.nunique()
        if n_values[answer] < 2 or len(both.drop_duplicates()) > n_values[column]:
            continue
        many = len(both) >= _FEW_ROWS * n_values[column]
        if many or _is_no_chance(both[answer].value_counts(), n_values[column]):
            reason = f"each of its values means one answer of `{answer}`"
            return Guess(None, reason, Evidence(len(both), len(both), ("an input",)))
    return None


def _is_no_chance(answers: Iterable[int], n_values: int) -> bool:
    """Say whether few of all orders of the answers have one answer only for each value."""
    counts = list(answers)
    orders = math.lgamma(sum(counts) + 1) - sum(math.lgamma(count + 1) for count in counts)
    return orders > n_values * math.log(len(counts)) + math.log(_RARE)
