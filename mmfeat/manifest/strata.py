"""Classes by which patients are divided evenly, also where the target is a number or a time."""

import numpy as np

from mmfeat.manifest.cohort import TargetValues

_QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")


def strata_of(target: TargetValues) -> TargetValues:
    """Return a target of classes: those of the target, quarters of a number, or event or none.

    Example:
        >>> numbers = TargetValues("regression", ("ml",), np.array([[1.0], [2.0], [3.0], [4.0]]))
        >>> strata_of(numbers).values.ravel().tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    if target.kind == "time_to_event":
        return TargetValues("binary", ("event",), target.values[:, 1:])
    if target.kind != "regression":
        return target
    numbers = target.values
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return TargetValues("multiclass", _QUARTERS, numbers)
    quarters = np.digitize(numbers, np.quantile(known, [0.25, 0.5, 0.75]), right=True)
    return TargetValues("multiclass", _QUARTERS, np.where(np.isnan(numbers), np.nan, quarters))
