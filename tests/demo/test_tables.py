"""The tables: what a hospital would know, and the truth kept apart from it."""

import csv

import pytest

from mmfeat.demo.cohort_plan import RECORD_COLUMNS, plan_cohort
from mmfeat.demo.outcome_model import cancer_risk
from mmfeat.demo.tables import manifest_row, truth_row, write_table


@pytest.fixture(scope="module")
def cases():
    return plan_cohort(40, 0)


def test_nothing_of_the_truth_is_in_the_manifest(cases):
    manifest, truth = manifest_row(cases[0]), truth_row(cases[0])
    assert set(manifest) & set(truth) == {"case_id", "cancer_1y"}
    for case in cases:
        assert manifest_row(case)["cancer_1y"] in (0, 1)
        assert not any("latent" in column or "risk" in column for column in manifest_row(case))


def test_truth_holds_the_true_risk(cases):
    for case in cases:
        risk = cancer_risk(case.record, case.lesions)
        assert truth_row(case)["cancer_1y"] == pytest.approx(risk, abs=1e-6)


def test_a_case_without_a_record_has_only_empty_cells_and_the_others_do_not(cases):
    for case in cases:
        empty = all(manifest_row(case)[column] == "" for column in RECORD_COLUMNS)
        assert empty == (not case.has_record)


def test_quit_date_lies_the_years_before_the_scan(cases):
    from datetime import date

    former = [c for c in cases if manifest_row(c)["quit_date"]]
    assert former
    for case in former:
        days = (case.scan_date - date.fromisoformat(str(manifest_row(case)["quit_date"]))).days
        assert days / 365.25 == pytest.approx(case.record.quit_years, abs=0.002)


def test_written_table_reads_back(cases, tmp_path):
    rows = [manifest_row(case) for case in cases]
    write_table(tmp_path / "manifest.csv", rows)
    with (tmp_path / "manifest.csv").open(newline="") as stream:
        back = list(csv.DictReader(stream))
    assert back == [{name: str(value) for name, value in row.items()} for row in rows]
