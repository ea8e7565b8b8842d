"""The made-up cohort is one like any other: its settings load, and it opens without a fault."""

import csv

import numpy as np

from mmfeat.config.loading import load_project
from mmfeat.demo.outcome_model import FINDINGS, STAGES
from mmfeat.stages.cohort import open_cohort


def test_the_cohort_opens_with_its_settings(small_cohort):
    project = load_project(small_cohort / "mmfeat.yaml")
    cohort = open_cohort(project)
    with (small_cohort / "manifest.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert cohort.case_ids == tuple(row["case_id"] for row in rows)
    assert set(cohort.targets) == {"cancer_1y", "stage", "findings", "time_to_cancer"}
    assert cohort.targets["stage"].names == STAGES
    assert cohort.targets["findings"].names == FINDINGS
    assert np.isnan(cohort.targets["findings"].values).any()
    has_scan = [len(scans) == 1 for scans in cohort.sources["ct"]]
    assert has_scan == [bool(row["ct"]) for row in rows]
    assert project.path(project.settings.eval.true_risk).is_file()
