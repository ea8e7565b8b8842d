import pytest
from mmfeat.cli.train_options import overrides_of

from mmfeat.errors import ConfigError


def test_nothing_asked_for_changes_nothing():
    assert overrides_of(None, None, None, None) == []


def test_each_option_stands_for_a_setting():
    assert overrides_of("mmfeat, paper", 4, 3, " learning_rate = 1e-4,1e-3 ; dropout=0.1;") == [
        "train.methods=[mmfeat, paper]",
        "cohort.split.folds=4",
        "train.seeds=[0, 1, 2]",
        "train.grid={learning_rate: [1e-4, 1e-3], dropout: [0.1]}",
    ]


@pytest.mark.parametrize("grid", ["dropout", "=0.1", "dropout=", "dropout=0.1;epochs"])
def test_a_grid_that_is_not_written_so_is_refused_with_an_example(grid):
    with pytest.raises(ConfigError, match=r"--grid: `.*` must be NAME=VALUE,VALUE, such as"):
        overrides_of(None, None, None, grid)
