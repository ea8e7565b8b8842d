import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import RecordError
from mmfeat.stages.record_encoders import check_record_encoders, encoder_weights

from .training_cohort import write_training_cohort


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return write_training_cohort(tmp_path_factory.mktemp("cohort"))


def _project(settings, *overrides):
    return load_project(settings, [f"modalities.clinical.{one}" for one in overrides])


def test_encoders_that_are_here_pass(settings):
    check_record_encoders(_project(settings))
    check_record_encoders(_project(settings, "encoder=[tabular-basic, plr, ft-transformer, tabm]"))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["encoder=[plr, tamb]"], r"modalities\.clinical\.encoder: .*did you mean `tabm`\?"),
        (
            ["encoder=plr", "encoder_weights={plr: x.ckpt}"],
            r"modalities\.clinical\.encoder: .*trained from nothing",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_its_setting(settings, overrides, message):
    with pytest.raises(RecordError, match=message):
        check_record_encoders(_project(settings, *overrides))


def test_weights_are_beside_the_settings(settings):
    project = _project(settings, "encoder=tabicl", "encoder_weights={tabicl: weights/a.ckpt}")
    assert encoder_weights(project, "clinical", "tabicl") == settings.parent / "weights/a.ckpt"
    assert encoder_weights(project, "clinical", "plr") is None
    assert encoder_weights(project, "ct", "plr") is None
