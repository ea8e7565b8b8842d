"""Class imbalance: when a network is spared learning that a class is rare.

The base rates of the training part are added to the network's logits, in training and in use: the
logit adjustment of Menon et al. (ICLR 2021) with the adjustment kept, so that answers stay
probabilities. A network that has to learn a rate of 2 % starts at 50 %, and early stopping by AUROC
may keep it from getting far. docs/targets.md has the figures behind the rule.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.base_rates import base_logits
from mmfeat.fusion.task import Task

Array = NDArray[np.float64]
BaseRates = Literal["auto", "always", "never"]

_RARE_SHARE = 0.2
_RARE_CASES = 50


class Rarest(NamedTuple):
    """Tell of the rarest class, or the rarer answer to a question of yes or no."""

    share: float
    """Of the known labels."""
    n_cases: int

    def needs_base_rates(self, base_rates: BaseRates) -> bool:
        """Say whether the rule adds base rates."""
        is_rare = self.share < _RARE_SHARE and self.n_cases < _RARE_CASES
        return base_rates == "always" or (base_rates == "auto" and is_rare)


def rarest_class(labels: Array, task: Task) -> Rarest | None:
    """Return the rarest class of all columns; None where nothing is a class.

    Shape:
        - ``labels``: ``(cases, columns)``, NaN where missing.
    """
    found: list[Rarest] = []
    for part, _, columns in task.places():
        if part.kind not in ("binary", "multiclass", "multilabel"):
            continue
        n_classes = part.n_outputs if part.kind == "multiclass" else 2
        for column in labels[:, columns].T:
            known = column[~np.isnan(column)].astype(np.int64)
            if len(known):
                fewest = int(np.bincount(known, minlength=n_classes).min())
                found.append(Rarest(fewest / len(known), fewest))
    return min(found) if found else None


def added_logits(labels: Array, task: Task, base_rates: BaseRates) -> tuple[float, ...]:
    """Return what is added to the logits of a network: one number for each output, or nothing.

    Args:
        labels: Of the training part.
        task: What is predicted.
        base_rates: The rule.
    """
    rarest = rarest_class(labels, task)
    if rarest is None or not rarest.needs_base_rates(base_rates):
        return ()
    return tuple(base_logits(labels, task).tolist())


def as_offsets(added: tuple[float, ...], n_cases: int) -> Array | None:
    """Return added logits as the offsets of a job: ``(1, cases, outputs)``, for every view."""
    return np.broadcast_to(np.array(added), (1, n_cases, len(added))) if added else None
