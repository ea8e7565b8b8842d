"""Checks of one setting against another, and the rules of all of them."""

import pytest
from pydantic import ValidationError

from mmfeat.config.base import StrictModel
from mmfeat.config.settings import Settings

_TIMES = {"kind": "time_to_event", "time": "t", "event": "e"}


def _settings(**changes):
    """Read small good settings with some sections given anew."""
    sections = {
        "cohort": {
            "manifest": "table.csv",
            "targets": {
                "cancer": {"kind": "binary", "column": "cancer"},
                "size": {"kind": "regression", "column": "size"},
            },
        },
        "modalities": {"ct": {"kind": "volume", "column": "ct"}},
    }
    for name, section in changes.items():
        sections[name] = {**sections.get(name, {}), **section}
    return Settings.model_validate(sections)


def _column(**settings):
    return {"clinical": {"kind": "table", "columns": {"x": settings}}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cohort": {"split": {"stratify_by": "x"}}}, r"split\.stratify_by: `x` is not one of the"),
        (
            {
                "cohort": {
                    "split": {"stratify_by": "found"},
                    "targets": {"found": {"kind": "multilabel", "columns": ["a", "b"]}},
                }
            },
            r"split\.stratify_by: `found` has several labels; name another target",
        ),
        ({"cohort": {"split": {"by_site": True}}}, r"split\.by_site: needs `site`, the column"),
        (
            {"train": {"methods": ["average"]}, "eval": {"table_rows": ["paper"]}},
            r"eval\.table_rows: `paper` is not one of train\.methods \['average'\]",
        ),
        (
            {"train": {"methods": ["average"]}, "eval": {"table_rows": ["average", "average"]}},
            r"eval\.table_rows: `average` is named twice",
        ),
        ({"train": {"targets": ["x"]}}, r"train\.targets: `x` is not one of the targets \['canc"),
        (
            {"train": {"joint": {"size": {"cancer": 1, "size": 1}}}},
            "train.joint: `size` is a target; name the group otherwise",
        ),
        (
            {"train": {"joint": {"both": {"cancer": 1, "x": 1}}}},
            r"train\.joint\.both: `x` is not one of the targets \['canc",
        ),
        (
            {"cohort": {"targets": {"os": {**_TIMES, "horizons": [5, 2]}}}},
            r"horizons: give each once, from the smallest to the largest \(found \[5",
        ),
        ({"train": {"targets": ["cancer", "cancer"]}}, "targets: one is named twice in"),
        ({"train": {"methods": ["paper", "paper"]}}, "methods: one is named twice in"),
        ({"train": {"seeds": [1, 2, 1]}}, r"seeds: one is named twice in \[1, 2, 1\]"),
        ({"train": {"device": "gpu"}}, "device: `gpu` is not auto, cpu, cuda, cuda:N or mps"),
        ({"extract": {"device": "cuda:x"}}, "device: `cuda:x` is not auto, cpu, cuda, cuda:N or"),
        (
            {"modalities": _column(type="numeric", minimum=5, maximum=2.5)},
            r"minimum: 5 is above the maximum 2\.5",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        _settings(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"cohort": {"split": {"stratify_by": "cancer"}}},
        {"cohort": {"split": {"by_site": True}, "site": "hospital"}},
        {"train": {"targets": ["size", "cancer"], "seeds": [2, 1, 0]}},
        {"modalities": _column(type="numeric", minimum=0, maximum=0)},
        {"modalities": _column(type="numeric", minimum=5)},
        {"modalities": _column(type="numeric", maximum=-5)},
    ],
)
def test_settings_that_agree_are_accepted(changes):
    assert _settings(**changes).cohort.targets.keys() == {"cancer", "size"}


@pytest.mark.parametrize("device", ["auto", "cpu", "mps", "cuda", "cuda:0", "cuda:12"])
def test_devices_are_written_as_torch_writes_them(device):
    settings = _settings(train={"device": device}, extract={"device": device})
    assert settings.train.device == settings.extract.device == device


@pytest.mark.parametrize(
    "device",
    ["", "CUDA", "cuda:", "cuda:-1", "cuda:0:1", "cpu:0", "auto:1", "mps:0", "cuda:\u0661"],
)
def test_other_devices_are_refused_before_torch_sees_them(device):
    for section in ("train", "extract"):
        with pytest.raises(ValidationError, match="is not auto, cpu, cuda, cuda:N or mps"):
            _settings(**{section: {"device": device}})


