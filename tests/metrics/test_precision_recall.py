"""Precision and recall at every threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve as sklearn_curve

from mmfeat.metrics.precision_recall import precision_recall_curve


def test_a_curve_worked_out_by_hand_with_a_tie():
    recall, precision = precision_recall_curve([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1])
    assert recall.tolist() == [0.0, 0.5, 1.0, 1.0]
    assert precision.tolist() == pytest.approx([1.0, 1.0, 2 / 3, 0.5])


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.4, 0.8])), min_size=1).filter(
        lambda cases: any(label for label, _ in cases)
    )
)
def test_it_is_scikit_learns_curve_from_the_other_end(cases):
    labels, scores = map(list, zip(*cases, strict=True))
    recall, precision = precision_recall_curve(labels, scores)
    wanted_precision, wanted_recall, _ = sklearn_curve(labels, scores)
    np.testing.assert_allclose(recall[1:], wanted_recall[-2::-1], atol=1e-12)
    np.testing.assert_allclose(precision[1:], wanted_precision[-2::-1], atol=1e-12)


def test_without_a_positive_case_there_is_no_curve():
    with pytest.raises(ValueError, match="needs a positive case, got 2 others"):
        precision_recall_curve([0, 0], [0.1, 0.2])
