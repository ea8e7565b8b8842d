import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from mmfeat.calibration import Isotonic, recalibrator_from_json

_CASES = st.lists(
    st.tuples(st.integers(0, 20).map(lambda k: k / 20), st.sampled_from([0.0, 1.0])),
    min_size=2,
    max_size=40,
)


@given(_CASES, st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_it_is_that_of_scikit_learn_with_ties(cases, new):
    values, labels = map(np.array, zip(*cases, strict=True))
    found = Isotonic.fit(values[:, None], labels[:, None], kind="binary")
    if len(set(labels)) < 2:
        np.testing.assert_array_equal(found.apply(np.array(new)[:, None])[:, 0], new)
        return
    fewest = 1 / (len(cases) + 2)
    theirs = IsotonicRegression(y_min=fewest, y_max=1 - fewest, out_of_bounds="clip")
    theirs.fit(values, labels)
    np.testing.assert_allclose(
        found.apply(np.array(new)[:, None])[:, 0], theirs.predict(new), atol=1e-9
    )


def test_a_hand_worked_case_pools_what_is_out_of_order():
    # 0, 1, 0, 1 at rising scores: the two in the middle are pooled to 1/2; the ends are
    # 1 / (4 + 2) and 5 / 6 instead of 0 and 1.
    found = Isotonic.fit([[0.1], [0.2], [0.3], [0.4]], [[0], [1], [0], [1]], kind="binary")
    assert found.steps[0].at == (0.1, 0.2, 0.3, 0.4)
    assert found.steps[0].values == pytest.approx((1 / 6, 0.5, 0.5, 5 / 6), abs=1e-12)


def test_classes_sum_to_one_and_later_risks_are_no_smaller():
    generator = np.random.default_rng(0)
    values = generator.dirichlet(np.ones(3), size=60)
    truth = np.eye(3)[generator.integers(3, size=60)]
    classes = Isotonic.fit(values, truth, kind="multiclass").apply(values)
    np.testing.assert_allclose(classes.sum(axis=1), 1.0, atol=1e-12)
    risks = Isotonic.fit(values, truth, kind="time_to_event").apply(values)
    assert (np.diff(risks, axis=1) >= 0).all()


def test_unknown_labels_do_not_count_and_one_label_only_changes_nothing():
    values = np.array([[0.1, 0.3], [0.5, 0.6], [0.9, 0.7]])
    truth = np.array([[0, 1], [np.nan, 1], [1, 1]])
    found = Isotonic.fit(values, truth, kind="multilabel")
    alone = Isotonic.fit(values[[0, 2], :1], truth[[0, 2], :1], kind="binary")
    assert found.steps[0] == alone.steps[0]
    np.testing.assert_array_equal(found.apply(values)[:, 1], values[:, 1])


def test_plain_values_make_it_again():
    found = Isotonic.fit([[0.1], [0.4], [0.6]], [[0], [1], [1]], kind="binary")
    assert recalibrator_from_json(found.to_json()) == found
