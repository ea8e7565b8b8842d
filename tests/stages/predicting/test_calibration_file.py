import json

import numpy as np
import pytest
from scipy.special import expit, logit

from mmfeat.errors import TrainError
from mmfeat.stages.predicting.calibration_file import (
    SavedCalibration,
    calibration_of_methods,
)
from tests.stages.predicting.conftest import write_calibration

KEY = ("cancer", "paper", 0)
MODALITIES = ("ct", "clinical")


def test_cases_are_recalibrated_by_what_is_seen_of_them(tmp_path):
    write_calibration(tmp_path)
    saved = SavedCalibration.read(tmp_path)
    visible = np.array([[True, True], [True, False]])
    answers = np.array([[0.9], [0.9]])
    found = saved.applied(KEY, answers, visible, MODALITIES)
    np.testing.assert_allclose(found[0], expit(logit(0.9) / 2))
    assert found[1] == answers[1]
    assert saved.kind("cancer", "paper") == "temperature"


def test_the_order_of_times_is_left_alone(tmp_path):
    one = {"method": "temperature", "kind": "time_to_event", "temperatures": [2.0, 2.0]}
    targets = {"died": {"paper": {"ct": {"0": {"temperature": one}}}}}
    (tmp_path / "calibration.json").write_text(
        json.dumps({"chosen": "temperature", "targets": targets})
    )
    saved = SavedCalibration.read(tmp_path)
    answers = np.array([[0.2, 0.4, -3.7]])
    found = saved.applied(("died", "paper", 0), answers, np.array([[True, False]]), MODALITIES)
    np.testing.assert_allclose(found, [[expit(logit(0.2) / 2), expit(logit(0.4) / 2), -3.7]])


@pytest.mark.parametrize("chosen", ["none", "isotonic"])
def test_what_was_not_fitted_or_not_chosen_changes_nothing(tmp_path, chosen):
    write_calibration(tmp_path, chosen=chosen)
    saved = SavedCalibration.read(tmp_path)
    answers = np.array([[0.9]])
    assert saved.applied(KEY, answers, np.array([[True, True]]), MODALITIES) == answers
    assert saved.kind("cancer", "paper") is None


def test_a_run_that_was_not_evaluated_is_taken_as_it_is(tmp_path):
    saved = SavedCalibration.read(tmp_path)
    assert saved.kind("cancer", "paper") is None
    answers = np.array([[0.3]])
    assert saved.applied(KEY, answers, np.array([[True, True]]), MODALITIES) is answers


def test_other_methods_are_left_out(tmp_path):
    write_calibration(tmp_path)
    assert calibration_of_methods(tmp_path, ["paper"])["targets"]["cancer"].keys() == {"paper"}
    assert calibration_of_methods(tmp_path, ["other"])["targets"] == {"cancer": {}}


@pytest.mark.parametrize("content", ["{", "[]", '{"targets": {}}', '{"chosen": "x"}'])
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "calibration.json").write_text(content)
    with pytest.raises(TrainError, match=r"calibration.json: cannot be read .*mmfeat eval"):
        SavedCalibration.read(tmp_path)
