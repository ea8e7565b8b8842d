"""What a task does when its worker ends, is killed or runs out of time."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mmfeat.config.slurm import SlurmSettings
from mmfeat.launching.slurm.script import JobScripts

WRITE_STATE = 'printf \'{\\n  "n_done": %s\\n}\\n\' "$DONE" >"${@: -1}"'
LISTENING = f"""\
trap 'exit 75' TERM
{WRITE_STATE}
touch "$(dirname "$0")/listens"
while :; do sleep 0.05; done
"""


@dataclass
class Task:
    """One task of an array, whose worker is a script."""

    scripts: JobScripts
    folder: Path

    def start(self, worker: str, *, n_done: int = 0) -> subprocess.Popen:
        for name in ("state", "logs"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "worker").write_text(worker)
        (self.folder / "submit.sh").write_text(self.scripts.submit())
        return subprocess.Popen(
            ["bash", self.folder / "submit.sh"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "SLURM_ARRAY_JOB_ID": "70",
                "SLURM_ARRAY_TASK_ID": "2",
                "DONE": str(n_done),
            },
        )

    def run(self, worker: str, *, n_done: int = 0) -> tuple[int, str]:
        task = self.start(worker, n_done=n_done)
        out, _ = task.communicate(timeout=20)
        return task.returncode, out

    def signalled(self, number: signal.Signals, *, n_done: int = 0) -> tuple[int, str]:
        """Run a worker that works until it is asked to stop, and send its task a signal."""
        (self.folder / "listens").unlink(missing_ok=True)
        task = self.start(LISTENING, n_done=n_done)
        give_up = time.monotonic() + 20
        while not (self.folder / "listens").exists():
            assert time.monotonic() < give_up
            time.sleep(0.02)
        task.send_signal(number)
        if number == signal.SIGTERM:  # Slurm sends it to all processes of a task
            worker = subprocess.run(["pgrep", "-P", str(task.pid)], capture_output=True, text=True)
            os.kill(int(worker.stdout), signal.SIGTERM)
        out, _ = task.communicate(timeout=20)
        return task.returncode, out


@pytest.fixture
def task(job_record, tmp_path, stand_in):
    folder = tmp_path / "my job"
    folder.mkdir()
    settings = SlurmSettings(program=f'bash "{folder}/worker"', restarts=2)
    return Task(JobScripts(job_record, folder, settings), folder)


@pytest.mark.parametrize("code", [0, 2, 3, 4, 126, 127])
def test_a_code_that_another_start_would_not_change_is_the_task_s(task, stand_in, code):
    ended, out = task.run(f"exit {code}")
    assert ended == code
    assert f"shard 2 of 4: ended with code {code}" in out
    assert stand_in.calls == []


@pytest.mark.parametrize("worker", ["kill -9 $$", "exit 1"])
def test_a_worker_that_was_killed_or_crashed_is_requeued(task, stand_in, worker):
    _, out = task.run(worker)
    assert "requeued, to go on from there" in out
    assert stand_in.calls == ["scontrol requeue 70_2"]


def test_before_the_time_limit_the_worker_stops_and_the_task_is_requeued(task, stand_in):
    code, out = task.signalled(signal.SIGUSR1)
    assert code == 75
    assert "stopped before the time limit; requeued" in out
    assert stand_in.calls == ["scontrol requeue 70_2"]


def test_what_slurm_ends_itself_is_left_to_slurm(task, stand_in):
    code, out = task.signalled(signal.SIGTERM)
    assert code == 75
    assert stand_in.calls == []
    assert "requeued" not in out


def test_a_worker_that_somebody_else_stopped_stays_stopped(task, stand_in):
    code, out = task.run("exit 75")
    assert code == 75
    assert "`mmfeat jobs retry` goes on from there" in out
    assert stand_in.calls == []


def test_where_requeueing_is_forbidden_the_shard_is_submitted_again(task, stand_in):
    stand_in.refuses("scontrol", "Requested operation is presently disabled")
    stand_in.says("sbatch", "81\n")
    _, out = task.run("exit 1")
    assert "it is submitted again, as 81" in out
    script = task.folder / "submit.sh"
    again = f"sbatch --parsable --array=2 --dependency=afterany:70_2 {script}"
    assert stand_in.calls == ["scontrol requeue 70_2", again]


def test_where_both_are_refused_it_says_who_can(task, stand_in):
    stand_in.refuses("scontrol", "no")
    stand_in.refuses("sbatch", "no")
    code, out = task.run("exit 1")
    assert code == 1
    assert "neither be requeued nor submitted again: `mmfeat jobs retry` does" in out


def test_starts_without_a_step_forward_come_to_an_end_and_those_with_one_do_not(task, stand_in):
    fails = f"{WRITE_STATE}\nexit 1"
    for n_done in (0, 5, 0, 0):
        task.run(fails, n_done=n_done)
    assert len(stand_in.calls) == 4
    code, out = task.run(fails, n_done=0)
    assert code == 1
    assert "3 starts in a row made no step forward, so it is left as it is" in out
    assert len(stand_in.calls) == 4


def test_steps_of_the_start_before_do_not_count_for_this_one(task, stand_in):
    task.run(f"{WRITE_STATE}\nexit 1", n_done=5)
    for _ in range(3):  # killed before they could write anything
        _, out = task.run("kill -9 $$")
    assert "3 starts in a row made no step forward" in out


def test_a_task_that_got_through_forgets_its_bad_starts(task, stand_in):
    task.run("exit 1")
    task.run("exit 1")
    task.run("exit 0")
    assert list((task.folder / "state").glob("*.stalled")) == []


def test_what_cannot_go_on_is_not_begun_anew_at_each_time_limit(task, stand_in, job_record):
    record = replace(job_record, command="eval", n_shards=1, finish=None, options=())
    task.scripts = replace(task.scripts, record=record)
    code, out = task.signalled(signal.SIGUSR1, n_done=5)
    assert code == 75
    assert "cannot go on from there, so give it more time" in out
    assert stand_in.calls == []


def test_set_up_that_fails_ends_the_task_before_any_worker(task, stand_in):
    task.scripts = replace(
        task.scripts, settings=task.scripts.settings.model_copy(update={"setup": ["false"]})
    )
    code, out = task.run("echo worker")
    assert code == 1
    assert out == ""


def test_a_step_of_srun_is_asked_to_stop_by_slurm(task, stand_in):
    (stand_in.folder / "srun").write_text('#!/bin/bash\nexec "$@"\n')
    (stand_in.folder / "srun").chmod(0o755)
    # As Slurm does: the signal goes to the step, and not to the shell of the task.
    cancel = 'echo "scancel $*" >>"$(dirname "$0")/calls"; kill -TERM $(pgrep -P $PPID -f worker)'
    (stand_in.folder / "scancel").write_text(f"#!/bin/bash\n{cancel}\n")
    settings = task.scripts.settings.model_copy(update={"container": "srun"})
    task.scripts = replace(task.scripts, settings=settings)
    code, out = task.signalled(signal.SIGUSR1)
    assert code == 75
    assert "stopped before the time limit; requeued" in out
    assert stand_in.calls == ["scancel --signal=TERM 70_2", "scontrol requeue 70_2"]
