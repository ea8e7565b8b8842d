"""The process of a launcher: whether it is there, and asking it to stop."""

import os
import signal
import subprocess
import sys

import pytest

from mmfeat.errors import LaunchError
from mmfeat.launching.command_line import StageCall
from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.launcher_process import (
    launcher_lives,
    launcher_mark,
    launcher_tasks,
    stop_launcher,
)
from mmfeat.launching.worker_state import WorkerState
from mmfeat.process_identity import start_of_process

NOW = "2026-03-01T08:00:00+00:00"


@pytest.fixture
def job(project):
    call = StageCall("extract", project.file)
    return JobFolder.create(
        project, call, launcher="local", n_shards=3, launch={}, finish=("--finish",)
    )


def test_while_it_lives_what_no_worker_has_ended_is_still_to_come(job):
    job.note_engine(**launcher_mark())
    WorkerState("0/3", "done", "here", 1, NOW, NOW).write(job.state_file(0))
    WorkerState("1/3", "running", "node7", 4711, NOW, NOW).write(job.state_file(1))
    host = launcher_mark()["host"]
    assert launcher_tasks(job) == {
        "1": EngineTask("running", "4711", place="node7"),
        "2": EngineTask("pending", place=host),
        "finish": EngineTask("pending", place=host),
    }


def test_before_it_begins_and_after_its_end_nothing_is_to_come(job):
    assert launcher_tasks(job) == {}
    job.note_engine(**{**launcher_mark(), "process": "1"})
    assert launcher_tasks(job) == {}
    assert stop_launcher(job) is False


def test_on_another_machine_it_cannot_be_told_and_not_be_stopped(job):
    job.note_engine(**{**launcher_mark(), "machine": "other", "host": "node9"})
    assert launcher_lives(job) is None
    assert launcher_tasks(job) is None
    with pytest.raises(LaunchError, match="was launched on node9; cancel it there"):
        stop_launcher(job)


def test_it_is_asked_to_stop_by_a_signal(job):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    job.note_engine(**{**launcher_mark(), "pid": child.pid, "process": start_of_process(child.pid)})
    assert launcher_lives(job) is True
    assert stop_launcher(job) is True
    assert child.wait(timeout=10) == -signal.SIGTERM
    child.stdin.close()
    assert launcher_mark()["pid"] == os.getpid()
