"""Handing a job to Slurm: all of it or nothing."""

import pytest

from mmfeat.config.launching import LaunchSettings
from mmfeat.config.slurm import SlurmSettings
from mmfeat.errors import LaunchError
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.slurm.script import JobScripts
from mmfeat.launching.slurm.submitting import shards_of, submit, write_scripts


@pytest.fixture
def job(job_record, tmp_path):
    made = JobFolder(tmp_path / "job", job_record)
    made.make()
    return made


def _scripts(job, **settings):
    scripts = JobScripts(job.record, job.path, SlurmSettings(**settings))
    write_scripts(job, scripts)
    return scripts


def test_tasks_are_held_until_what_comes_after_them_is_in_the_queue_too(job, stand_in):
    stand_in.says("sbatch", "70;cluster\n")
    assert submit(job, _scripts(job, max_at_once=2), [0, 3]) == "70"
    asked = [call for call in stand_in.calls if not call.startswith("squeue")]
    assert asked == [
        f"sbatch --hold --parsable --array=0,3%2 {job.path / 'submit.sh'}",
        f"sbatch --parsable --dependency=afterany:70 {job.path / 'finish.sh'}",
        "scontrol release 70",
    ]
    engine = JobFolder.open(job.path).record.engine
    assert (engine["slurm_array"], engine["slurm_finish"]) == ("70", "70")


def test_a_finishing_job_that_still_waits_is_not_submitted_again(job, stand_in):
    stand_in.says("sbatch", "70\n")
    stand_in.says("squeue", "mmfeat-20260301T080000Z-extract-3f2a-finish|69|N/A|PENDING||None\n")
    submit(job, _scripts(job), [1])
    assert sum(call.startswith("sbatch") for call in stand_in.calls) == 1


def test_what_was_submitted_is_taken_back_when_slurm_refuses_the_rest(job, stand_in):
    stand_in.says("sbatch", "70\n")
    stand_in.refuses("scontrol", "slurm_suspend error: Access/permission denied\n")
    with pytest.raises(LaunchError, match="scontrol refused: slurm_suspend error: Access"):
        submit(job, _scripts(job), [0, 1, 2, 3])
    assert stand_in.calls[-1].startswith("scancel 70")


def test_a_partition_that_there_is_not_is_told_with_advice(job, stand_in):
    stand_in.refuses(
        "sbatch",
        "sbatch: error: invalid partition specified: gpux\n"
        "sbatch: error: Batch job submission failed: Invalid partition name specified\n",
    )
    with pytest.raises(
        LaunchError, match=r"Invalid partition name specified; name one that `sinfo"
    ):
        submit(job, _scripts(job, partition="gpux"), [0])


def test_scripts_can_be_run_by_hand(job):
    _scripts(job)
    assert (job.path / "submit.sh").stat().st_mode & 0o111
    assert (job.path / "finish.sh").read_text().startswith("#!/bin/bash\n")


def test_a_machine_without_slurm_says_where_to_go(job, tmp_path, monkeypatch):
    scripts = _scripts(job)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(LaunchError, match=r"^sbatch: not found; run this on a login node"):
        submit(job, scripts, [0])


@pytest.mark.parametrize(
    ("settings", "n_shards"),
    [
        ({"shards": 100}, 100),
        ({"slurm": {"max_at_once": 4}}, 4),
        ({}, 8),
    ],
)
def test_shards_left_to_the_launcher_are_as_many_as_may_run_at_once(settings, n_shards):
    assert shards_of(LaunchSettings(**settings)) == n_shards
