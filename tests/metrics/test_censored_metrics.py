import numpy as np
import pytest
from sksurv.metrics import (
    concordance_index_censored,
    concordance_index_ipcw,
    integrated_brier_score,
)

from mmfeat.metrics.censored_metrics import (
    AUROC_TD,
    BRIER_IPCW,
    C_INDEX,
    INTEGRATED_BRIER,
    UNO_C,
    CensoredMetrics,
)

from .gbsg2 import HORIZONS, women


def _metrics(cases, horizons=HORIZONS, folds=None):
    return CensoredMetrics(
        cases.times,
        cases.events,
        risks=cases.risks,
        folds=np.zeros(len(cases.times)) if folds is None else folds,
        status=cases.status(horizons),
        by_horizon=cases.by_horizon[:, : len(horizons)],
        horizons=horizons,
    )


def _whole(cases, **changes):
    return _metrics(cases, **changes)(np.ones((1, len(cases.times))))[0]


def test_both_concordance_indices_are_those_of_scikit_survival():
    cases = women()
    found = _whole(cases)
    harrell = concordance_index_censored(cases.events, cases.times, cases.risks)[0]
    assert found[C_INDEX][0] == pytest.approx(harrell, abs=1e-9)
    uno = concordance_index_ipcw(cases.outcome, cases.outcome, cases.risks, tau=HORIZONS[-1])[0]
    assert found[UNO_C][0] == pytest.approx(uno, abs=1e-9)
    assert abs(uno - harrell) > 1e-3


def test_unos_c_by_hand():
    # The share that is followed falls to 2/3 at 2, so the pairs of the event at 3 count 9/4.
    cases = women(slice(0, 4))._replace(
        times=np.array([1.0, 2, 3, 5]),
        events=np.array([True, False, True, False]),
        risks=np.array([0.5, 0.9, 0.6, 0.7]),
    )
    found = _whole(cases, horizons=(2.5, 4.0))
    assert found[C_INDEX][0] == pytest.approx(0 / 4)
    cases = cases._replace(risks=np.array([0.5, 0.9, 0.8, 0.7]))
    found = _whole(cases, horizons=(2.5, 4.0))
    assert found[UNO_C][0] == pytest.approx(2.25 / (3 + 2.25))
    # Events from the last horizon on are not counted.
    assert _whole(cases, horizons=(2.5, 3.0))[UNO_C][0] == 0


def test_means_are_over_the_horizons_that_have_a_value():
    cases = women(slice(0, 300))
    horizons = (0.5, 730.5, 1500.5)
    metrics = _metrics(cases, horizons)
    whole, (aurocs, briers) = metrics(np.ones((1, 300)))
    assert np.isnan(aurocs[0, 0])
    assert metrics.defined == {AUROC_TD: [1, 2], BRIER_IPCW: [0, 1, 2]}
    assert aurocs[0, 1:].min() <= whole[AUROC_TD][0] <= aurocs[0, 1:].max()
    assert whole[BRIER_IPCW][0] == pytest.approx(briers.mean())
    expected = integrated_brier_score(
        cases.outcome, cases.outcome, 1 - cases.by_horizon[:, 1:], horizons[1:]
    )
    of_two = cases._replace(by_horizon=cases.by_horizon[:, 1:])
    assert _whole(of_two, horizons=horizons[1:])[INTEGRATED_BRIER][0] == pytest.approx(expected)


def test_what_is_undefined_has_a_reason():
    cases = women(slice(0, 40))
    nobody = _metrics(cases._replace(events=np.zeros(40, dtype=bool)))
    assert nobody.reason_undefined(UNO_C) == "none of 40 cases had the event"
    one = _metrics(cases, (1500.5,))
    assert "two horizons" in one.reason_undefined(INTEGRATED_BRIER)
    assert "before 1500.5" in one.reason_undefined(UNO_C)
    assert "followed until then" in one.reason_undefined(AUROC_TD)
    assert one.reason_undefined(BRIER_IPCW) == "no case is followed until then"
    assert one.counts(UNO_C, None)[1] < one.counts(C_INDEX, None)[1]
    assert one.counts(AUROC_TD, 0)[0] < 40
