"""Cells are hidden case by case, more and more of them, whatever the order of rows and columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.tabular.hidden_cells import hide_cells, order_by, random_order
from mmfeat.tabular.records import RecordColumn, RecordTable

N_CASES = 200
CASE_IDS = [f"case-{number}" for number in range(N_CASES)]


@pytest.fixture(scope="module")
def records():
    random = np.random.default_rng(0)
    sexes = np.array(["f", "m", None], dtype=object)[random.integers(0, 3, N_CASES)]
    codes = np.empty(N_CASES, dtype=object)
    codes[:] = [("C34",), (), None, ("I10", "J44")] * (N_CASES // 4)
    numbers = random.normal(size=(4, N_CASES))
    numbers[random.random(numbers.shape) < 0.2] = np.nan
    sides = random.integers(-1, 2, N_CASES).astype(np.int8)
    return RecordTable(
        {
            "age": RecordColumn("numeric", numbers[0]),
            "crp": RecordColumn("numeric", numbers[1], sides=sides),
            "stage": RecordColumn("ordinal", np.abs(numbers[2]).round() % 2, levels=("I", "II")),
            "days": RecordColumn("date_difference", numbers[3]),
            "sex": RecordColumn("categorical", sexes),
            "icd": RecordColumn("codes", codes),
        }
    )


def _known(records):
    return np.stack([column.known for column in records.columns.values()], axis=1)


def test_hidden_cells_are_unknown_and_all_others_as_before(records):
    hidden = np.random.default_rng(1).random((N_CASES, 6)) < 0.4
    gappy = hide_cells(records, hidden)
    np.testing.assert_array_equal(_known(gappy), _known(records) & ~hidden)
    for (name, column), rows in zip(gappy.columns.items(), ~hidden.T, strict=True):
        assert (column.kind, column.levels) == (
            records.columns[name].kind,
            records.columns[name].levels,
        )
        np.testing.assert_array_equal(column.values[rows], records.columns[name].values[rows])
    assert not gappy.columns["crp"].sides[hidden[:, 1]].any()
    np.testing.assert_array_equal(
        gappy.columns["crp"].sides[~hidden[:, 1]], records.columns["crp"].sides[~hidden[:, 1]]
    )


def test_hiding_nothing_changes_nothing(records):
    assert not random_order(records, CASE_IDS, seed=0).hidden_at(0.0).any()


@given(low=st.floats(0, 0.99), high=st.floats(0, 0.99), seed=st.integers(0, 5))
def test_what_is_hidden_at_a_share_is_hidden_at_every_larger_one(records, low, high, seed):
    low, high = sorted([low, high])
    order = random_order(records, CASE_IDS, seed=seed)
    less, more = order.hidden_at(low), order.hidden_at(high)
    assert not (less & ~more).any()
    assert not (more & ~_known(records)).any()


def test_every_case_with_a_record_keeps_one_and_the_share_is_met_over_all_cases(records):
    order, known = random_order(records, CASE_IDS, seed=0), _known(records)
    kept = known & ~order.hidden_at(0.99)
    assert (kept.sum(axis=1) == known.any(axis=1)).all()
    hidden = order.hidden_at(0.5)
    assert hidden.sum() / known.sum() == pytest.approx(0.5, abs=0.02)
    assert (hidden.mean(axis=0) / known.mean(axis=0)).min() > 0.35


def test_neither_the_order_of_rows_nor_of_columns_nor_other_cases_make_a_difference(records):
    whole = random_order(records, CASE_IDS, seed=0).hidden_at(0.5)
    rows = np.random.default_rng(2).permutation(N_CASES)[:50]
    turned = RecordTable(
        {name: column.taken(rows) for name, column in reversed(records.columns.items())}
    )
    part = random_order(turned, [CASE_IDS[row] for row in rows], seed=0).hidden_at(0.5)
    np.testing.assert_array_equal(part[:, ::-1], whole[rows])


def test_another_seed_hides_other_cells(records):
    one, other = (random_order(records, CASE_IDS, seed=seed).hidden_at(0.5) for seed in (0, 1))
    assert (one != other).any()


def test_columns_can_be_hidden_one_after_the_other(records):
    order = order_by(records, [3, 0, 5, 4, 1, 2])
    only_first = _known(records) & (np.arange(6) == 1)
    rows = order.n_known == 6
    np.testing.assert_array_equal(order.hidden_at(1 / 6)[rows], only_first[rows])


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_is_none_is_a_mistake_of_the_caller(records, share):
    with pytest.raises(ValueError, match=r"share must be from 0 to below 1, got"):
        random_order(records, CASE_IDS, seed=0).hidden_at(share)


def test_a_mask_of_another_shape_is_a_mistake_of_the_caller(records):
    with pytest.raises(ValueError, match=r"hidden must be bool \(200, 6\), got bool \(200, 2\)"):
        hide_cells(records, np.zeros((N_CASES, 2), dtype=bool))
