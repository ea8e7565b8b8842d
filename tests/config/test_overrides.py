import pytest

from mmfeat.config.overrides import apply_overrides
from mmfeat.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "settings"),
    [
        ("train.epochs=20", {"train": {"epochs": 20}}),
        ("train.seeds=[0, 1]", {"train": {"seeds": [0, 1]}}),
        ("train.targets=", {"train": {"targets": None}}),
        ("eval.true_risk=a=b.csv", {"eval": {"true_risk": "a=b.csv"}}),
        ("extract={workers: 2}", {"extract": {"workers": 2}}),
        (" train.epochs =1", {"train": {"epochs": 1}}),
    ],
)
def test_values_are_yaml_and_groups_are_made_on_the_way(override, settings):
    made = {}
    apply_overrides(made, [override])
    assert made == settings


def test_the_last_override_of_a_key_counts_and_other_keys_stay():
    settings = {"train": {"epochs": 5, "patience": 3}, "cohort": None}
    given = apply_overrides(settings, ["train.epochs=1", "cohort.site=a", "train.epochs=2"])
    assert settings == {"train": {"epochs": 2, "patience": 3}, "cohort": {"site": "a"}}
    assert given == {"train.epochs": "train.epochs=2", "cohort.site": "cohort.site=a"}


def test_names_with_dots_are_found():
    columns = {"blood.hb": {"type": "numeric"}, "blood": {}}
    settings = {"modalities": {"ct.v1": {"columns": columns}, "x.y": 1}}
    apply_overrides(settings, ["modalities.ct.v1.columns.blood.hb.unit=g", "modalities.x.y=2"])
    assert columns["blood.hb"] == {"type": "numeric", "unit": "g"}
    assert columns["blood"] == {}
    assert settings["modalities"]["x.y"] == 2


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epochs", r"^--set train\.epochs: must be KEY=VALUE"),
        ("=3", "must be KEY=VALUE"),
        ("train..epochs=3", "must be KEY=VALUE"),
        ("train.epochs.x=3", "`epochs` is a value without keys below it"),
        ("train.seeds=[", r"^--set train\.seeds=\[: not valid YAML"),
    ],
)
def test_what_cannot_be_an_override_is_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        apply_overrides({"train": {"epochs": 5}}, [override])
