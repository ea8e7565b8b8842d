"""`mmfeat status` shows states, reasons and living extractions, and lists cases for scripts."""

import json
from dataclasses import replace

import pytest
from mmfeat.cli.status_command import first_differences, in_words, running_sentence

from mmfeat.cache import Running

from ..stages.extraction_cohort import make_cohort


@pytest.fixture
def cohort(tmp_path, mmfeat):
    """Two good scans, two torn ones, in the folder that commands run in; extracted."""
    made = make_cohort(tmp_path, 4)
    for number in (1, 2):
        (tmp_path / f"scans/{number:03d}.nii.gz").write_bytes(b"torn [bold]")
    made.scans["case-004"] = ""
    made.write()
    assert mmfeat("extract") == 3
    return made


@pytest.mark.parametrize("columns", ["80", "120"])
def test_it_shows_states_and_grouped_reasons_and_ends_with_zero(
    cohort, mmfeat, capsys, monkeypatch, columns
):
    monkeypatch.setenv("COLUMNS", columns)
    capsys.readouterr()
    assert mmfeat("status") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "ct: intensity-stats, " in shown
    assert "2 done have a feature" in shown
    assert "2 failed cannot be read" in shown
    assert "1 absent" in shown
    assert "2 ends in .gz but is not a gzip file; copy or convert it again (case-001," in shown
    assert "failures.csv" in shown
    assert "last extraction: ended 2" in shown
    assert ", embedded 2 in " in shown


def test_the_cases_of_a_state_are_listed_one_a_line_and_go_into_only(
    cohort, mmfeat, capsys, tmp_path
):
    capsys.readouterr()
    assert mmfeat("status", "--cases", "failed") == 0
    listed = capsys.readouterr().out
    assert listed == "case-001\ncase-002\n"
    assert mmfeat("status", "--cases", "running") == 0
    assert capsys.readouterr().out == ""
    assert mmfeat("status", "--cases", "absent", "--json") == 0
    assert json.loads(capsys.readouterr().out) == ["case-004"]
    (tmp_path / "again.txt").write_text(listed)
    assert mmfeat("extract", "--only", "@again.txt", "--retry-failed", "--dry-run", "--json") == 0
    (report,) = json.loads(capsys.readouterr().out)["modalities"]
    assert (report["n_pending"], report["n_not_asked"]) == (2, 3)


def test_json_has_the_counts(cohort, mmfeat, capsys):
    capsys.readouterr()
    assert mmfeat("status", "mmfeat.yaml", "--json") == 0
    (modality,) = json.loads(capsys.readouterr().out)["modalities"]
    assert modality["cases"] == {
        "done": 2,
        "running": 0,
        "pending": 0,
        "failed": 2,
        "rejected": 0,
        "absent": 1,
    }
    assert modality["reasons"][0]["cases"] == ["case-001", "case-002"]


def test_other_settings_are_named(cohort, mmfeat, capsys):
    capsys.readouterr()
    assert mmfeat("status", "--set", "modalities.ct.reading.check_hu=false") == 0
    assert "features of other settings: 2, in " in (shown := capsys.readouterr().out)
    assert "reading.check_hu (true there, false here)" in shown


def test_a_cache_folder_stands_for_the_settings(cohort, mmfeat, capsys, tmp_path):
    capsys.readouterr()
    assert mmfeat("status", "cache") == 0
    shown = capsys.readouterr().out
    assert "done" in shown
    assert "pending" not in shown
    for arguments, error in [
        (["scans"], "scans: no feature cache in this folder; give"),
        (["cache", "--cases", "pending"], "a cache alone does not tell which cases are pending"),
        (["cache", "--set", "extract.workers=1"], "cache: --set needs a settings file"),
        (["gone.yaml"], "gone.yaml"),
    ]:
        assert mmfeat("status", *arguments) == 2
        assert error in capsys.readouterr().err


def test_a_state_that_does_not_exist_is_refused(mmfeat, capsys):
    assert mmfeat("status", "--cases", "lost") == 2
    assert "'lost' is not one of" in capsys.readouterr().err


def test_a_living_extraction_is_one_sentence():
    one = Running("node7", 12, "2026-01-02T03:04:05+00:00", "m", "p", tuple("abcde"), 120, 8000)
    assert running_sentence(one) == (
        "running on node7, process 12, since 2026-01-02T03:04:05+00:00: 120 of 8000 cases, "
        "now a, b, c, d, ..."
    )
    timed = Running("n", 1, "then", "m", "p", (), 1, 9, 0.25, 32.0)
    assert running_sentence(timed).endswith("1 of 9 cases, 0.25 a second, about 32 s left")
    share = replace(timed, shard="3/16")
    assert running_sentence(share).startswith("running on n, process 1, shard 3/16, since then: ")


def test_times_are_in_their_two_largest_units():
    times = {in_words(seconds) for seconds in (0.25, 61, 7260, 90_000)}
    assert times == {"0.25 s", "1 min 1 s", "2 h 1 min", "1 d 1 h"}


def test_many_differences_are_cut_short():
    assert first_differences(["a", "b"]) == "a, b"
    assert first_differences(list("abcdef")) == "a, b, c, d and 2 more"


def test_tokens_are_named_where_they_are_kept(tmp_path, mmfeat_shown):
    make_cohort(tmp_path, 2)
    code, out, _ = mmfeat_shown("status")
    assert (code, "tokens a scan" in out) == (0, False)
    settings = ("--set", "modalities.ct.features=tokens", "--set", "modalities.ct.max_tokens=9")
    assert "ct: intensity-stats, up to 9 tokens a scan, " in mmfeat_shown("status", *settings)[1]
