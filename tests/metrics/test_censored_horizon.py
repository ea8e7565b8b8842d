import numpy as np
import pytest
from sksurv.metrics import brier_score, cumulative_dynamic_auc, integrated_brier_score

from mmfeat.metrics.censored_horizon import CensoredHorizon, integrated_brier, mean_auroc
from mmfeat.metrics.follow_up import FollowUp

from .gbsg2 import HORIZONS, women


def _found(cases, horizons=HORIZONS, weights=None, folds=None):
    """Return AUROC, Brier and the share without the event: (resamples, horizons) each."""
    follow_up = FollowUp(cases.times, cases.events)
    weights = np.ones((1, len(cases.times))) if weights is None else weights
    (still, event_free), status = follow_up.curves(weights), cases.status(horizons)
    found = [
        CensoredHorizon(
            follow_up,
            cases.times,
            status=status[:, k],
            risks=cases.by_horizon[:, k],
            horizon=horizon,
            folds=np.zeros(len(cases.times)) if folds is None else folds,
        )(weights, still)
        for k, horizon in enumerate(horizons)
    ]
    aurocs, briers = (np.stack(part, axis=1) for part in zip(*found, strict=True))
    return aurocs, briers, event_free[:, follow_up.after(horizons)]


def test_by_hand():
    # The case followed until 2 leaves at half; the event at 3 counts twice, that at 1 once.
    follow_up = FollowUp([1, 2, 3, 5], [True, False, True, False])
    horizon = CensoredHorizon(
        follow_up,
        [1, 2, 3, 5],
        status=[1, np.nan, 1, 0],
        risks=[0.2, 0.9, 0.6, 0.4],
        horizon=4,
        folds=np.zeros(4),
    )
    ones = np.ones((1, 4))
    still, _ = follow_up.curves(ones)
    assert still[0] == pytest.approx([1, 1, 2 / 3, 2 / 3, 0])
    auroc, brier = horizon(ones, still)
    assert auroc[0] == pytest.approx(1.5 / 2.5)
    assert brier[0] == pytest.approx((0.8**2 + 1.5 * 0.4**2 + 1.5 * 0.4**2) / 4)


def test_they_are_those_of_scikit_survival():
    cases = women()
    aurocs, briers, event_free = _found(cases)
    expected, mean = cumulative_dynamic_auc(
        cases.outcome, cases.outcome, cases.by_horizon, HORIZONS
    )
    assert aurocs[0] == pytest.approx(expected, abs=1e-9)
    assert mean_auroc(aurocs, event_free)[0] == pytest.approx(mean, abs=1e-9)
    survival = 1 - cases.by_horizon
    _, expected = brier_score(cases.outcome, cases.outcome, survival, HORIZONS)
    assert briers[0] == pytest.approx(expected, abs=1e-9)
    expected = integrated_brier_score(cases.outcome, cases.outcome, survival, HORIZONS)
    assert integrated_brier(briers, HORIZONS)[0] == pytest.approx(expected, abs=1e-9)


def test_a_resample_is_the_cases_that_were_drawn():
    cases = women(slice(0, 686, 5))
    random = np.random.default_rng(0)
    rows = np.sort(random.integers(len(cases.times), size=len(cases.times)))
    weights = np.bincount(rows, minlength=len(cases.times))[None].astype(float)
    drawn = type(cases)(*(column[rows] for column in cases))
    for ours, copied in zip(_found(cases, weights=weights), _found(drawn), strict=True):
        assert ours == pytest.approx(copied)


def test_only_cases_of_one_fold_are_compared_by_one_estimate_of_follow_up():
    cases = women(slice(0, 300))
    folds = np.arange(300) % 2
    aurocs, briers, _ = _found(cases, folds=folds)
    shifted = cases._replace(by_horizon=cases.by_horizon / 2 + folds[:, None] / 2)
    assert _found(shifted, folds=folds)[0] == pytest.approx(aurocs)
    assert _found(shifted)[0] != pytest.approx(aurocs, abs=0.01)
    assert _found(cases)[1] == pytest.approx(briers)


def test_a_study_that_ends_at_the_horizon_for_all_has_a_result():
    cases = women(slice(0, 300))
    ended = cases._replace(
        times=np.minimum(cases.times, 1500), events=cases.events & (cases.times <= 1500)
    )
    later = cases._replace(
        times=np.where(ended.times < 1500, cases.times, 1501), events=ended.events
    )
    at_the_end, just_after = _found(ended, (365.5, 1500)), _found(later, (365.5, 1500))
    assert not np.isnan(at_the_end[0]).any()
    for ours, expected in zip(at_the_end, just_after, strict=True):
        assert ours == pytest.approx(expected)


def test_where_nobody_is_followed_until_then_there_is_neither():
    cases = women(slice(0, 50))
    short = cases._replace(times=cases.times / 100)
    auroc, brier, _ = _found(short, (365.5,))
    assert np.isnan(auroc).all()
    assert np.isnan(brier).all()


def test_one_horizon_has_no_integral():
    assert np.isnan(integrated_brier(np.array([[0.2]]), [365])).all()
