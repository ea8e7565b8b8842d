"""A dry run shows what would be looked at and why; `--only` picks cases."""

import os

import pytest

from ..stages.extraction_cohort import make_cohort, write_scan


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path, 5)


@pytest.mark.parametrize("columns", ["80", "120"])
def test_a_dry_run_shows_each_reason_with_its_first_cases(
    cohort, mmfeat, capsys, monkeypatch, columns
):
    monkeypatch.setenv("COLUMNS", columns)
    assert mmfeat("extract", "--dry-run") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "ct: scans to look at: 5 5 new case-000 case-001 case-002 and 2 more; --json lists them all"
        " ct: 5 cases take at most "
    ) in shown
    assert mmfeat("extract", "--only", "case-000", "--only", "case-00[12]") == 0
    write_scan(cohort.folder / cohort.scans["case-000"], 99, size=20)
    os.utime(cohort.folder / cohort.scans["case-001"], (5, 5))
    capsys.readouterr()
    assert mmfeat("extract", "--dry-run") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "2 its file has changed since it was embedded case-000: size " in shown
    assert "case-001: size as before, but touched; its digest will tell" in shown
    assert mmfeat("extract", "--dry-run", "--set", "modalities.ct.reading.check_hu=false") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 made with other settings, in " in shown
    assert "reading.check_hu (true there, false here)" in shown


def test_where_nothing_is_to_do_it_says_so(cohort, mmfeat, capsys):
    assert mmfeat("extract") == 0
    capsys.readouterr()
    assert mmfeat("extract", "--dry-run") == 0
    assert capsys.readouterr().out.rstrip().endswith("ct: scans to look at: 0")


def test_only_some_cases_are_touched_and_the_others_are_counted(cohort, mmfeat, capsys):
    assert mmfeat("extract", "--only", "case-001", "--only", "case-003") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "extracted 2" in shown
    assert "not asked for 3" in shown
    assert "left to do 0" in shown


def test_what_failed_among_the_cases_that_nobody_asked_for_is_not_told(cohort, mmfeat, capsys):
    (cohort.folder / cohort.scans["case-004"]).write_bytes(b"torn")
    assert mmfeat("extract") == 3
    capsys.readouterr()
    assert mmfeat("extract", "--only", "case-000") == 0
    assert "failed:" not in capsys.readouterr().out


def test_an_unknown_case_is_one_line_with_the_nearest(cohort, mmfeat, capsys):
    assert mmfeat("extract", "--only", "case-03") == 2
    error = capsys.readouterr().err
    assert "--only: `case-03` (did you mean `case-003`?) fits no case of the cohort's 5" in error
    assert not (cohort.folder / "cache").exists()
