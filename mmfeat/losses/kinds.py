"""How labels are scored; in a file of its own, so that naming a kind does not load torch."""

from typing import Literal

LabelKind = Literal["binary", "multiclass", "multilabel"]
"""Labels that say which of some things is true; pairs of cases can be compared by them."""

CaseKind = Literal["binary", "multiclass", "multilabel", "regression"]
"""Labels that give every case a loss of its own."""

Kind = Literal["binary", "multiclass", "multilabel", "regression", "cox"]
"""All of them. Discrete hazards are ``multilabel``: a label for each interval of time, NaN where
the case was no longer at risk, which is exactly their likelihood."""
