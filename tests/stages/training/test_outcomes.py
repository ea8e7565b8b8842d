import json

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion.task import TaskPart
from mmfeat.manifest.cohort import TargetValues, TimeRules
from mmfeat.stages.training.outcomes import fitted_outcome, joint_task

NAN = np.nan


def _times(model="hazards", horizons=(10.0, 20.0), n_cases=200):
    random = np.random.default_rng(0)
    values = np.stack([random.integers(1, 40, n_cases), random.integers(0, 2, n_cases)], axis=1)
    rules = TimeRules(horizons, 6, model == "cox")
    return TargetValues("time_to_event", ("days", "died"), values.astype(float), rules)


def test_a_number_is_learnt_on_the_scale_of_the_training_part_alone():
    values = np.array([[1.0], [2], [6], [NAN], [1000]])
    outcome = fitted_outcome(TargetValues("regression", ("ml",), values), np.arange(4))
    assert (outcome.mean, outcome.median) == (3.0, 2.0)
    labels = outcome.labels(values)
    assert np.nanmean(labels[:4]) == pytest.approx(0)
    assert np.nanstd(labels[:4]) == pytest.approx(1)
    np.testing.assert_allclose(outcome.answers(labels), values)
    assert outcome.part == TaskPart("regression", 1, divides_at=-1 / outcome.sd)
    np.testing.assert_array_equal(outcome.truth(values), values)


def test_intervals_are_those_of_the_training_part_alone():
    target, train = _times(), np.arange(120)
    changed = target.values.copy()
    changed[120:] = [[3.0, 1.0]] * 80
    other = TargetValues("time_to_event", target.names, changed, target.times)
    assert fitted_outcome(target, train) == fitted_outcome(other, train)
    assert fitted_outcome(target, train) != fitted_outcome(other, np.arange(200))


def test_hazards_are_answered_by_risks_until_the_horizons_that_rise():
    outcome = fitted_outcome(_times(), np.arange(200))
    n_intervals = outcome.part.n_outputs
    assert n_intervals <= 6
    assert outcome.names == ("by 10", "by 20", "risk")
    answers = outcome.answers(np.full((1, n_intervals), 0.1))
    first = outcome.ends.index(10.0) + 1
    assert answers[0, 0] == pytest.approx(1 - 0.9**first)
    assert answers[0, 1] == pytest.approx(1 - 0.9**n_intervals)
    higher = outcome.answers(np.full((1, n_intervals), 0.2))
    assert (higher > answers).all()


def test_truth_of_times_is_the_status_at_each_horizon_and_the_signed_time():
    outcome = fitted_outcome(_times(), np.arange(200))
    truth = outcome.truth(np.array([[5.0, 1.0], [15, 0], [30, 1], [NAN, NAN]]))
    np.testing.assert_array_equal(truth, [[1, 1, 5], [0, NAN, -15], [0, 0, 30], [NAN, NAN, NAN]])


def test_the_contrastive_stage_divides_at_the_horizon_of_which_most_is_known():
    values = np.array([[1.0, 1.0]] + [[9.0, 1.0]] * 30 + [[60.0, 0.0]] * 30)
    target = TargetValues("time_to_event", ("t", "e"), values, TimeRules((2.0, 10.0, 50.0), 3))
    outcome = fitted_outcome(target, np.arange(61))
    assert outcome.contrast_horizon == 10.0
    assert outcome.part.divides_at == outcome.ends.index(10.0) + 1


def test_without_an_event_within_the_horizons_nothing_can_be_learnt():
    values = np.array([[30.0, 1.0], [5.0, 0.0]] * 4)
    target = TargetValues("time_to_event", ("t", "e"), values, TimeRules((10.0,), 3))
    with pytest.raises(TrainError, match=r"no event by the last horizon \(10\)"):
        fitted_outcome(target, np.arange(8))


@pytest.mark.parametrize(("kind", "names"), [("binary", ("1",)), ("multilabel", ("a", "b"))])
def test_labels_are_answered_as_they_are(kind, names):
    values = np.ones((3, len(names)))
    outcome = fitted_outcome(TargetValues(kind, names, values), np.arange(3))
    assert outcome.part == TaskPart(kind, len(names))
    assert outcome.labels(values) is values
    assert outcome.truth(values) is values


def test_the_truth_of_a_class_is_one_for_it_and_zero_for_the_others():
    target = TargetValues("multiclass", ("a", "b", "c"), np.array([[1.0], [NAN]]))
    truth = fitted_outcome(target, np.arange(2)).truth(target.values)
    np.testing.assert_array_equal(truth, [[0, 1, 0], [NAN, NAN, NAN]])


def test_targets_learnt_together_stand_side_by_side_with_their_weights():
    outcomes = {
        "size": fitted_outcome(
            TargetValues("regression", ("ml",), np.arange(5.0)[:, None]), np.arange(5)
        ),
        "death": fitted_outcome(_times("cox"), np.arange(200)),
    }
    task = joint_task(outcomes, {"size": 1.0, "death": 0.5})
    assert [(part.kind, part.weight) for part in task.parts] == [("regression", 1.0), ("cox", 0.5)]


@pytest.mark.parametrize("model", ["hazards", "cox"])
def test_what_was_fitted_can_be_written_down(model):
    plain = fitted_outcome(_times(model), np.arange(200)).to_json()
    assert json.loads(json.dumps(plain))["horizons"] == [10.0, 20.0]
