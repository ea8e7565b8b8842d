import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.fusion.linear_models.inner_folds import inner_folds


@given(
    cases=st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0.0, 1.0, np.nan])), min_size=1),
    n_folds=st.integers(2, 6),
    seed=st.integers(0, 99),
)
def test_patients_stay_whole_and_folds_differ_by_one_patient_at_most(cases, n_folds, seed):
    patients = [f"p{number}" for number, _ in cases]
    labels = np.array([[label] for _, label in cases])
    folds = inner_folds(patients, labels, n_folds=n_folds, seed=seed)
    fold_of = {}
    for patient, fold in zip(patients, folds, strict=True):
        assert fold_of.setdefault(patient, fold) == fold
    counts = np.bincount(list(fold_of.values()), minlength=n_folds)
    assert counts.max() - counts.min() <= 1


def test_classes_are_spread_evenly():
    labels = (np.arange(100) < 15).astype(float)[:, None]
    folds = inner_folds([str(n) for n in range(100)], labels)
    assert [labels[folds == fold].sum() for fold in range(5)] == [3] * 5


def test_another_seed_gives_another_division():
    labels, patients = np.zeros((40, 1)), [str(n) for n in range(40)]
    assert (inner_folds(patients, labels, seed=0) != inner_folds(patients, labels, seed=1)).any()


def test_one_fold_is_refused():
    with pytest.raises(ValueError, match="2 or more, got 1"):
        inner_folds(["a"], np.zeros((1, 1)), n_folds=1)
