import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss

from mmfeat.errors import TrainError
from mmfeat.fusion.linear_models.inner_folds import inner_folds
from mmfeat.fusion.linear_models.linear import PENALTIES, choose_and_fit
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task, TaskPart

BINARY = Task.single("binary")


def _cases(n_cases, width, n_classes=2, seed=0):
    random = np.random.default_rng(seed)
    features = random.standard_normal((n_cases, width)) + 0.3
    classes = np.argmax(features[:, :n_classes] + random.gumbel(size=(n_cases, n_classes)), axis=1)
    return features, classes


def test_the_penalty_with_the_least_log_loss_on_unseen_patients_is_chosen():
    features, classes = _cases(120, 20)
    labels = classes[:, None].astype(float)
    folds = inner_folds([str(n) for n in range(120)], labels)
    chosen = choose_and_fit(features, labels, folds, BINARY)

    def loss(penalty):
        probabilities = np.empty(120)
        for fold in range(5):
            seen, unseen = folds != fold, folds == fold
            model = LogisticRegression(C=penalty, max_iter=2000).fit(features[seen], classes[seen])
            probabilities[unseen] = model.predict_proba(features[unseen])[:, 1]
        return log_loss(classes, probabilities)

    losses = {penalty: loss(penalty) for penalty in PENALTIES}
    assert chosen.penalties == (min(losses, key=losses.get),)
    found = log_loss(classes, to_answers(chosen.out_of_fold, BINARY)[:, 0])
    assert found == pytest.approx(min(losses.values()), abs=1e-4)


def test_out_of_fold_logits_do_not_know_the_cases_own_label(monkeypatch):
    monkeypatch.setattr("mmfeat.fusion.linear_models.linear.PENALTIES", (0.1,))
    features, classes = _cases(60, 5)
    labels = classes[:, None].astype(float)
    folds = inner_folds([str(n) for n in range(60)], labels)
    held_out = folds == 2
    flipped = np.where(held_out[:, None], 1 - labels, labels)
    first, second = (
        choose_and_fit(features, values, folds, BINARY).out_of_fold for values in (labels, flipped)
    )
    np.testing.assert_array_equal(first[held_out], second[held_out])
    assert (first[~held_out] != second[~held_out]).all()


def test_each_label_gets_a_penalty_of_its_own_and_missing_labels_are_left_out():
    features, classes = _cases(90, 8)
    labels = np.stack([classes, np.random.default_rng(1).integers(0, 2, 90)], axis=1).astype(float)
    labels[:30, 1] = np.nan
    folds = inner_folds([str(n) for n in range(90)], labels)
    chosen = choose_and_fit(features, labels, folds, Task.single("multilabel", 2))
    alone = choose_and_fit(features[30:], labels[30:, 1:], folds[30:], BINARY)
    assert len(chosen.penalties) == 2
    np.testing.assert_allclose(
        chosen.model.coefficients[:, 1:], alone.model.coefficients, atol=1e-6
    )
    assert np.isfinite(chosen.out_of_fold).all()


def test_numbers_are_fitted_by_ridge_regression_at_the_penalty_best_on_unseen_patients():
    random = np.random.default_rng(0)
    features = random.standard_normal((80, 30))
    labels = features[:, :1] + random.standard_normal((80, 1))
    folds = inner_folds([str(n) for n in range(80)], labels)
    chosen = choose_and_fit(features, labels, folds, Task.single("regression"))

    def loss(penalty):
        errors = np.empty(80)
        for fold in range(5):
            seen, unseen = folds != fold, folds == fold
            model = Ridge(alpha=1 / penalty).fit(features[seen], labels[seen, 0])
            errors[unseen] = labels[unseen, 0] - model.predict(features[unseen])
        return np.mean(errors**2) / 2

    losses = {penalty: loss(penalty) for penalty in PENALTIES}
    assert chosen.penalties == (min(losses, key=losses.get),)
    found = np.mean((labels - chosen.out_of_fold) ** 2) / 2
    assert found == pytest.approx(min(losses.values()), abs=1e-9)


def test_the_intervals_of_hazards_share_coefficients_and_penalty():
    features, classes = _cases(120, 4)
    labels = np.stack([classes, np.where(classes == 1, np.nan, 0.0)], axis=1).astype(float)
    labels[::7, 1] = np.where(classes[::7] == 1, np.nan, 1.0)
    folds = inner_folds([str(n) for n in range(120)], labels)
    hazards = Task((TaskPart("multilabel", 2, hazards=True, divides_at=2.0),))
    chosen = choose_and_fit(features, labels, folds, hazards)
    assert len(chosen.penalties) == 1
    np.testing.assert_array_equal(chosen.model.coefficients[:, 0], chosen.model.coefficients[:, 1])
    assert chosen.model.intercepts[0] != chosen.model.intercepts[1]


def test_several_targets_are_fitted_as_each_would_be_alone():
    features, classes = _cases(90, 6)
    labels = np.stack([classes, features[:, 0] + classes], axis=1)
    folds = inner_folds([str(n) for n in range(90)], labels)
    both = choose_and_fit(
        features, labels, folds, Task((TaskPart("binary", 1), TaskPart("regression", 1)))
    )
    first = choose_and_fit(features, labels[:, :1], folds, BINARY)
    second = choose_and_fit(features, labels[:, 1:], folds, Task.single("regression"))
    np.testing.assert_array_equal(
        both.out_of_fold, np.hstack([first.out_of_fold, second.out_of_fold])
    )
    assert both.penalties == first.penalties + second.penalties


def test_cox_is_refused():
    labels = np.ones((8, 2))
    with pytest.raises(TrainError, match="no Cox form; set `model: hazards`"):
        choose_and_fit(np.ones((8, 1)), labels, np.arange(8) % 5, Task.single("cox"))
