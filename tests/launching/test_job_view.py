"""Where a job stands, by what workers wrote and what the engine says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mmfeat.launching.command_line import StageCall
from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import CANCELLED, JobFolder
from mmfeat.launching.job_view import view_job
from mmfeat.launching.worker_state import WorkerState

NOW = datetime.now(UTC).isoformat(timespec="seconds")
RUNNING = WorkerState("0/2", "running", "node7", 4711, NOW, NOW, n_done=3, n_total=9)
DONE = replace(RUNNING, state="done", n_done=9, exit_code=0)


@pytest.fixture
def job(project):
    call = StageCall("extract", project.file)
    made = JobFolder.create(
        project, call, launcher="slurm", n_shards=2, launch={}, finish=("--finish",)
    )
    DONE.write(made.state_file(1))
    return made


def _first(job, tasks, note=""):
    return view_job(job, tasks, note).shards[0]


@pytest.mark.parametrize(
    ("worker", "task", "state", "reason"),
    [
        (None, EngineTask("pending", reason="Priority"), "pending", "Priority"),
        (None, EngineTask("running"), "running", ""),
        (RUNNING, EngineTask("running"), "running", ""),
        # Requeued: what the worker before wrote is not how it stands now.
        (RUNNING, EngineTask("pending", reason="BeginTime"), "pending", "BeginTime"),
        (DONE, None, "done", ""),
        (DONE, EngineTask("ended", reason="COMPLETED"), "done", ""),
        (replace(DONE, state="stopped", message="by a signal"), None, "stopped", "by a signal"),
        (replace(DONE, state="failed", message="no weights"), None, "failed", "no weights"),
        (
            RUNNING,
            EngineTask("ended", reason="OUT_OF_MEMORY"),
            "failed",
            "killed on node7, last seen NOW (OUT_OF_MEMORY)",
        ),
        (
            None,
            EngineTask("ended", reason="FAILED, NonZeroExitCode"),
            "failed",
            "ended before mmfeat began (FAILED, NonZeroExitCode)",
        ),
        (None, None, "failed", "no worker has begun it, and none will"),
    ],
)
def test_a_shard_is_as_its_engine_says_while_it_has_it_and_then_as_its_worker_left_it(
    job, worker, task, state, reason
):
    if worker is not None:
        worker.write(job.state_file(0))
    shard = _first(job, {} if task is None else {"0": task})
    assert (shard.state, shard.reason) == (state, reason.replace("NOW", NOW))


def test_an_engine_that_cannot_be_asked_leaves_what_workers_wrote(job):
    shard = _first(job, None, "Slurm does not answer")
    assert (shard.state, shard.reason) == ("pending", "no worker has begun it")
    just_now = datetime.now(UTC).isoformat(timespec="seconds")
    replace(RUNNING, updated=just_now).write(job.state_file(0))
    assert _first(job, None).state == "running"
    long_ago = (datetime.now(UTC) - timedelta(minutes=6)).isoformat(timespec="seconds")
    replace(RUNNING, updated=long_ago).write(job.state_file(0))
    silent = _first(job, None)
    assert (silent.state, silent.reason) == (
        "failed",
        f"no sign of life since {long_ago}, on node7",
    )


def test_what_was_cancelled_before_it_began_has_stopped(job):
    job.note_engine(**{CANCELLED: True})
    shard = _first(job, {})
    assert (shard.state, shard.reason) == ("stopped", "cancelled before it began")


def test_shards_that_failed_are_to_be_done_again_with_the_end_of_their_log(job):
    job.log_file(0).write_text("module: command not found\n")
    view = view_job(job, {})
    assert view.counts == {"pending": 0, "running": 0, "done": 1, "stopped": 0, "failed": 1}
    assert view.unfinished == (0,)
    assert view.is_to_be_done_again
    assert view.shards[0].log_tail == ("module: command not found",)
    assert view.to_json()["shards"][0]["log_tail"] == ["module: command not found"]


def test_when_only_the_end_is_missing_that_is_to_be_done(job):
    DONE.write(job.state_file(0))
    view = view_job(job, {})
    assert (view.unfinished, view.is_to_be_done_again) == ((), True)
    replace(DONE, shard="finish").write(job.state_file("finish"))
    assert not view_job(job, {}).is_to_be_done_again


def test_a_job_that_is_not_cut_has_no_end_of_its_own(project):
    call = StageCall("eval", project.file)
    job = JobFolder.create(project, call, launcher="slurm", n_shards=1, launch={}, finish=None)
    DONE.write(job.state_file(0))
    view = view_job(job, {})
    assert view.finish is None
    assert not view.is_to_be_done_again
    assert view.to_json()["finish"] is None
