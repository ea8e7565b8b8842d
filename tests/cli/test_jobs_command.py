"""``mmfeat jobs``, and launching on a Slurm that refuses or is not there."""

import json
from dataclasses import replace

import pytest

from mmfeat.config.loading import load_project
from mmfeat.launching.command_line import StageCall
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.launcher_process import launcher_mark
from mmfeat.launching.worker_state import WorkerState

from ..in_process import run_mmfeat
from ..stages.extraction_cohort import make_cohort

NOW = "2026-03-01T08:00:00+00:00"
DONE = WorkerState("0/3", "done", "node7", 1, NOW, NOW, n_done=4, n_total=4, exit_code=0)


@pytest.fixture
def folder(tmp_path):
    return make_cohort(tmp_path / "cohort", 2).folder


@pytest.fixture
def job(folder):
    """A job of this machine whose launcher has ended: one shard is done, one failed."""
    project = load_project(folder / "mmfeat.yaml")
    call = StageCall("extract", project.file)
    made = JobFolder.create(
        project, call, launcher="local", n_shards=2, launch={}, finish=("--finish",)
    )
    made.note_engine(**{**launcher_mark(), "process": "1"})
    DONE.write(made.state_file(0))
    failed = replace(DONE, shard="1/2", state="failed", n_done=1, message="weights: no such file")
    failed.write(made.state_file(1))
    made.log_file(1).write_text("error: weights: no such file\n")
    return made


def test_without_jobs_it_says_what_makes_one(folder):
    ended = run_mmfeat("jobs", folder=folder)
    assert ended.code == 0
    assert f"no jobs in {folder / 'jobs'}; `mmfeat extract --launcher slurm` makes one" in ended.out


def test_all_jobs_are_listed_with_their_shards_by_state(folder, job):
    ended = run_mmfeat("jobs", folder=folder)
    assert job.record.job in ended.out
    assert "1 done, 1 failed, finish failed" in ended.out
    assert [one["job"] for one in json.loads(run_mmfeat("jobs", "--json", folder=folder).out)] == [
        job.record.job
    ]


def test_one_job_is_shown_with_reasons_and_the_end_of_logs(folder, job):
    ended = run_mmfeat("jobs", job.record.job[-4:], folder=folder)
    assert "2 shards: 1 done, 1 failed" in ended.out
    assert "weights: no such file" in ended.out
    assert f"the end of {job.log_file(1)}:\n  | error: weights: no such file" in ended.out
    assert f"do again what is left: mmfeat jobs retry {job.record.job}" in ended.out


def test_a_folder_of_a_job_is_shown_from_anywhere(folder, job, tmp_path):
    ended = run_mmfeat("jobs", job.path, "--json", folder=tmp_path)
    shown = json.loads(ended.out)
    assert shown["counts"]["failed"] == 1
    assert shown["shards"][1]["reason"] == "weights: no such file"


def test_nothing_that_runs_is_nothing_to_cancel(folder, job):
    ended = run_mmfeat("jobs", "cancel", job.record.job, folder=folder)
    assert (ended.code, ended.out) == (0, f"{job.record.job}: nothing of it runs or waits\n")
    ended = run_mmfeat("jobs", "cancel", job.record.job, "--json", folder=folder)
    assert json.loads(ended.out) == {"job": job.record.job, "cancelled": False}


def test_what_is_done_is_not_done_again(folder, job):
    for name in (1, "finish"):
        DONE.write(job.state_file(name))
    ended = run_mmfeat("jobs", "retry", job.record.job, folder=folder)
    assert (ended.code, ended.out) == (0, f"{job.record.job}: all is done\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["retry"], "mmfeat jobs retry: name the job; `mmfeat jobs` lists them"),
        (["a", "b"], "mmfeat jobs a b: give one job, after `retry` or `cancel`"),
        (["--set", "extract.workers=2"], "so only settings in `launch` can be given here"),
        (["nothing"], "nothing: no job is called so in"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(folder, words, message):
    ended = run_mmfeat("jobs", *words, folder=folder)
    assert ended.code == 2
    assert message in ended.err


def test_the_scripts_for_slurm_are_shown_and_nothing_is_made(folder):
    ended = run_mmfeat("extract", "--launcher", "slurm", "--dry-run", folder=folder)
    assert ended.code == 0
    assert "# ==== submit.sh ====\n#!/bin/bash\n" in ended.out
    assert "#SBATCH --array=0-7\n" in ended.out
    assert "# ==== finish.sh ====\n#!/bin/bash\n" in ended.out
    assert not (folder / "jobs").exists()


def test_an_evaluation_is_one_task(folder):
    ended = run_mmfeat("eval", "--launcher", "slurm", "--dry-run", "--json", folder=folder)
    scripts = json.loads(ended.out)
    assert list(scripts) == ["submit"]
    assert "#SBATCH --array=0-0\n" in scripts["submit"]
    assert f'mmfeat eval {folder / "mmfeat.yaml"} --state "$state"\n' in scripts["submit"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dry-run"], "--dry-run: shows what a launcher would do; give --launcher with it"),
        (["--launcher", "slurm", "--table", "csv"], "so leave out --table; `mmfeat eval` on the"),
        (["--launcher", "slurm", "a", "b"], "evaluates the run of a settings file"),
        (["--launcher", "local"], "is one process; run it here without --launcher local"),
    ],
)
def test_an_evaluation_is_only_launched_where_that_makes_sense(folder, options, message):
    ended = run_mmfeat("eval", *options, folder=folder)
    assert ended.code == 2
    assert message in ended.err


def test_a_job_that_slurm_does_not_take_leaves_nothing_behind(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = run_mmfeat("extract", "--launcher", "slurm", folder=folder)
    assert ended.code == 2
    assert "error: sbatch: not found; run this on a login node of the cluster" in ended.err
    assert list((folder / "jobs").iterdir()) == []
