from mmfeat.fusion.contract import FitOptions
from mmfeat.stages.training.setting import AS_SET, settings_of


def test_every_combination_is_a_setting_of_its_own():
    made = settings_of({"learning_rate": [1e-4, 1e-3], "dropout": [0.1, 0.3]})
    assert [one.label for one in made] == [
        "learning_rate=0.0001,dropout=0.1",
        "learning_rate=0.0001,dropout=0.3",
        "learning_rate=0.001,dropout=0.1",
        "learning_rate=0.001,dropout=0.3",
    ]
    options = made[2].options(FitOptions(epochs=7))
    assert (options.epochs, options.learning_rate, options.dropout) == (7, 1e-3, 0.1)


def test_without_a_grid_there_is_one_setting_without_a_name():
    assert settings_of({}) == (AS_SET,)
    assert AS_SET.label == ""
    assert AS_SET.options(FitOptions(epochs=7)) == FitOptions(epochs=7)
