import numpy as np

from mmfeat.manifest.cohort import TargetValues
from mmfeat.manifest.splits import SplitRule, make_folds
from mmfeat.manifest.strata import strata_of

RULE = SplitRule(folds=5, val_share=0.2, seed=0, stratify_by="y", by_site=False)


def test_classes_are_taken_as_they_are():
    target = TargetValues("multiclass", ("a", "b"), np.array([[0.0], [1.0]]))
    assert strata_of(target) is target


def test_a_number_is_spread_by_its_quarters_over_all_parts():
    numbers = np.random.default_rng(0).exponential(10, 200)
    target = strata_of(TargetValues("regression", ("ml",), numbers[:, None]))
    assert np.bincount(target.values[:, 0].astype(int)).tolist() == [50] * 4
    patients = [f"p{number}" for number in range(200)]
    for fold in make_folds(patients, RULE, target=target):
        assert np.bincount(target.values[fold.test, 0].astype(int)).tolist() == [10] * 4


def test_a_time_is_spread_by_whether_the_event_was_seen():
    values = np.stack([np.arange(60.0), np.arange(60) % 6 == 0], axis=1)
    target = strata_of(TargetValues("time_to_event", ("t", "e"), values))
    folds = make_folds([f"p{number}" for number in range(60)], RULE, target=target)
    assert [int(values[fold.test, 1].sum()) for fold in folds] == [2] * 5


def test_unknown_numbers_are_in_no_quarter():
    values = np.array([[1.0], [np.nan], [2.0]])
    assert np.isnan(strata_of(TargetValues("regression", ("ml",), values)).values[1, 0])
    nothing = np.full((2, 1), np.nan)
    assert np.isnan(strata_of(TargetValues("regression", ("ml",), nothing)).values).all()
