"""What is to be expected of a case of which nothing is known."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics.follow_up import FollowUp

if TYPE_CHECKING:  # it brings the figures with it
    from mmfeat.report import ScoredCases


def base_rates(
    cases: "Sequence[ScoredCases]", horizons: Sequence[float] = ()
) -> NDArray[np.float64]:
    """Return for each output of a target what it is over all cases.

    That is the share of a class, the mean of a number, and of a risk until a horizon one minus the
    Kaplan-Meier estimate. What orders times has no truth on its scale, so it is the mean answer.

    Args:
        cases: Every case once, seen through what it has.
        horizons: Of a time to an event.

    Shape:
        - Output: ``(outputs,)``; NaN where nothing is known.
    """
    labels = np.concatenate([one.labels for one in cases])
    if cases[0].kind != "time_to_event":
        n_known = (~np.isnan(labels)).sum(axis=0)
        means = np.full(labels.shape[1], np.nan)
        np.divide(np.nansum(labels, axis=0), n_known, out=means, where=n_known > 0)
        return means
    signed = labels[:, -1]
    signed = signed[~np.isnan(signed)]
    mean_answer = float(np.concatenate([one.probabilities[:, -1] for one in cases]).mean())
    if not len(signed):
        return np.array([*(np.nan for _ in horizons), mean_answer])
    # An event on the day of the scan has the time 0; no follow-up at all is not among the known.
    follow_up = FollowUp(np.abs(signed), signed >= 0)
    _, event_free = follow_up.curves(np.ones((1, len(signed))))
    free = event_free[0, follow_up.after(horizons)]
    return np.array([*(1.0 - free), mean_answer])
