"""Which metric comes first for a kind of target, and which are shown beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Headline:
    """Name the metric by which predictions of one kind are compared; higher is better."""

    metric: str
    name: str
    """As people read it."""
    no_skill: float
    """Its value where nothing was learnt."""
    others: Mapping[str, str]
    """Further metrics, by the names that people read."""


_CLASSES = Headline(
    "auroc", "AUROC", 0.5, MappingProxyType({"AUPRC": "auprc", "Brier": "brier", "ECE": "ece"})
)
_KINDS = {
    "regression": Headline(
        "r2",
        "R2",
        0.0,
        MappingProxyType({"MAE": "mae", "RMSE": "rmse", "Spearman": "spearman"}),
    ),
    "time_to_event": Headline(
        "c_index",
        "C-index",
        0.5,
        MappingProxyType(
            {"Uno's C": "uno_c", "AUROC(t)": "auroc_td", "Brier(t)": "brier_ipcw", "ECE": "ece"}
        ),
    ),
}


def headline_of(kind: str) -> Headline:
    """Return the headline of a kind of target.

    Example:
        >>> headline_of("multiclass").name, headline_of("regression").name
        ('AUROC', 'R2')
    """
    return _KINDS.get(kind, _CLASSES)
