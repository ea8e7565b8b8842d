"""The settings fit the tables that go with them."""

import pytest
import yaml

from mmfeat.config.settings import Settings
from mmfeat.demo.cohort_plan import RECORD_COLUMNS, plan_cohort
from mmfeat.demo.outcome_model import FINDINGS, STAGES
from mmfeat.demo.tables import manifest_row
from mmfeat.demo.texts import readme_text, settings_text


@pytest.mark.parametrize("encoder", ["intensity-stats", "slices-lite0"])
def test_settings_are_valid_and_name_the_encoder(encoder):
    settings = Settings.model_validate(yaml.safe_load(settings_text(encoder)))
    assert settings.modalities["ct"].encoder == encoder


def test_settings_name_only_columns_and_labels_of_the_manifest():
    settings = Settings.model_validate(yaml.safe_load(settings_text("intensity-stats")))
    rows = [manifest_row(case) for case in plan_cohort(60, 0)]
    assert tuple(settings.modalities["clinical"].columns) == RECORD_COLUMNS
    assert set(RECORD_COLUMNS) <= set(rows[0])
    assert tuple(settings.cohort.targets["stage"].classes) == STAGES
    assert {row["stage"] for row in rows} == set(STAGES)
    assert tuple(settings.cohort.targets["findings"].columns) == FINDINGS
    assert {row[name] for row in rows for name in FINDINGS} == {0, 1, ""}
    assert not {str(row["stage"]) for row in rows} & set(settings.cohort.missing)


def test_readme_counts_what_is_there():
    cases = plan_cohort(60, 0)
    readme = " ".join(readme_text(cases, version="1", seed=0, size=96).split())
    scans = sum(case.scan_format is not None for case in cases)
    assert f"60 patients; {len(cases)} cases" in readme
    assert f"{scans} scans" in readme
