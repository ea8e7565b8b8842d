"""The identity of a feature: the encoder, its weights, and how volumes are read."""

from dataclasses import fields

import pytest

from mmfeat.config.loading import load_project
from mmfeat.config.reading import ReadingSettings
from mmfeat.provenance import fingerprint
from mmfeat.stages.volume_encoder import reading_rules, volume_encoder
from mmfeat.volumes import ReadingRules

from .extraction_cohort import make_cohort


def test_settings_and_rules_have_the_same_names_and_defaults():
    assert set(ReadingSettings.model_fields) == {field.name for field in fields(ReadingRules)}
    assert reading_rules(ReadingSettings()) == ReadingRules()


@pytest.mark.parametrize(
    "change",
    [
        "reading.check_hu=false",
        "reading.series_uid=1.2.3",
        "reading.series_description='*lung*'",
        "reading.prefer=[kernel, most_slices]",
        "reading.kernels=[B30*]",
        "reading.gaps=interpolate",
        "reading.tilt=refuse",
        "reading.slope=2",
        "reading.intercept=-1024",
        "options.spacing_mm=2",
    ],
)
def test_whatever_changes_a_feature_changes_the_fingerprint(tmp_path, change):
    cohort = make_cohort(tmp_path, 1)
    found = set()
    for overrides in ([], [f"modalities.ct.{change}"]):
        project = load_project(cohort.config, overrides)
        made = volume_encoder(project, project.settings.modalities["ct"], device="cpu")
        found.add(fingerprint(made.identity))
    assert len(found) == 2
