import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from mmfeat.errors import CohortError
from mmfeat.manifest.cohort import TargetValues
from mmfeat.manifest.splits import SplitRule, fold_of, make_folds, parts_of


def _rule(folds=5, *, by_site=False, seed=0, val_share=0.2, stratify_by=None):
    return SplitRule(folds, val_share, seed, stratify_by, by_site)


def _target(values, kind="binary", names=("1",)):
    return TargetValues(kind, names, np.asarray(values, dtype=float)[:, None])


def _parts(folds):
    return np.stack([parts_of(fold) for fold in folds], axis=1)  # (cases, folds)


@st.composite
def _cohorts(draw):
    """Patients of one to three cases at one to three sites, labels of which some are unknown."""
    n_patients = draw(st.integers(30, 60))
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    patients = np.repeat(np.arange(n_patients), generator.integers(1, 4, n_patients))
    generator.shuffle(patients)
    of_patients = generator.integers(0, 2, n_patients).astype(float)
    assume(10 <= of_patients.sum() <= n_patients - 10)  # fewer may be refused by name
    labels = of_patients[patients]
    labels[generator.random(len(patients)) < 0.1] = np.nan
    sites = generator.integers(0, 12, n_patients)[patients]
    return [f"p{patient}" for patient in patients], labels, [f"s{site}" for site in sites]


@settings(max_examples=40, deadline=None)
@given(_cohorts(), st.integers(2, 5), st.booleans(), st.booleans(), st.integers(0, 99))
def test_parts_are_disjoint_by_patient_and_each_patient_is_tested_once(
    cohort, n_folds, stratified, by_site, seed
):
    patients, labels, sites = cohort
    folds = make_folds(
        patients,
        _rule(n_folds, seed=seed, by_site=by_site, stratify_by="y" if stratified else None),
        target=_target(labels) if stratified else None,
        sites=sites if by_site else None,
    )
    assert len(folds) == n_folds
    tested = []
    for fold in folds:
        rows = np.concatenate([fold.train, fold.val, fold.test])
        assert sorted(rows) == list(range(len(patients)))
        assert all(np.array_equal(part, np.unique(part)) for part in vars(fold).values())
        of_part = [{patients[row] for row in part} for part in vars(fold).values()]
        assert all(of_part)
        assert sum(map(len, of_part)) == len(set(patients))
        tested += of_part[2]
        if by_site:
            test_sites = {sites[row] for row in fold.test}
            assert test_sites.isdisjoint({sites[row] for row in [*fold.train, *fold.val]})
    assert sorted(tested) == sorted(set(patients))


@settings(max_examples=20, deadline=None)
@given(_cohorts(), st.integers(0, 99), st.randoms())
def test_the_same_seed_gives_the_same_parts_whatever_the_order_of_the_rows(cohort, seed, random):
    patients, labels, _ = cohort
    rule = _rule(seed=seed, stratify_by="y")
    parts = _parts(make_folds(patients, rule, target=_target(labels)))
    order = list(range(len(patients)))
    random.shuffle(order)
    shuffled = make_folds([patients[i] for i in order], rule, target=_target(labels[order]))
    np.testing.assert_array_equal(_parts(shuffled), parts[order])


def test_another_seed_gives_other_parts():
    patients = [f"p{number}" for number in range(40)]
    first, second = (_parts(make_folds(patients, _rule(seed=seed))) for seed in (0, 1))
    assert (first != second).any()


def test_test_parts_are_those_of_scikit_learn_on_the_sorted_patients():
    generator = np.random.default_rng(0)
    patients = sorted(f"p{number:02d}" for number in range(50))
    labels = generator.integers(0, 2, 50)
    folds = make_folds(patients, _rule(seed=7, stratify_by="y"), target=_target(labels))
    outside = StratifiedKFold(5, shuffle=True, random_state=7).split(np.zeros(50), labels)
    for fold, (_, test) in zip(folds, outside, strict=True):
        np.testing.assert_array_equal(fold.test, test)


