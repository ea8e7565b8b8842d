import dataclasses

import pytest

from mmfeat.config.learning import TrainSettings
from mmfeat.config.training_grid import GRID_SETTINGS, checked_grid
from mmfeat.fusion.contract import FitOptions


def _checked(grid):
    return checked_grid(grid, TrainSettings.model_fields)


def test_every_number_of_networks_can_be_varied_and_nothing_else():
    assert set(GRID_SETTINGS) == {field.name for field in dataclasses.fields(FitOptions)}
    assert set(GRID_SETTINGS) <= set(TrainSettings.model_fields)


def test_values_are_read_as_those_of_their_setting():
    grid = _checked({"learning_rate": [1, 1e-3], "epochs": [5], "cosine": [True, False]})
    assert grid == {"learning_rate": [1.0, 1e-3], "epochs": [5], "cosine": [True, False]}
    assert isinstance(grid["learning_rate"][0], float)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"learning_rte": [1e-3]}, "learning_rte: cannot be varied; did you mean `learning_rate`"),
        ({"device": ["cpu"]}, "device: cannot be varied; known here: learning_rate, "),
        ({"dropout": [0.1, 1.5]}, "dropout: `1.5` should be less than 1"),
        ({"epochs": [2.5]}, "epochs: `2.5` should be a valid integer"),
        ({"dropout": []}, "dropout: give one value or more"),
        ({"dropout": [0.1, 0.1]}, "dropout: one value is named twice"),
    ],
)
def test_what_cannot_be_varied_so_is_refused_by_name(grid, message):
    with pytest.raises(ValueError, match=message):
        _checked(grid)
