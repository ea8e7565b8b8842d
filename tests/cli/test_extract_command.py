"""The command says what was done, ends with the right code, and a signal loses nothing."""

import json
import os
import signal
import time

import pytest

from ..in_process import run_mmfeat
from ..stages.extraction_cohort import make_cohort, write_scan


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path / "cohort", 4)


def test_without_failures_it_ends_with_zero_and_shows_a_table(cohort):
    run = run_mmfeat("extract", folder=cohort.folder)
    assert run.code == 0, run.err
    assert "intensity-stats" in run.out
    assert "features in" in run.out
    assert "clinical: table, checked; nothing to extract" in run.out
    again = run_mmfeat("extract", "--dry-run", "--json", folder=cohort.folder)
    assert again.code == 0
    (report,) = json.loads(again.out)["modalities"]
    assert (report["n_done_before"], report["n_pending"]) == (4, 0)


def test_an_encoder_that_has_seen_the_scans_is_a_note_at_the_end(cohort, mmfeat_shown):
    seen = ("--set", "modalities.ct.encoder=slices-lite0", "--set", "cohort.collections=[imagenet]")
    _, out, _ = mmfeat_shown("extract", cohort.config, "--dry-run", *seen)
    assert "note: `ct`: slices-lite0 was trained on ImageNet (named by `cohort.coll" in out
    _, out, _ = mmfeat_shown("extract", cohort.config, "--dry-run")
    assert "note:" not in out


def test_failures_are_listed_ten_at_most_and_the_code_is_three(tmp_path):
    cohort = make_cohort(tmp_path / "cohort", 14)
    for case_id in list(cohort.scans)[:12]:
        (cohort.folder / cohort.scans[case_id]).write_bytes(b"not a scan [bold]")
    run = run_mmfeat("extract", folder=cohort.folder)
    assert run.code == 3, run.err
    assert run.out.count("  failed: ") == 10
    assert "failed: case-000: " in run.out
    assert "2 more failures and all failures with their reasons: " in run.out
    assert "failures.csv; mend the files, or run again with --retry-failed" in run.out
    assert "Traceback" not in run.err
    again = run_mmfeat("extract", "--json", folder=cohort.folder)
    assert again.code == 3
    assert json.loads(again.out)["n_failed"] == 12
    assert json.loads(again.out)["modalities"][0]["n_scans"] == 0
    retried = run_mmfeat(
        "extract", "--json", "--retry-failed", "--limit", "5", folder=cohort.folder
    )
    assert json.loads(retried.out)["modalities"][0]["n_scans"] == 5


def test_settings_can_be_overridden(cohort):
    elsewhere = ("--set", "extract.cache=elsewhere")
    run = run_mmfeat("extract", "mmfeat.yaml", *elsewhere, folder=cohort.folder)
    assert run.code == 0, run.err
    assert list((cohort.folder / "elsewhere" / "ct").iterdir())
    assert not (cohort.folder / "cache").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_75_keeps_what_is_finished_and_the_command_goes_on(
    host, tmp_path, number
):
    cohort = make_cohort(tmp_path / "cohort", 4)
    big = cohort.folder / "scans" / "big.nii.gz"
    write_scan(big, 0, size=80)
    for case in range(24):  # long enough to be stopped on the way
        cohort.scans[f"late-{case:03d}"] = f"scans/late-{case:03d}.nii.gz"
        os.link(big, cohort.folder / cohort.scans[f"late-{case:03d}"])
    cohort.write()
    program = host.start("extract", folder=cohort.folder)
    cache = cohort.folder / "cache"
    while not list(cache.glob("ct/*/shard-*.h5")):
        assert program.is_running(), program.written("err")
        time.sleep(0.01)
    program.send(number)
    ended = program.wait()
    assert ended.code == 75, ended.err
    assert "Stopped: ct: " in ended.err
    assert "run the same command again to go on" in ended.err
    assert "Traceback" not in ended.err
    run = run_mmfeat("extract", "--json", folder=cohort.folder)
    assert run.code == 0, run.err
    (report,) = json.loads(run.out)["modalities"]
    assert report["n_done_before"] >= 2
    assert report["n_done_before"] + report["n_extracted"] == 28
    assert report["n_extracted"] > 0


def test_tokens_are_counted_and_a_dry_run_says_what_they_take(tmp_path, mmfeat_shown):
    make_cohort(tmp_path, 2)
    tokens = ("--set", "modalities.ct.features=tokens")
    code, out, _ = mmfeat_shown("extract", "--dry-run", *tokens)
    assert code == 0
    assert (
        "ct: 2 cases take at most 48.7 kB, with 64 tokens each" in out
    )  # 2 x (1200 + 65 x 89 x 4)
    assert "ct: 2 cases take at most 3.1 kB\n" in mmfeat_shown("extract", "--dry-run")[1]
    code, out, _ = mmfeat_shown("extract", *tokens)
    rows = [line.split() for line in out.splitlines()]
    assert ["their", "tokens", "2"] in rows
    assert "their tokens" not in mmfeat_shown("extract")[1]
    again = json.loads(mmfeat_shown("extract", "--json", *tokens)[1])["modalities"][0]
    assert (again["n_tokens"], again["max_tokens"], again["bytes_to_come"]) == (0, 64, 0)
