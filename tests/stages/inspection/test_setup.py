"""The settings say how a scan is read, what is remarked on and whose view is shown."""

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError
from mmfeat.stages.inspection.setup import setup_of_project, volume_modalities
from mmfeat.stages.scan_tokens import TokenRule

from ..inspect_scans import TWO_MODALITIES


@pytest.fixture
def project(tmp_path):
    (tmp_path / "mmfeat.yaml").write_text(TWO_MODALITIES)
    return load_project(tmp_path / "mmfeat.yaml")


def test_the_first_modality_with_scans_is_taken(project):
    setup = setup_of_project(project, None, with_encoder=True)
    assert setup.rules.gaps == "interpolate"
    assert setup.thresholds.most_noise_hu == 60
    assert setup.encoder is not None
    assert setup.encoder.name == "intensity-stats"


def test_the_tokens_that_the_modality_keeps_come_with_its_encoder(tmp_path, project):
    overrides = ["modalities.ct.features=tokens", "modalities.ct.max_tokens=5"]
    keeping = load_project(tmp_path / "mmfeat.yaml", overrides)
    assert setup_of_project(keeping, None, with_encoder=True).tokens == TokenRule(5, 89)
    assert setup_of_project(project, None, with_encoder=True).tokens is None


def test_another_one_can_be_named_and_the_encoder_left_out(project):
    setup = setup_of_project(project, "low_dose", with_encoder=False)
    assert (setup.rules.gaps, setup.thresholds.most_noise_hu) == ("refuse", 90)
    assert setup.encoder is None


def test_all_modalities_with_scans_are_listed(project):
    assert list(volume_modalities(project, None)) == ["ct", "low_dose"]
    assert list(volume_modalities(project, "ct")) == ["ct"]


@pytest.mark.parametrize("name", ["clinical", "mri"])
def test_a_modality_without_scans_is_refused(project, name):
    message = f"mmfeat.yaml: `{name}` is no modality with scans; there are: ct, low_dose"
    with pytest.raises(ConfigError, match=message):
        volume_modalities(project, name)


def test_settings_without_scans_are_refused(write_project, tmp_path):
    with pytest.raises(ConfigError, match="no modality is of kind `volume`, so none has scans"):
        volume_modalities(load_project(write_project(tmp_path)), None)
