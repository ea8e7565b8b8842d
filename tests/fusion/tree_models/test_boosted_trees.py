import dataclasses

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss

from mmfeat.errors import TrainError
from mmfeat.fusion.task import TaskPart
from mmfeat.fusion.tree_models.boosted_trees import PATIENCE, SETTINGS, Examples, boost, logits

BINARY = TaskPart("binary", 1)


@pytest.fixture(scope="module")
def parts():
    random = np.random.default_rng(0)
    features = random.standard_normal((360, 4)).astype(np.float32)
    scores = 2 * features[:, :1] * features[:, 1:2] + features[:, 2:3]
    labels = (random.random((360, 1)) < expit(2 * scores)).astype(float)
    return Examples(features[:240], labels[:240]), Examples(features[240:], labels[240:])


@pytest.fixture(scope="module")
def boosted(parts):
    return boost(*parts, BINARY)


def test_the_number_of_trees_is_the_best_for_the_validation_part(parts, boosted):
    train, val = parts
    n_trees = len(boosted.watched[0].roots)
    losses = []
    for n in (n_trees, max(1, n_trees // 3), n_trees + PATIENCE):
        booster = HistGradientBoostingClassifier(**SETTINGS, max_iter=n, early_stopping=False).fit(
            train.features, train.labels[:, 0]
        )
        losses.append(log_loss(val.labels[:, 0], booster.predict_proba(val.features)))
    assert losses[0] == min(losses)
    found = log_loss(val.labels[:, 0], expit(logits(boosted.watched, val.features)[:, 0]))
    assert found == pytest.approx(losses[0], abs=1e-12)


def test_the_final_trees_are_as_many_and_of_both_parts(parts, boosted):
    train, val = parts
    booster = HistGradientBoostingClassifier(
        **SETTINGS, max_iter=len(boosted.watched[0].roots), early_stopping=False
    ).fit(
        np.concatenate([train.features, val.features]),
        np.concatenate([train.labels, val.labels])[:, 0],
    )
    np.testing.assert_allclose(
        logits(boosted.final, val.features)[:, 0],
        booster.decision_function(val.features),
        rtol=0,
        atol=1e-12,
    )


def test_nothing_to_learn_gives_the_base_rate(parts):
    train, val = parts
    noise = np.random.default_rng(1).random((360, 1)).round()
    boosted = boost(
        Examples(np.zeros_like(train.features), noise[:240]),
        Examples(np.zeros_like(val.features), noise[240:]),
        BINARY,
    )
    answers = expit(logits(boosted.final, val.features))
    assert answers == pytest.approx((noise.sum() + 0.5) / 361)


def test_each_label_has_its_own_trees_and_a_label_of_one_class_its_rate(parts):
    train, val = (
        Examples(p.features, np.hstack([p.labels, np.zeros_like(p.labels), 1 - p.labels]))
        for p in parts
    )
    train.labels[::3, 2] = np.nan
    boosted = boost(train, val, TaskPart("multilabel", 3))
    found = logits(boosted.final, val.features)
    assert found.shape == (len(val.labels), 3)
    assert found[:, 1] == pytest.approx(np.log(0.5 / 360.5))
    assert np.corrcoef(found[:, 0], found[:, 2])[0, 1] < -0.8


@pytest.mark.parametrize(("n_outputs", "most"), [(2, 1), (4, 2)])
def test_classes_that_nobody_has_are_unlikely(parts, n_outputs, most):
    train, val = parts
    labels = [p.labels + (most == 2) * (p.features[:, 3:] > 0) for p in (train, val)]
    boosted = boost(
        Examples(train.features, labels[0]),
        Examples(val.features, labels[1]),
        TaskPart("multiclass", n_outputs),
    )
    found = logits(boosted.final, val.features)
    assert found.shape == (len(val.labels), n_outputs)
    right = found.argmax(axis=1) == labels[1][:, 0]
    assert right.mean() > 0.7
    assert (found[:, most + 1 :] < -6).all()


def test_a_class_that_only_the_validation_part_has_is_learnt_in_the_end(parts):
    train, val = parts
    labels = val.labels.copy()
    labels[:30] = 2.0
    boosted = boost(train, Examples(val.features, labels), TaskPart("multiclass", 3))
    assert (logits(boosted.watched, val.features)[:, 2] == np.log(0.5 / 240)).all()
    assert logits(boosted.final, val.features)[:, 2].std() > 0


def test_without_a_validation_case_a_fixed_number_is_fitted(parts):
    train, val = parts
    nobody = Examples(val.features, np.full_like(val.labels, np.nan))
    assert len(boost(train, nobody, BINARY).final[0].roots) == 50


def test_cox_is_refused_with_what_to_do(parts):
    train, val = (dataclasses.replace(p, labels=np.ones((len(p.labels), 2))) for p in parts)
    with pytest.raises(TrainError, match="no Cox model; give the target `intervals`"):
        boost(train, val, TaskPart("cox", 1))
