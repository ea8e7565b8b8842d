"""A job's folder says what was launched and how far each shard is, to whoever looks."""

import json
from pathlib import Path

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import LaunchError
from mmfeat.launching.command_line import StageCall
from mmfeat.launching.job_folder import FINISH, JobFolder
from mmfeat.launching.worker_state import WorkerState


def _create(project, **changes):
    call = StageCall("extract", project.file, ("extract.workers=2",), ("--retry-failed",))
    asked = {"launcher": "local", "n_shards": 2, "launch": {}, "finish": ("--finish",), **changes}
    return JobFolder.create(project, call, **asked)


def test_a_job_is_read_as_it_was_made(project):
    job = _create(project, launch={"processes": "auto"})
    job.note_engine(pid=12)
    job.note_engine(host="node1")
    again = JobFolder.open(job.path)
    assert again.record == job.record
    assert again.record.engine == {"pid": 12, "host": "node1"}
    assert again.record.call == StageCall(
        "extract", project.file, ("extract.workers=2",), ("--retry-failed",)
    )
    assert again.record.versions["mmfeat"]


def test_jobs_lie_in_the_folder_of_the_settings_in_the_order_of_their_making(project):
    elsewhere = load_project(project.file, ["launch.folder=deep/jobs"])
    jobs = [_create(elsewhere) for _ in range(2)]
    assert {job.path.parent for job in jobs} == {project.folder / "deep" / "jobs"}
    assert {job.path for job in JobFolder.all(elsewhere)} == {job.path for job in jobs}
    assert JobFolder.all(project) == []


def test_shards_have_the_state_that_their_workers_wrote(project):
    job = _create(project)
    WorkerState("1/2", "done", "n", 1, "a", "b", exit_code=0).write(job.state_file(1))
    assert [shard.name for shard in job.shards()] == ["0", "1"]
    assert [shard.state and shard.state.state for shard in job.shards()] == [None, "done"]
    assert job.status(FINISH).state is None
    assert job.shards()[1].log == job.path / "logs" / "1.log"


def test_a_later_version_may_have_noted_more(project):
    job = _create(project)
    file = job.path / "job.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "mood": "good"}))
    assert JobFolder.open(job.path).record == job.record


def test_what_is_no_job_is_one_line(tmp_path):
    with pytest.raises(LaunchError, match=r"is no job; `mmfeat jobs` lists"):
        JobFolder.open(tmp_path)
    (tmp_path / "job.json").write_text("{")
    with pytest.raises(LaunchError, match=r"job\.json: cannot be read as what was launched"):
        JobFolder.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_line(project):
    Path(project.folder / "jobs").write_text("in the way")
    with pytest.raises(LaunchError, match=r"cannot be made \(.+\); mend it, or choose another `la"):
        _create(project)
