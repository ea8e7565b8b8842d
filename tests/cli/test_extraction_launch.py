"""Options that contradict each other are refused; a launcher's dry run shows its commands."""

import json
import shlex

import pytest

from ..in_process import run_mmfeat
from ..stages.extraction_cohort import make_cohort

TWO = ("--set", "launch.local.processes=2", "--set", "extract.device=cpu")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    return make_cohort(tmp_path_factory.mktemp("cohort"), 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--finish --shard 0/2", "--finish: comes after all shards; leave out --shard"),
        ("--finish --only a --limit 3 --dry-run", "all shards; leave out --dry-run, --limit"),
        ("--finish --launcher local", "--finish: a launcher does this by itself"),
        ("--launcher local --shard 0/2", "--launcher: gives every worker its shard"),
        ("--launcher local --limit 3", "--limit: counts within one process"),
        ("--shard 2/2", "numbered from 0, so the last of 2 is 1/2"),
        ("--shard two", "must be I/N, share I of N"),
    ],
)
def test_options_that_do_not_fit_are_one_line(cohort, options, message):
    ended = run_mmfeat("extract", *options.split(), folder=cohort.folder)
    assert ended.code == 2
    assert ended.err.startswith("error: --")
    assert message in ended.err
    assert ended.err.count("\n") == 1


def test_a_dry_run_shows_commands_that_a_shell_takes_and_makes_no_job(cohort):
    cases = cohort.folder / "cases.txt"
    cases.write_text("case-000\n")
    asked = ("extract", *TWO, "--only", "@cases.txt", "--retry-failed", "--trust-code")
    ended = run_mmfeat(*asked, "--launcher", "local", "--dry-run", folder=cohort.folder, columns=40)
    assert ended.code == 0, ended.err
    first, *commands = ended.out.splitlines()
    assert first == "# 2 shards by 2 workers at the same time"
    words = shlex.split(commands[0], comments=True)
    assert words[0].startswith("MMFEAT_CORES=")
    assert words[2:5] == ["mmfeat", "extract", str(cohort.config)]
    assert words[-2:] == ["--shard", "0/2"]
    assert words[words.index("--only") + 1] == f"@{cases}"
    last = shlex.split(commands[2], comments=True)
    assert last[-4:] == ["--finish", "--only", f"@{cases}", "--trust-code"]
    assert not (cohort.folder / "jobs").exists()


def test_one_worker_is_told_as_one(cohort, mmfeat_shown):
    one = ("--set", "launch.local.processes=1", "--launcher", "local", "--dry-run")
    _, out, _ = mmfeat_shown("extract", cohort.config, *one)
    assert out.splitlines()[0] == "# 1 shard by 1 worker"


def test_more_shards_than_workers_are_shown_as_json_for_scripts(cohort):
    asked = ("extract", *TWO, "--set", "launch.shards=3", "--launcher", "local", "--dry-run")
    shown = json.loads(run_mmfeat(*asked, "--json", folder=cohort.folder).out)
    assert shown["n_at_once"] == 2
    assert [worker["command"][-1] for worker in shown["shards"]] == ["0/3", "1/3", "2/3"]
    assert shown["finish"][-1] == "--finish"


def test_wrong_settings_are_told_before_any_worker_starts(cohort):
    wrong = ("--set", "launch.local.processes=0")
    ended = run_mmfeat("extract", *wrong, "--launcher", "local", folder=cohort.folder)
    assert ended.code == 2
    assert "launch.local.processes" in ended.err
    assert not (cohort.folder / "jobs").exists()


def test_shards_and_the_finish_say_what_they_did_and_what_is_missing(tmp_path):
    made = make_cohort(tmp_path / "cohort", 4)
    part = run_mmfeat("extract", "--shard", "0/2", "--json", folder=made.folder)
    assert part.code == 0, part.err
    assert json.loads(part.out)["modalities"][0]["n_extracted"] == 2
    early = run_mmfeat("extract", "--finish", folder=made.folder)
    assert early.code == 3
    assert early.out.count("  missing: case-") == 2
    assert "ct: 2 scans have not been looked at as they are now; run `mmfeat" in early.out
    assert run_mmfeat("extract", "--shard", "1/2", folder=made.folder).code == 0
    late = run_mmfeat("extract", "--finish", folder=made.folder)
    assert late.code == 0
    assert "every scan has its feature, and every feature is what was written" in late.out


def test_the_finish_shows_what_is_damaged(tmp_path):
    made = make_cohort(tmp_path / "cohort", 2)
    assert run_mmfeat("extract", folder=made.folder).code == 0
    (made.folder / "cache/ct/0123456789ab").mkdir()  # of another recipe, none of its business
    (shard,) = made.folder.glob("cache/ct/*/shard-*.h5")
    torn = bytearray(shard.read_bytes())
    torn[-3] ^= 1
    shard.write_bytes(torn)
    ended = run_mmfeat("extract", "--finish", "--json", folder=made.folder)
    assert ended.code in (2, 3)
    assert shard.name in ended.out + ended.err
