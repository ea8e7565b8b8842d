import numpy as np
import pytest

from mmfeat.calibration.conformal import (
    ClassConformal,
    NumberConformal,
    check_level,
    classes_in_set,
)


def test_p_values_are_those_worked_out_by_hand():
    # Class 0: known probabilities 0.9 and 0.7 in fold 0, 0.5 in fold 1. The new case has 0.7 in
    # fold 0 and 0.6 in fold 1: as strange or stranger are 0.7 and 0.5, so (2 + 1) / (3 + 1).
    # Class 1: known 0.8 in fold 1; the new case has 0.4 there, so (0 + 1) / (1 + 1).
    known = ClassConformal.fit(
        [[0.9, 0.1], [0.7, 0.3], [0.5, 0.5], [0.2, 0.8]],
        classes=[0, 0, 0, 1],
        folds=[0, 0, 1, 1],
    )
    assert known.n_cases == (3, 1)
    p_values = known.p_values([[[0.7, 0.3]], [[0.6, 0.4]]])
    np.testing.assert_allclose(p_values, [[3 / 4, 1 / 2]], rtol=0, atol=1e-15)


def test_a_class_without_known_cases_is_never_excluded():
    known = ClassConformal.fit([[0.9, 0.1]], classes=[0], folds=[0])
    assert known.p_values([[[1.0, 0.0]]])[0, 1] == 1.0


def test_an_interval_is_the_one_worked_out_by_hand():
    # Fold 0: residuals 1 and 3, answer 10; fold 1: residuals 2 and 5, answer 20.
    # Lower ends 9, 7, 18, 15; upper ends 11, 13, 22, 25. At level 0.6 of 4 known cases,
    # floor(0.4 * 5) = 2 on either side: the second smallest and the second largest.
    known = NumberConformal.fit([0.0] * 4, truth=[1, -3, 2, 5], folds=[0, 0, 1, 1])
    low, high = known.interval([[10.0], [20.0]], level=0.6)
    assert (low.tolist(), high.tolist()) == ([9.0], [22.0])


def test_too_few_known_cases_give_no_end():
    known = NumberConformal.fit(np.zeros(8), truth=np.ones(8), folds=np.zeros(8))
    low, high = known.interval([[1.0]], level=0.9)
    assert (low[0], high[0]) == (-np.inf, np.inf)
    known = NumberConformal.fit(np.zeros(9), truth=np.ones(9), folds=np.zeros(9))
    low, high = known.interval([[1.0]], level=0.9)  # 0.1 * 10 is one case, not a little less
    assert (low[0], high[0]) == (0.0, 2.0)


def test_sets_hold_the_classes_whose_p_is_above_the_rest_of_the_level():
    # 1 - 0.9 is a little less than 0.1 in binary, so exactly 0.1 needs care.
    p_values = [[0.1, 0.100001, 0.5], [0.01, 0.02, 0.03]]
    assert classes_in_set(p_values, level=0.9, names=["a", "b", "c"]) == [["b", "c"], []]


def _answers_of_folds(random, train_x, train_y, folds, x):
    """Return least-squares answers for new cases by models that did not see each fold."""
    found = []
    for fold in range(folds.max() + 1):
        design = np.c_[np.ones((folds != fold).sum()), train_x[folds != fold]]
        weights = np.linalg.lstsq(design, train_y[folds != fold], rcond=None)[0]
        found.append(np.c_[np.ones(len(x)), x] @ weights)
    return np.array(found)


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_intervals_of_a_cross_validation_cover_new_numbers_as_often_as_asked(level):
    random = np.random.default_rng(5)
    covered = []
    for _ in range(60):
        x, new_x = random.standard_normal((120, 3)), random.standard_normal((200, 3))
        y = x.sum(axis=1) + random.standard_t(4, 120)
        new_y = new_x.sum(axis=1) + random.standard_t(4, 200)
        folds = random.permutation(np.arange(120) % 5)
        seen = _answers_of_folds(random, x, y, folds, x)[folds, np.arange(120)]
        known = NumberConformal.fit(seen, truth=y, folds=folds)
        low, high = known.interval(_answers_of_folds(random, x, y, folds, new_x), level=level)
        covered.append(((low <= new_y) & (new_y <= high)).mean())
    assert level - 0.02 < np.mean(covered) < level + 0.04


def _risk_of_folds(train_x, train_y, folds, x):
    """Return the answers of a crude model of each fold: a curve along the classes' means."""
    found = []
    for fold in range(folds.max() + 1):
        rows = folds != fold
        difference = train_x[rows & (train_y == 1)].mean(0) - train_x[rows & (train_y == 0)].mean(0)
        middle = train_x[rows].mean(0)
        yes = 1 / (1 + np.exp(-2 * (x - middle) @ difference))
        found.append(np.stack([1 - yes, yes], axis=1))
    return np.array(found)


