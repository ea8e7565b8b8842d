"""An encoder that has seen the cohort's scans is a warning with what to do."""

import pytest

from mmfeat.config.loading import load_project
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.doctor.collections import collection_findings

from ..extraction_cohort import make_cohort


@pytest.fixture
def findings(tmp_path):
    """A function that examines a cohort under overridden settings."""
    config = make_cohort(tmp_path / "cohort", 2).config
    cohort = open_cohort(load_project(config))

    def found(*overrides):
        return list(collection_findings(load_project(config, overrides), cohort))

    return found


def test_nothing_is_said_where_nothing_was_seen(findings):
    assert findings() == []
    assert findings("cohort.collections=[NLST]") == []  # intensity-stats was not trained


def test_an_encoder_that_has_seen_the_cohort_is_a_warning(findings):
    (finding,) = findings("modalities.ct.encoder=colipri", "cohort.collections=[CT-RATE]")
    assert (finding.check, finding.level) == ("ct training", "warning")
    assert finding.message == "colipri was trained on CT-RATE (named by `cohort.collections`)"
    assert "take an encoder that has not seen them" in finding.fix


def test_a_misspelt_collection_is_a_warning_with_the_nearest(findings):
    (finding,) = findings("cohort.collections=[CT-RAET]")
    assert finding.message == "cohort.collections: `CT-RAET` is no collection that mmfeat knows"
    assert finding.fix == "did you mean `CT-RATE`?"


def test_an_encoder_that_does_not_exist_is_left_to_the_check_of_weights(findings):
    assert findings("modalities.ct.encoder=colipry", "cohort.collections=[CT-RATE]") == []
