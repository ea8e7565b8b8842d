"""Settings of quality become thresholds, and a code that does not exist is named."""

import pytest
from pydantic import ValidationError

from mmfeat.config.modalities import VolumeModality
from mmfeat.config.quality import QualitySettings
from mmfeat.errors import ConfigError
from mmfeat.quality import CODES, Thresholds
from mmfeat.stages.inspection.thresholds import modality_thresholds, quality_thresholds


def test_defaults_of_settings_are_those_of_the_rules():
    assert quality_thresholds(QualitySettings()) == Thresholds()


def test_every_threshold_is_a_setting():
    assert list(QualitySettings.model_fields) == list(Thresholds.__dataclass_fields__)


def test_settings_of_a_modality_are_taken_over():
    quality = {"air_hu": [-1010, -990], "ignore": ["metal"], "severities": {"crop": "reject"}}
    modality = VolumeModality(kind="volume", column="ct", quality=quality)
    found = modality_thresholds(modality)
    assert found.air_hu == (-1010.0, -990.0)
    assert found.ignore == {"metal"}
    assert found.severities == {"crop": "reject"}
    assert found.most_noise_hu == Thresholds().most_noise_hu


@pytest.mark.parametrize(
    ("reading", "given", "severity"),
    [
        ({}, {}, "reject"),
        ({"check_hu": False}, {}, "warn"),
        ({"check_hu": False}, {"severities": {"not-hounsfield": "reject"}}, "reject"),
    ],
)
def test_who_reads_other_values_on_purpose_is_only_warned(reading, given, severity):
    modality = VolumeModality(kind="volume", column="ct", reading=reading, quality=given)
    severities = {**CODES, **modality_thresholds(modality).severities}
    assert severities["not-hounsfield"] == severity
    assert severities["constant"] == "reject"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"ignore": ["truncated-fow"]},
            r"quality.ignore: unknown code `truncated-fow`; did you mean `truncated-fov`\?; there",
        ),
        (
            {"severities": {"xyz": "info"}},
            r"quality.severities: unknown code `xyz`; there are: con",
        ),
    ],
)
def test_a_code_that_does_not_exist_is_named_with_those_that_do(given, message):
    with pytest.raises(ConfigError, match=message):
        quality_thresholds(QualitySettings(**given))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"air_hu": [-950, -1050]}, r"air_hu: the lowest value comes first, got \[-950, -1050\]"),
        ({"air_hu": [-950]}, "at least 2 items"),
        ({"most_metal_share": 2}, "less than or equal to 1"),
        ({"severities": {"metal": "fatal"}}, "'info', 'warn' or 'reject'"),
        ({"most_nois": 3}, "Extra inputs are not permitted"),
    ],
)
def test_senseless_settings_are_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        QualitySettings(**given)
