"""686 women with breast cancer, as scikit-survival brings them (German Breast Cancer Study)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sksurv.datasets import load_gbsg2
from sksurv.util import Surv

HORIZONS = (365.5, 730.5, 1500.5)
"""Between days: then no follow-up ends at a horizon."""


class Women(NamedTuple):
    """Hold times in days, and made-up risks that know a little."""

    times: NDArray[np.float64]
    events: NDArray[np.bool_]
    risks: NDArray[np.float64]
    by_horizon: NDArray[np.float64]

    @property
    def outcome(self):
        """Times and events as scikit-survival takes them."""
        return Surv.from_arrays(self.events, self.times)

    def status(self, horizons=HORIZONS):
        """Return whether the event came by each horizon: 1, 0, or NaN where that is unknown."""
        time, event = self.times[:, None], self.events[:, None]
        known = np.where(time >= np.array(horizons), 0.0, np.nan)
        return np.where(event & (time <= np.array(horizons)), 1.0, known)


def women(rows=slice(None)) -> Women:
    """Return some of the women."""
    columns, outcome = load_gbsg2()
    risks = np.log1p(columns["pnodes"].to_numpy()) - 0.2 * np.log1p(columns["progrec"].to_numpy())
    by_horizon = 1 / (1 + np.exp(np.array([2.5, 1.5, 0.5]) - np.round(risks, 1)[:, None]))
    return Women(
        outcome["time"][rows], outcome["cens"][rows], np.round(risks, 1)[rows], by_horizon[rows]
    )
