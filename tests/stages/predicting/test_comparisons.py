import numpy as np
import pytest

from mmfeat.calibration.conformal import NumberConformal
from mmfeat.report import ScoredCases, View
from mmfeat.stages.predicting.comparisons import EMPTY_SET, FEWEST_NATURAL, Comparison

VIEW = View("cancer", "logistic", "natural", "ct")


def _cases(kind, outputs, probabilities, labels, folds=None):
    n_cases = len(labels)
    ids = np.array([f"c{number}" for number in range(n_cases)], dtype=object)
    folds = np.zeros(n_cases, np.int64) if folds is None else np.asarray(folds)
    values = np.asarray(probabilities, np.float64).reshape(n_cases, -1)
    truth = np.asarray(labels, np.float64).reshape(n_cases, -1)
    return ScoredCases(kind, tuple(outputs), ids, ids, folds, values, truth)


def _binary(n_cases, seed=0):
    random = np.random.default_rng(seed)
    yes = random.random(n_cases)
    labels = np.arange(n_cases) % 2
    return _cases("binary", ["1"], yes, labels, folds=random.integers(0, 2, n_cases))


def test_cases_that_lack_the_same_modalities_come_first_where_there_are_enough():
    simulated = _binary(400)
    views = {VIEW: _binary(2 * FEWEST_NATURAL), VIEW._replace(regime="simulated"): simulated}
    assert Comparison.of(views, VIEW).regime == "natural"
    views[VIEW] = _binary(2 * FEWEST_NATURAL - 2)
    assert Comparison.of(views, VIEW).regime == "simulated"
    assert Comparison.of(views, VIEW).fewest == 200
    assert Comparison.of({}, VIEW) is None


def test_a_binary_answer_is_compared_for_both_truths():
    # Of class no, one known probability 0.2 of yes; of class yes, 0.6 and 0.9.
    known = _cases("binary", ["1"], [0.2, 0.6, 0.9], [0, 1, 1])
    comparison = Comparison.of({VIEW._replace(regime="simulated"): known}, VIEW)
    found = comparison.cover(np.array([[[0.7], [0.1]]]), level=0.6)
    np.testing.assert_allclose(found.p_true[:, 0], [2 / 3, 1 / 3])
    np.testing.assert_allclose(found.p_false[:, 0], [1 / 2, 2 / 2])
    assert found.sets[:, 0].tolist() == ["no;yes", "no"]
    assert np.isnan(found.low).all()


def test_classes_share_one_set_and_a_case_like_none_of_them_has_an_empty_one():
    random = np.random.default_rng(0)
    classes = np.arange(90) % 3
    sure = np.full((90, 3), 0.05)
    sure[np.arange(90), classes] = 0.9
    sure += 0.01 * random.random((90, 3))
    known = _cases("multiclass", ["a", "b", "c"], sure, np.eye(3)[classes])
    comparison = Comparison.of({VIEW._replace(regime="simulated"): known}, VIEW)
    found = comparison.cover(np.array([[[0.98, 0.01, 0.01], [0.4, 0.3, 0.3]]]), level=0.9)
    assert found.sets.tolist() == [["a"] * 3, [EMPTY_SET] * 3]
    assert np.isnan(found.p_false).all()


def test_outputs_that_may_all_be_true_have_a_set_each_and_unknown_labels_do_not_count():
    known = _cases(
        "time_to_event",
        ["by 1", "by 2", "risk"],
        [[0.2, 0.4, 3.0], [0.6, 0.8, 9.0]],
        [[0, 1, 2.0], [np.nan, 1, -1.5]],
    )
    comparison = Comparison.of({VIEW._replace(regime="simulated"): known}, VIEW)
    assert len(comparison.parts) == 2
    assert comparison.parts[0].n_cases == (1, 0)
    found = comparison.cover(np.array([[[0.1, 0.9, 5.0]]]), level=0.9)
    assert found.p_true[0, :2].tolist() == [1.0, 1.0]
    assert np.isnan(found.p_true[0, 2])
    assert found.sets[0].tolist() == ["no;yes", "no;yes", None]


def test_numbers_have_an_interval_of_known_errors():
    known = _cases("regression", ["fev1"], np.zeros(20), np.linspace(0.1, 2, 20))
    comparison = Comparison.of({VIEW._replace(regime="simulated"): known}, VIEW)
    found = comparison.cover(np.array([[[5.0]]]), level=0.9)
    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx((3.1, 6.9))
    assert found.sets.tolist() == [[None]]


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "regression"])
def test_plain_values_and_arrays_make_the_same_comparison_again(kind):
    random = np.random.default_rng(1)
    outputs = ["a"] if kind in ("binary", "regression") else ["a", "b"]
    values = random.random((30, len(outputs)))
    labels = (random.random(values.shape) < 0.5).astype(float)
    if kind == "multiclass":
        labels = np.eye(2)[np.arange(30) % 2]
    views = {VIEW._replace(regime="simulated"): _cases(kind, outputs, values, labels)}
    known = Comparison.of(views, VIEW)
    again = Comparison.from_arrays(known.to_json(), list(known.to_arrays()))
    assert (again.outputs, again.regime, again.fewest) == (known.outputs, "simulated", known.fewest)
    assert isinstance(again.parts[0], NumberConformal) == (kind == "regression")
    new = random.random((1, 5, len(outputs)))
    for name in ("p_true", "p_false", "low", "high"):
        one, other = (getattr(c.cover(new, level=0.8), name) for c in (known, again))
        np.testing.assert_array_equal(one, other)
