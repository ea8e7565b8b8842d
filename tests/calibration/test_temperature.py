import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from mmfeat.calibration import Temperature, recalibrator_from_json
from mmfeat.calibration.temperature import COLDEST, HOTTEST


@pytest.fixture(scope="module")
def overconfident():
    """Probabilities of which the logits are three times too large, and what happened."""
    generator = np.random.default_rng(0)
    logits = generator.normal(-0.5, 1.2, size=(4000, 1))
    labels = (generator.random((4000, 1)) < expit(logits)).astype(float)
    return expit(3 * logits), labels


def test_logits_that_are_three_times_too_large_are_divided_by_about_three(overconfident):
    found = Temperature.fit(*overconfident, kind="binary")
    assert found.temperatures[0] == pytest.approx(3.0, rel=0.1)
    before, after = (
        log_loss(overconfident[1], one) for one in (overconfident[0], found.apply(overconfident[0]))
    )
    assert after < before - 0.1


def test_the_order_of_the_cases_stays(overconfident):
    found = Temperature.fit(*overconfident, kind="binary")
    assert roc_auc_score(overconfident[1], found.apply(overconfident[0])) == pytest.approx(
        roc_auc_score(overconfident[1], overconfident[0]), abs=1e-12
    )


def test_at_the_temperature_of_a_hand_worked_case_predicted_and_observed_agree():
    # 0.9 for four cases of which three are positive: the best answer is 0.75, so
    # T = logit(0.9) / logit(0.75) = ln 9 / ln 3 = 2.
    found = Temperature.fit([[0.9]] * 4, [[1], [1], [1], [0]], kind="binary")
    assert found.temperatures == pytest.approx((2.0,), abs=1e-9)
    np.testing.assert_allclose(found.apply([[0.9], [0.1]]), [[0.75], [0.25]], atol=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_it_is_that_of_scikit_learn(n_classes):
    generator = np.random.default_rng(1)
    features = generator.normal(size=(600, 3))
    labels = (features[:, :n_classes] + generator.normal(size=(600, n_classes))).argmax(axis=1)
    model = LogisticRegression(C=1e4).fit(features[:60], labels[:60])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature")
    theirs.fit(features[60:], labels[60:])
    answers, truth = model.predict_proba(features), np.eye(n_classes)[labels]
    ours = Temperature.fit(answers[60:], truth[60:], kind="multiclass")
    np.testing.assert_allclose(ours.apply(answers), theirs.predict_proba(features), atol=1e-6)


def test_the_temperature_of_classes_is_where_the_slope_of_the_log_loss_is_zero():
    generator = np.random.default_rng(2)
    logits = generator.normal(size=(200, 4))
    answers = softmax(2 * logits, axis=1)
    truth = np.eye(4)[(logits + generator.gumbel(size=logits.shape)).argmax(axis=1)]
    temperature = Temperature.fit(answers, truth, kind="multiclass").temperatures[0]
    losses = [
        log_loss(truth, softmax(np.log(answers) / (temperature * factor), axis=1))
        for factor in (0.99, 1.0, 1.01)
    ]
    assert min(losses) == losses[1]


def test_each_label_has_a_temperature_of_its_own_and_unknown_ones_do_not_count(overconfident):
    values, truth = overconfident
    both = np.hstack([values, expit(logit(values) / 3)])
    labels = np.hstack([truth, truth])
    labels[::2, 1] = np.nan
    found = Temperature.fit(both, labels, kind="multilabel")
    alone = Temperature.fit(both[1::2, 1:], labels[1::2, 1:], kind="binary")
    assert found.temperatures == pytest.approx(
        (Temperature.fit(values, truth, kind="binary").temperatures[0], alone.temperatures[0])
    )


def test_risks_of_later_horizons_stay_at_least_those_of_earlier_ones():
    found = Temperature("time_to_event", (0.3, 3.0))
    risks = found.apply([[0.6, 0.65], [0.1, 0.2]])
    assert (np.diff(risks, axis=1) >= 0).all()
    assert risks[0, 0] == risks[0, 1]


def test_one_label_only_changes_nothing():
    found = Temperature.fit([[0.2, 0.4], [0.9, 0.1]], [[1, 0], [1, np.nan]], kind="multilabel")
    assert found.temperatures == (1.0, 1.0)
    assert Temperature.fit([[0.2, 0.8]], [[0, 1]], kind="multiclass").temperatures == (1.0,)


def test_separated_and_hopeless_cases_stop_at_the_ends():
    separated = Temperature.fit([[0.4], [0.6]], [[0], [1]], kind="binary")
    backwards = Temperature.fit([[0.6], [0.4]], [[0], [1]], kind="binary")
    assert (separated.temperatures, backwards.temperatures) == ((COLDEST,), (HOTTEST,))


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1.0])), min_size=2, max_size=30))
def test_the_log_loss_of_the_fitted_cases_never_rises(cases):
    values, labels = (np.array(column)[:, None] for column in zip(*cases, strict=True))
    found = Temperature.fit(values, labels, kind="binary")
    clipped = np.clip(values, 1e-6, 1 - 1e-6)
    before, after = (
        -np.log(np.where(labels == 1, one, 1 - one)).sum() for one in (clipped, found.apply(values))
    )
    assert after <= before + 1e-6


def test_plain_values_make_it_again(overconfident):
    found = Temperature.fit(*overconfident, kind="binary")
    assert recalibrator_from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("values", "labels", "kind", "message"),
    [
        ([0.5], [1], "binary", r"probabilities must be \(cases, outputs\), got \(1,\)"),
        ([[1.5]], [[1]], "binary", r"1 values are no probabilities, the first 1\.5"),
        ([[0.5]], [[1, 0]], "binary", r"labels must be \(1, 1\), got \(1, 2\)"),
        ([[0.5]], [[2]], "binary", r"labels must be 0, 1 or NaN, got \[2\.\]"),
        ([[0.5]], [[1]], "regression", r"kind must be one of binary, .*, got `regression`"),
    ],
)
def test_what_cannot_be_fitted_is_said(values, labels, kind, message):
    with pytest.raises(ValueError, match=message):
        Temperature.fit(values, labels, kind=kind)


def test_other_numbers_of_outputs_are_refused():
    with pytest.raises(ValueError, match=r"must be \(cases, 2\), got \(1, 1\)"):
        Temperature("multilabel", (1.0, 2.0)).apply([[0.5]])


def test_few_cases_are_believed_less_than_many_where_little_is_expected():
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(2000, 1))
    labels = (generator.random((2000, 1)) < expit(logits)).astype(float)
    found = {
        (n, spread): Temperature.fit(
            expit(3 * logits[:n]), labels[:n], kind="binary", spread=spread
        ).temperatures[0]
        for n in (30, 2000)
        for spread in (None, 0.2)
    }
    assert 1 < found[30, 0.2] < 0.8 * found[30, None]
    assert found[2000, 0.2] == pytest.approx(found[2000, None], rel=0.15)


def test_a_prior_weighs_as_much_as_its_precision():
    # Two cases at logit 1, one of them positive: the slope of the loss at b is 2 s(b) - 1, and
    # that of the prior (b - 1) / 0.5**2; at b = 0.9 the first is 0.422 and the second -0.4.
    found = Temperature.fit(expit([[1.0], [1.0]]), [[0], [1]], kind="binary", spread=0.5)
    b = 1 / found.temperatures[0]
    assert 2 * expit(b) - 1 + (b - 1) / 0.25 == pytest.approx(0.0, abs=1e-9)
