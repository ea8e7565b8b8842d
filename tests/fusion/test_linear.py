import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from mmfeat.fusion.inner_folds import inner_folds
from mmfeat.fusion.linear import PENALTIES, choose_and_fit, fit_at_penalty, row_space
from mmfeat.fusion.probabilities import to_probabilities


def _cases(n_cases, width, n_classes=2, seed=0):
    random = np.random.default_rng(seed)
    features = random.standard_normal((n_cases, width)) + 0.3
    classes = np.argmax(features[:, :n_classes] + random.gumbel(size=(n_cases, n_classes)), axis=1)
    return features, classes


@pytest.mark.parametrize(("width", "penalty"), [(5, 0.1), (80, 0.01), (80, 1.0)])
def test_binary_models_are_those_of_scikit_learn_also_when_rotated(width, penalty):
    features, classes = _cases(40, width)
    reference = LogisticRegression(C=penalty, tol=1e-10, max_iter=5000).fit(features, classes)
    model = fit_at_penalty(features, classes, n_outputs=1, penalty=penalty)
    np.testing.assert_allclose(model.coefficients[:, 0], reference.coef_[0], atol=1e-4)
    np.testing.assert_allclose(model.intercepts, reference.intercept_, atol=1e-4)


@pytest.mark.parametrize("width", [6, 90])
def test_multiclass_models_predict_what_scikit_learns_do(width):
    features, classes = _cases(50, width, n_classes=3)
    reference = LogisticRegression(C=0.05, tol=1e-10, max_iter=5000).fit(features, classes)
    model = fit_at_penalty(features, classes, n_outputs=3, penalty=0.05)
    found = to_probabilities(model.logits(features), "multiclass")
    np.testing.assert_allclose(found, reference.predict_proba(features), atol=1e-4)


def test_rows_span_a_basis_that_is_orthonormal_and_loses_nothing():
    features, _ = _cases(10, 30)
    basis = row_space(features)
    assert basis.shape == (30, 10)
    np.testing.assert_allclose(basis.T @ basis, np.eye(10), atol=1e-12)
    np.testing.assert_allclose(features @ basis @ basis.T, features, atol=1e-12)


def test_more_cases_than_columns_are_not_rotated():
    assert row_space(_cases(30, 10)[0]) is None


def test_two_of_three_classes_give_the_third_a_small_probability():
    features, classes = _cases(60, 4)
    model = fit_at_penalty(features, 2 * classes, n_outputs=3, penalty=1.0)
    probabilities = to_probabilities(model.logits(features), "multiclass")
    reference = LogisticRegression(C=1.0).fit(features, classes).predict_proba(features)
    ratio = probabilities[:, 2] / (probabilities[:, 0] + probabilities[:, 2])
    np.testing.assert_allclose(ratio, reference[:, 1], atol=1e-3)
    assert probabilities[:, 1].max() < 0.02


def test_one_class_gives_its_smoothed_base_rate():
    model = fit_at_penalty(np.ones((9, 2)), np.zeros(9, dtype=np.int64), n_outputs=1, penalty=1.0)
    # (0 + 1/2) positives of 9 + 1 cases
    assert to_probabilities(model.logits(np.ones((1, 2))), "binary").item() == pytest.approx(0.05)


def test_the_penalty_with_the_least_log_loss_on_unseen_patients_is_chosen():
    features, classes = _cases(120, 20)
    labels = classes[:, None].astype(float)
    folds = inner_folds([str(n) for n in range(120)], labels)
    chosen = choose_and_fit(features, labels, folds, "binary", n_outputs=1)

    def loss(penalty):
        probabilities = np.empty(120)
        for fold in range(5):
            seen, unseen = folds != fold, folds == fold
            model = LogisticRegression(C=penalty, max_iter=2000).fit(features[seen], classes[seen])
            probabilities[unseen] = model.predict_proba(features[unseen])[:, 1]
        return log_loss(classes, probabilities)

    losses = {penalty: loss(penalty) for penalty in PENALTIES}
    assert chosen.penalties == (min(losses, key=losses.get),)
    found = log_loss(classes, to_probabilities(chosen.out_of_fold, "binary")[:, 0])
    assert found == pytest.approx(min(losses.values()), abs=1e-4)


def test_out_of_fold_logits_do_not_know_the_cases_own_label(monkeypatch):
    monkeypatch.setattr("mmfeat.fusion.linear.PENALTIES", (0.1,))
    features, classes = _cases(60, 5)
    labels = classes[:, None].astype(float)
    folds = inner_folds([str(n) for n in range(60)], labels)
    held_out = folds == 2
    flipped = np.where(held_out[:, None], 1 - labels, labels)
    first, second = (
        choose_and_fit(features, values, folds, "binary", n_outputs=1).out_of_fold
        for values in (labels, flipped)
    )
    np.testing.assert_array_equal(first[held_out], second[held_out])
    assert (first[~held_out] != second[~held_out]).all()


def test_each_label_gets_a_penalty_of_its_own_and_missing_labels_are_left_out():
    features, classes = _cases(90, 8)
    labels = np.stack([classes, np.random.default_rng(1).integers(0, 2, 90)], axis=1).astype(float)
    labels[:30, 1] = np.nan
    folds = inner_folds([str(n) for n in range(90)], labels)
    chosen = choose_and_fit(features, labels, folds, "multilabel", n_outputs=2)
    alone = choose_and_fit(features[30:], labels[30:, 1:], folds[30:], "binary", n_outputs=1)
    assert len(chosen.penalties) == 2
    np.testing.assert_allclose(
        chosen.model.coefficients[:, 1:], alone.model.coefficients, atol=1e-6
    )
    assert np.isfinite(chosen.out_of_fold).all()
