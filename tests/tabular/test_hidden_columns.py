"""Whole columns hidden in an order, with a record left in every case."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmfeat.tabular.hidden_columns import ColumnOrder, column_order
from mmfeat.tabular.records import RecordColumn, RecordTable


def _records(known):
    values = np.where(known, 1.0, np.nan)
    return RecordTable(
        {f"c{k}": RecordColumn("numeric", column) for k, column in enumerate(values.T)}
    )


def test_the_lowest_number_goes_first_in_every_case():
    order = column_order(_records(np.ones((2, 4), bool)), [0.3, -1.0, 0.1, 0.2])
    assert order.hidden_at(0.25).tolist() == [[False, True, False, False]] * 2
    assert order.hidden_at(0.5).tolist() == [[False, True, True, False]] * 2
    assert order.hidden_at(0.9).tolist() == [[False, True, True, True]] * 2  # one column stays
    assert order.hidden_at(0.01).sum() == 2  # at least one is hidden
    assert not order.hidden_at(0.0).any()


def test_a_case_with_nothing_else_keeps_its_last_known_cell():
    known = np.array([[True, True, False], [False, True, True]])
    order = column_order(_records(known), [0, 1, 2])
    assert order.hidden_at(0.6).tolist() == [[True, False, False], [False, True, False]]
    assert order.n_known.tolist() == [2, 2]


@given(
    arrays(bool, st.tuples(st.integers(1, 6), st.integers(2, 5))),
    st.floats(0.0, 0.99),
    st.floats(0.0, 0.99),
    st.randoms(use_true_random=False),
)
def test_what_is_hidden_stays_hidden_and_every_record_stays_a_record(known, low, high, random):
    place = np.array(random.sample(range(known.shape[1]), known.shape[1]))
    order = ColumnOrder(place, known)
    fewer, more = (order.hidden_at(share) for share in sorted((low, high)))
    assert not (fewer & ~more).any()
    assert not (more & ~known).any()
    assert ((known & ~more).any(axis=1) == known.any(axis=1)).all()


def test_a_share_of_everything_is_refused():
    with pytest.raises(ValueError, match=r"below 1, got 1\.0"):
        column_order(_records(np.ones((1, 2), bool)), [0, 1]).hidden_at(1.0)