def test_classes_are_spread_evenly_over_all_parts():
    labels = np.repeat([0, 1, 2], [100, 50, 50])
    target = _target(labels, "multiclass", ("a", "b", "c"))
    patients = [f"p{number:03d}" for number in range(200)]
    for fold in make_folds(patients, _rule(5, stratify_by="y", val_share=0.25), target=target):
        assert np.bincount(labels[fold.test]).tolist() == [20, 10, 10]
        assert np.bincount(labels[fold.val]).tolist() == [20, 10, 10]
        assert np.bincount(labels[fold.train]).tolist() == [60, 30, 30]


def test_cases_without_a_label_are_spread_evenly_too():
    labels = np.repeat([0, 1, np.nan], [40, 40, 20])
    patients = [f"p{number:03d}" for number in range(100)]
    for fold in make_folds(patients, _rule(5, stratify_by="y"), target=_target(labels)):
        assert np.isnan(labels[fold.test]).sum() == 4
        assert np.isnan(labels[fold.val]).sum() == 3


def test_a_patient_counts_by_the_highest_label():
    patients = [f"p{number // 2}" for number in range(40)]  # two cases each
    labels = np.tile([0, 1, 0, 0], 10)  # every other patient has a positive case
    for fold in make_folds(patients, _rule(5, stratify_by="y"), target=_target(labels)):
        assert labels[fold.test].sum() == 2


def test_sites_that_share_a_patient_stay_together():
    patients = ["a", "a", *(f"p{number}" for number in range(30))]
    sites = ["s0", "s1", *(f"s{number % 6}" for number in range(30))]
    parts = _parts(make_folds(patients, _rule(3, by_site=True), sites=sites))
    joined = parts[[site in ("s0", "s1") for site in sites]]
    assert ((joined == "test") == (joined[0] == "test")).all()


@pytest.mark.parametrize(
    ("n_patients", "labels", "options", "message"),
    [
        (4, None, {}, "4 patients are too few for 5 folds; lower `cohort.split.folds`"),
        (2, None, {"folds": 2}, "2 patients are too few for 2 folds"),
        (3, None, {"folds": 2}, "fold 0 would have no val part: 3 patients are too few"),
        (
            20,
            [1, 1, 1] + [0] * 17,
            {},
            r"target `y`: fold \d would have a \w+ part with fewer than two classes, as there are "
            r"too few patients \(17 with `not 1`, 3 with `1`\); lower",
        ),
        (20, [0] * 20, {}, r"20 with `not 1`, 0 with `1`"),
    ],
)
def test_too_few_patients_are_told_with_the_counts(n_patients, labels, options, message):
    patients = [f"p{number}" for number in range(n_patients)]
    target = None if labels is None else _target(labels)
    with pytest.raises(CohortError, match=message):
        make_folds(patients, _rule(**options, stratify_by="y"), target=target)


def test_too_few_sites_are_told():
    patients = [f"p{number}" for number in range(20)]
    sites = [f"s{number % 3}" for number in range(20)]
    with pytest.raises(CohortError, match="3 sites without common patients are too few for 5"):
        make_folds(patients, _rule(by_site=True), sites=sites)


def test_a_rare_class_does_not_stop_a_multiclass_target():
    labels = np.repeat([0, 1, 2], [30, 30, 2])
    target = _target(labels, "multiclass", ("a", "b", "c"))
    patients = [f"p{number:02d}" for number in range(62)]
    assert len(make_folds(patients, _rule(5, stratify_by="y"), target=target)) == 5


def test_parts_and_folds_are_two_ways_to_say_the_same():
    parts = np.array(["val", "train", "test", "train"])
    fold = fold_of(parts)
    assert (fold.train.tolist(), fold.val.tolist(), fold.test.tolist()) == ([1, 3], [0], [2])
    np.testing.assert_array_equal(parts_of(fold), parts)
