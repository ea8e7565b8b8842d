import numpy as np
import pytest

from mmfeat.calibration import (
    RECALIBRATIONS,
    Identity,
    Recalibrator,
    Temperature,
    fit_recalibrator,
    recalibrator_from_json,
)


@pytest.mark.parametrize("name", [*RECALIBRATIONS, "none"])
def test_every_recalibration_is_one_and_survives_its_plain_values(name):
    values, labels = np.array([[0.2], [0.7], [0.9]] * 9), np.array([[0.0], [1], [0]] * 9)
    made: Recalibrator = Identity("no cases")
    if name != "none":
        made = fit_recalibrator(name, values, labels, kind="binary")
    assert isinstance(made, Recalibrator)
    assert made.to_json()["method"] == name
    again = recalibrator_from_json(made.to_json())
    np.testing.assert_array_equal(again.apply(values), made.apply(values))


def test_a_temperature_is_taken_only_where_cases_clearly_ask_for_one():
    sure, labels = np.array([[0.98], [0.98], [0.02]]), np.array([[1.0], [0], [0]])
    assert isinstance(fit_recalibrator("temperature", sure, labels, kind="binary"), Identity)
    found = fit_recalibrator(
        "temperature", np.tile(sure, (20, 1)), np.tile(labels, (20, 1)), kind="binary"
    )
    assert isinstance(found, Temperature)
    assert found.temperatures[0] > 1


def test_identity_changes_nothing_and_keeps_its_reason():
    found = recalibrator_from_json(Identity("too few cases").to_json())
    assert found == Identity("too few cases")
    np.testing.assert_array_equal(found.apply([[0.25]]), [[0.25]])


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="one of temperature, isotonic, got `platt`"):
        fit_recalibrator("platt", [[0.5]], [[1]], kind="binary")
    with pytest.raises(ValueError, match="one of none, temperature, isotonic, got `platt`"):
        recalibrator_from_json({"method": "platt"})
