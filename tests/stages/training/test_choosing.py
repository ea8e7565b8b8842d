from dataclasses import replace

import pytest

from mmfeat.fusion import get_method
from mmfeat.stages.training.choosing import choices, choices_to_json
from mmfeat.stages.training.head_order import HeadResult
from mmfeat.stages.training.plan import TrainingPlan
from mmfeat.stages.training.setting import settings_of

SETTINGS = settings_of({"dropout": [0.1, 0.3]})


@pytest.fixture(scope="module")
def plan():
    methods = {name: get_method(name) for name in ("paper", "average")}
    return TrainingPlan(("cancer",), methods, (0, 1), 2, (), settings=SETTINGS)


def _results(plan, losses):
    """Heads whose losses are given by fold, setting and seed."""
    return [
        HeadResult(key, 1.0, losses[key.fold][SETTINGS.index(key.setting)][key.seed])
        for key in plan.all_heads()
        if key.method == "paper"
    ]


def test_each_fold_takes_the_setting_with_the_lowest_loss_averaged_over_the_seeds(plan):
    results = _results(plan, [[(0.5, 0.9), (0.6, 0.6)], [(0.2, 0.3), (0.4, 0.1)]])
    made = choices(plan, results)
    assert [(one.fold, one.label, one.setting.label) for one in made] == [
        (0, "paper", "dropout=0.3"),
        (1, "paper", "dropout=0.1"),  # of equals the first
    ]
    assert made[0].losses == {"dropout=0.1": 0.7, "dropout=0.3": 0.6}
    assert choices_to_json(made)["cancer"]["paper"][0] == {
        "fold": 0,
        "setting": {"dropout": 0.3},
        "validation": {"dropout=0.1": 0.7, "dropout=0.3": 0.6},
    }


def test_a_setting_one_of_whose_heads_failed_is_not_taken(plan):
    results = _results(plan, [[(0.1, 0.1), (0.6, 0.6)], [(0.1, 0.1), (0.6, 0.6)]])
    failed = [
        replace(one, failure="NaN") if (one.key.fold, one.validation) == (0, 0.1) else one
        for one in results
    ]
    made = choices(plan, failed)
    assert [one.setting.label for one in made] == ["dropout=0.3", "dropout=0.1"]
    assert made[0].losses == {"dropout=0.1": None, "dropout=0.3": 0.6}


def test_without_a_grid_nothing_is_chosen(plan):
    alone = replace(plan, settings=settings_of({}))
    assert choices(alone, []) == ()
