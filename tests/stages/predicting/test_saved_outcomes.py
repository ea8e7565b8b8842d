import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.stages.predicting.saved_outcomes import SavedAnswers, read_outcomes
from mmfeat.stages.training.cox_outcome import CoxOutcome, CoxReference, cumulative_baseline
from mmfeat.stages.training.hazard_outcome import HazardOutcome
from mmfeat.stages.training.outcomes import LabelOutcome, NumberOutcome, write_outcomes

OUTCOMES = {
    "cancer": LabelOutcome("binary", ("1",)),
    "stage": LabelOutcome("multiclass", ("I", "II")),
    "findings": LabelOutcome("multilabel", ("nodule", "fibrosis")),
    "fev1": NumberOutcome("fev1", 70.5, 12.25, 71.0),
    "survival": HazardOutcome((10.0, 20.0, 40.0), (20.0, 40.0), 20.0),
    "relapse": CoxOutcome((5.0, 9.0), 5.0),
}


def test_each_kind_is_read_as_it_was_written(tmp_path):
    write_outcomes(tmp_path, OUTCOMES)
    assert read_outcomes(tmp_path, list(OUTCOMES)) == OUTCOMES


@pytest.mark.parametrize("content", [None, "{", "{}", '{"kind": "cox"}', "[]"])
def test_a_lost_or_damaged_file_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "cancer.json").write_text(content)
    with pytest.raises(TrainError, match=r"cancer.json: how the target was fitted cannot be read"):
        read_outcomes(tmp_path, ["cancer"])


def test_risks_of_cox_models_come_from_the_hazard_of_what_is_seen():
    outcome = OUTCOMES["relapse"]
    random = np.random.default_rng(0)
    references = {
        name: CoxReference(random.standard_normal(9), random.integers(1, 9, 9) * 1.0, np.ones(9))
        for name in ("0", "0+1")
    }
    horizons = np.array(outcome.horizons)
    saved = SavedAnswers(
        outcome,
        {name: cumulative_baseline(one, horizons).tolist() for name, one in references.items()},
    )
    predicted = random.standard_normal((2, 1))
    found = saved.answers(predicted, np.array([[True, False], [True, True]]))
    np.testing.assert_array_equal(found[:1], outcome.answers(predicted[:1], references["0"]))
    np.testing.assert_array_equal(found[1:], outcome.answers(predicted[1:], references["0+1"]))


def test_cox_models_without_baseline_hazards_are_a_mistake():
    with pytest.raises(ValueError, match="need their baseline hazards"):
        SavedAnswers(OUTCOMES["relapse"]).answers(np.zeros((1, 1)), np.array([[True]]))