def _changed(section, key, value):
    return _settings(**{section: {key: value}})


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("cohort", "targets", {}, "at least 1 item"),
        ("cohort", "targets", {"a b": {"kind": "binary", "column": "a"}}, "match pattern"),
        ("cohort", "targets", {"a" * 65: {"kind": "binary", "column": "a"}}, "at most 64"),
        ("cohort", "targets", {"a": {"kind": "multilabel", "columns": []}}, "at least 1 item"),
        (
            *("cohort", "targets"),
            {"a": {"kind": "multiclass", "column": "a", "classes": [1]}},
            "at least 2 items",
        ),
        ("cohort", "split", {"folds": 1}, "greater than or equal to 2"),
        ("cohort", "split", {"folds": 51}, "less than or equal to 50"),
        ("cohort", "split", {"val_share": 0}, "greater than 0"),
        ("cohort", "split", {"val_share": 1}, "less than 1"),
        ("cohort", "split", {"seed": -1}, "greater than or equal to 0"),
        ("extract", "workers", 0, "greater than 0"),
        ("extract", "shard_seconds", 0, "greater than 0"),
        ("extract", "shard_cases", 0, "greater than 0"),
        ("train", "seeds", [], "at least 1 item"),
        ("train", "seeds", [-1], "greater than or equal to 0"),
        ("train", "methods", [], "at least 1 item"),
        ("train", "patience", 0, "greater than 0"),
        ("train", "learning_rate", float("nan"), "finite number"),
        ("train", "dropout", 1, "less than 1"),
        ("train", "contrastive_epochs", -1, "greater than or equal to 0"),
        ("eval", "resamples", 99, "greater than or equal to 100"),
        ("eval", "confidence", 1, "less than 1"),
        ("eval", "calibration_bins", 1, "greater than or equal to 2"),
        ("modalities", "clinical", {"kind": "table", "columns": {}}, "at least 1 item"),
        ("modalities", "x", {"kind": "features", "file": "a.npz", "key": "id"}, "'patient_id'"),
    ],
)
def test_a_value_outside_its_range_is_refused(section, key, value, message):
    with pytest.raises(ValidationError, match=message):
        _changed(section, key, value)


def test_levels_of_an_ordinal_column_are_two_or_more():
    with pytest.raises(ValidationError, match="at least 2 items"):
        _settings(modalities=_column(type="ordinal", levels=["a"]))


@pytest.mark.parametrize("section", ["cohort", "extract", "train", "eval"])
def test_an_unknown_key_is_refused_in_every_section(section):
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        _changed(section, "unknown", 1)


def test_settings_cannot_be_changed_afterwards():
    settings = _settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.train.epochs = 3


class _Group(StrictModel):
    name: str = "a"
    number: float = 0.0
    """A number."""


def test_a_number_may_stand_for_a_text_but_a_list_may_not():
    assert _Group(name=2020).name == "2020"
    with pytest.raises(ValidationError, match="valid string"):
        _Group(name=["a"])


def test_a_group_without_keys_is_one_with_all_defaults():
    assert _Group.model_validate(None) == _Group.model_validate({}) == _Group()


def test_the_text_under_a_field_is_its_description():
    assert _Group.model_fields["number"].description == "A number."


def test_defaults_are_checked_too():
    class _Wrong(StrictModel):
        number: int = "three"

    with pytest.raises(ValidationError, match="valid integer"):
        _Wrong()


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (["sens>=0.9"], r"`sens>=0\.9` is no rule for a threshold; there are max_f1, youden"),
        (["specificity>=0.0"], r"`specificity>=0\.0` is no rule for a threshold"),
        (["youden", "youden"], r"one is named twice in \['youden', 'youden'\]"),
    ],
)
def test_rules_for_thresholds_are_checked(rules, message):
    with pytest.raises(ValidationError, match=message):
        _settings(eval={"operating_points": rules})


def test_rules_for_thresholds_may_ask_for_any_share():
    rules = ["max_f1", "sensitivity>=.85", "specificity>=0.99"]
    assert _settings(eval={"operating_points": rules}).eval.operating_points == rules