def test_sets_cover_each_class_as_often_as_asked_even_a_rare_one():
    random = np.random.default_rng(11)
    covered = {0: [], 1: []}
    for _ in range(60):
        y, new_y = (random.random(n) < 0.15 for n in (400, 400))
        x = random.standard_normal((400, 4)) + 0.7 * y[:, None]
        new_x = random.standard_normal((400, 4)) + 0.7 * new_y[:, None]
        y, new_y = y.astype(int), new_y.astype(int)
        folds = random.permutation(np.arange(400) % 5)
        seen = _risk_of_folds(x, y, folds, x)[folds, np.arange(400)]
        known = ClassConformal.fit(seen, classes=y, folds=folds)
        p_values = known.p_values(_risk_of_folds(x, y, folds, new_x))
        for label in covered:
            covered[label].append((p_values[new_y == label, label] > 0.1).mean())
    for label, shares in covered.items():
        assert 0.88 < np.mean(shares) < 0.94, label


def test_p_values_do_not_change_when_probabilities_are_recalibrated():
    random = np.random.default_rng(0)
    yes = random.random(50)
    known, new = np.stack([1 - yes[:40], yes[:40]], 1), np.stack([1 - yes[40:], yes[40:]], 1)
    classes, folds = random.integers(0, 2, 40), np.arange(40) % 2

    def sharper(p):
        return p**3 / (p**3 + (1 - p) ** 3)

    plain = ClassConformal.fit(known, classes=classes, folds=folds)
    recalibrated = ClassConformal.fit(sharper(known), classes=classes, folds=folds)
    np.testing.assert_array_equal(
        plain.p_values([new, new]), recalibrated.p_values([sharper(new), sharper(new)])
    )


def test_arrays_make_the_same_comparison_again_and_tell_no_order_of_cases():
    random = np.random.default_rng(1)
    probabilities = random.dirichlet([1, 1, 1], 30)
    classes, folds = random.integers(0, 3, 30), np.arange(30) % 3
    known = ClassConformal.fit(probabilities, classes=classes, folds=folds)
    again = ClassConformal.from_arrays(known.to_arrays(), n_classes=3)
    new = random.dirichlet([1, 1, 1], (3, 5))
    np.testing.assert_array_equal(known.p_values(new), again.p_values(new))
    mixed = random.permutation(30)
    other = ClassConformal.fit(probabilities[mixed], classes=classes[mixed], folds=folds[mixed])
    for name, values in known.to_arrays().items():
        np.testing.assert_array_equal(values, other.to_arrays()[name])
    numbers = NumberConformal.fit(probabilities[:, 0], truth=probabilities[:, 1], folds=folds)
    of_arrays = NumberConformal.from_arrays(numbers.to_arrays())
    for one, other_end in zip(
        numbers.interval(new[:, :, 0], level=0.8),
        of_arrays.interval(new[:, :, 0], level=0.8),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other_end)


def test_many_new_cases_are_measured_in_parts_alike(monkeypatch):
    random = np.random.default_rng(2)
    known = NumberConformal.fit(
        random.standard_normal(25), truth=random.standard_normal(25), folds=np.arange(25) % 5
    )
    new = random.standard_normal((5, 40))
    whole = known.interval(new, level=0.8)
    monkeypatch.setattr("mmfeat.calibration.conformal._NUMBERS_AT_ONCE", 60)
    np.testing.assert_array_equal(known.interval(new, level=0.8), whole)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"level must be from 0\.5 to below 1, got 1\.0"):
        check_level(1.0)
    with pytest.raises(ValueError, match="do not fit"):
        ClassConformal.fit([[0.5, 0.5]], classes=[0, 1], folds=[0])
    with pytest.raises(ValueError, match="below 2, got up to 2"):
        ClassConformal.fit([[0.5, 0.5]], classes=[2], folds=[0])
    with pytest.raises(ValueError, match="must be finite"):
        ClassConformal.fit([[np.nan, 0.5]], classes=[1], folds=[0])
    known = ClassConformal.fit([[0.5, 0.5]], classes=[1], folds=[1])
    with pytest.raises(ValueError, match=r"must be \(folds, cases, 2\), got \(1, 2\)"):
        known.p_values([[0.5, 0.5]])
    with pytest.raises(ValueError, match="of 2 folds, answers of 1"):
        known.p_values([[[0.5, 0.5]]])
    with pytest.raises(ValueError, match="answers and folds do not fit"):
        NumberConformal.fit([1.0], truth=[1.0], folds=[0, 1])
    with pytest.raises(ValueError, match="answers and truth must be finite"):
        NumberConformal.fit([np.inf], truth=[1.0], folds=[0])
    with pytest.raises(ValueError, match=r"must be \(folds, cases\), got \(1,\)"):
        NumberConformal.fit([1.0], truth=[1.0], folds=[0]).interval([1.0], level=0.9)
    with pytest.raises(ValueError, match="1 names for 2 classes"):
        classes_in_set([[0.5, 0.5]], level=0.9, names=["a"])
