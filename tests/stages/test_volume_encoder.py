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


def test_tokens_belong_to_the_fingerprint_where_they_are_kept_and_only_there(tmp_path):
    cohort = make_cohort(tmp_path, 1)
    identities = []
    for overrides in ([], ["features=vector"], ["features=tokens"], ["max_tokens=9"]):
        wanted = [*overrides, *(["features=tokens"] if "max_tokens=9" in overrides else [])]
        project = load_project(cohort.config, [f"modalities.ct.{one}" for one in wanted])
        made = volume_encoder(project, project.settings.modalities["ct"], device="cpu")
        identities.append(made.identity)
    vector, said, tokens, fewer = identities
    assert vector == said
    assert "tokens" not in vector
    assert {**vector, "tokens": tokens["tokens"]} == tokens
    assert tokens["tokens"]["max_tokens"] == 64
    assert tokens["tokens"]["token_size"] == made.encoder.token_size == 89
    assert len({fingerprint(one) for one in (vector, tokens, fewer)}) == 3


def test_the_bytes_of_a_case_in_the_cache_count_its_tokens_up_to_the_most(tmp_path):
    cohort = make_cohort(tmp_path, 1)
    sizes = []
    for overrides in ([], ["features=tokens", "max_tokens=9"]):
        project = load_project(cohort.config, [f"modalities.ct.{one}" for one in overrides])
        made = volume_encoder(project, project.settings.modalities["ct"], device="cpu")
        sizes.append([made.row_bytes(), made.row_bytes(3), made.row_bytes(50)])
    vector = 1200 + 4 * 89
    assert sizes[0] == [vector] * 3
    assert sizes[1] == [vector + 9 * 89 * 4, vector + 3 * 89 * 4, vector + 9 * 89 * 4]
