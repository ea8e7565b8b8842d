import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sksurv.metrics import concordance_index_censored

from mmfeat.metrics.censored_metrics import AUROC_TD, C_INDEX, INTEGRATED_BRIER, UNO_C
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.survival import SurvivalMetrics, horizon_of

NAN = np.nan


@pytest.fixture
def cases():
    """Signed times, risks, and status and probability at two horizons, of 60 cases."""
    random = np.random.default_rng(0)
    times, events = random.integers(1, 20, 60), random.integers(0, 2, 60)
    risks = -times + random.normal(0, 5, 60)
    status = np.full((60, 2), NAN)
    for k, horizon in enumerate((5, 10)):
        status[(events == 1) & (times <= horizon), k] = 1
        status[times > horizon, k] = 0
    return np.where(events, times, -times), risks, status, random.random((60, 2))


def _metrics(signed, risks, status, by_horizon):
    return SurvivalMetrics(
        signed, risks, status=status, by_horizon=by_horizon, names=["by 5", "by 10"]
    )


def test_the_order_is_judged_by_harrells_c_and_horizons_by_the_cases_known_then(cases):
    signed, risks, status, by_horizon = cases
    metrics = _metrics(*cases)
    found = metrics(np.ones((1, 60)))
    expected = concordance_index_censored(signed > 0, np.abs(signed), risks)[0]
    assert found[C_INDEX][0] == pytest.approx(expected)
    known = ~np.isnan(status)
    areas = [roc_auc_score(status[k, n], by_horizon[k, n]) for n, k in enumerate(known.T)]
    assert found[MetricKey("auroc", "by 10")][0] == pytest.approx(areas[1])
    assert found[MetricKey("auroc")][0] == pytest.approx(np.mean(areas))
    assert metrics.counts(C_INDEX) == (60, int((signed > 0).sum()))
    assert metrics.counts(MetricKey("auroc", "by 5"))[0] == known[:, 0].sum()


def test_cases_of_unknown_time_are_not_compared(cases):
    signed, risks, status, by_horizon = cases
    lacking = signed.astype(float)
    lacking[::2] = NAN
    found = _metrics(lacking, risks, status, by_horizon)(np.ones((1, 60)))[C_INDEX][0]
    alone = _metrics(signed[1::2], risks[1::2], status[1::2], by_horizon[1::2])
    assert found == alone(np.ones((1, 30)))[C_INDEX][0]


def test_without_an_event_the_reason_is_told(cases):
    _, risks, status, by_horizon = cases
    metrics = _metrics(-np.arange(1.0, 61.0), risks, status, by_horizon)
    assert np.isnan(metrics(np.ones((1, 60)))[C_INDEX][0])
    assert metrics.reason_undefined(C_INDEX) == "none of 60 cases had the event"


def test_all_cases_count_where_follow_up_is_weighted_for(cases):
    _, _, status, _ = cases
    metrics = _metrics(*cases)
    found = metrics(np.ones((1, 60)))
    key = MetricKey("brier_ipcw", "by 10")
    assert found[key][0] != found[MetricKey("brier", "by 10")][0]
    assert {UNO_C, AUROC_TD, INTEGRATED_BRIER, key, MetricKey("auroc_td", "by 5")} <= set(found)
    assert metrics.counts(key) == (
        int((~np.isnan(status[:, 1])).sum()),
        int((status[:, 1] == 1).sum()),
    )
    assert metrics.left_out(AUROC_TD) is None
    assert (
        metrics.reason_undefined(MetricKey("brier_ipcw", "by 5"))
        == "no case is followed until then"
    )


def test_a_horizon_that_a_mean_leaves_out_is_named(cases):
    signed, risks, status, by_horizon = cases
    none_by_then = np.column_stack([np.where(np.isnan(status[:, 0]), NAN, 0.0), status[:, 1]])
    metrics = _metrics(signed, risks, none_by_then, by_horizon)
    assert metrics.left_out(AUROC_TD) == "without `by 5`: undefined there"
    assert metrics.left_out(UNO_C) is None


def test_a_name_without_a_horizon_is_refused():
    with pytest.raises(ValueError, match="such as `by 365`, got `soon`"):
        horizon_of("soon")
