import numpy as np
import pytest

from mmfeat.estimators.parts import cross_fitted_parts, single_part

LABELS = np.array([0, 1] * 20)
GROUPS = [str(row // 2) for row in range(40)]


def test_each_row_is_in_one_validation_part_and_its_group_with_it():
    parts = cross_fitted_parts(LABELS, GROUPS, n_folds=4, seed=0)
    assert len(parts) == 4
    assert sorted(np.concatenate([val for _, val in parts]).tolist()) == list(range(40))
    for train, val in parts:
        assert len(train) + len(val) == 40
        assert {GROUPS[row] for row in train}.isdisjoint(GROUPS[row] for row in val)


def test_a_rare_class_makes_fewer_folds():
    labels = np.array([1] * 3 + [0] * 37)
    parts = cross_fitted_parts(labels, [str(row) for row in range(40)], n_folds=5, seed=0)
    assert len(parts) == 3
    assert [int(labels[val].sum()) for _, val in parts] == [1, 1, 1]


def test_a_class_of_one_is_divided_all_the_same():
    labels = np.array([1] + [0] * 9)
    parts = cross_fitted_parts(labels, [str(row) for row in range(10)], n_folds=5, seed=0)
    assert len(parts) == 2


def test_one_part_has_about_the_share_that_was_asked_for():
    train, val = single_part(LABELS, GROUPS, val_share=0.2, seed=1)
    assert (len(train), len(val)) == (32, 8)
    assert labels_of(val) == {0, 1}


def labels_of(rows):
    return set(LABELS[rows].tolist())


def test_the_seed_decides():
    first, again, other = (single_part(LABELS, GROUPS, val_share=0.2, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


def test_one_group_cannot_be_divided():
    with pytest.raises(ValueError, match="cannot divide 1 sample, or 1 group"):
        cross_fitted_parts(LABELS, ["a"] * 40, n_folds=2, seed=0)
