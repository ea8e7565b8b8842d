"""Real jobs on a real Slurm: tasks are killed, preempted and run out of time, and all gets done."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mmfeat.launching.worker_state import WorkerState, read_worker_state

from ...in_process import run_mmfeat
from ...safety.caches import cache_folder, contents, leftovers, the_only_shard
from ...stages.extraction_cohort import MadeCohort, make_cohort

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

HESITANT_MMFEAT = """\
import os, threading
from mmfeat.cli import stopping
from mmfeat.encoders.statistics.intensity_stats import IntensityStats

asked, left = threading.Event(), [4 if os.environ.get("SLURM_RESTART_COUNT", "0") == "0" else 99]
prepare, tell = IntensityStats.prepare, stopping._tell

def prepare_some(self, volume):
    left[0] -= 1
    if left[0] < 0:
        asked.wait(300)
    return prepare(self, volume)

def hear(text):
    asked.set()
    tell(text)

IntensityStats.prepare, stopping._tell = prepare_some, hear
from mmfeat.cli.main import main
main()
"""
"""Does not go on after four scans until it is asked to stop; begun again, it does."""


QUICK_WORKER = """\
state=${@: -1}
tell() {
    at=2026-03-01T08:00:00+00:00
    printf '{"shard": "a", "state": "%s", "host": "here", "pid": %s, ' "$1" $$ >"$state.new"
    printf '"started": "%s", "updated": "%s", "n_total": 4,\\n' $at $at >>"$state.new"
    printf '"n_done": %s,\\n"exit_code": %s}\\n' "$2" "$3" >>"$state.new"
    mv "$state.new" "$state"
}
trap 'tell stopped 1 75; exit 75' TERM
tell running 1 null
while [[ -e $(dirname "$0")/hold ]]; do sleep 0.1; done
tell done 4 0
"""


def _launch(cohort: MadeCohort, *settings: str) -> Path:
    """Submit an extraction, and return the folder of its job."""
    settings = ("extract.batch_windows=1", *(f"launch.{setting}" for setting in settings))
    given = [word for setting in settings for word in ("--set", setting)]
    ended = run_mmfeat("extract", "--launcher", "slurm", "--json", *given, folder=cohort.folder)
    assert ended.code == 0, ended.err
    return Path(json.loads(ended.out)["folder"])


def _shown(job: Path) -> dict:
    ended = run_mmfeat("jobs", job, "--json", folder=job)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def _states(job: Path) -> list[str]:
    return [shard["state"] for shard in _shown(job)["shards"]]


def _states_of_workers(job: Path) -> list[WorkerState]:
    files = [job / "state" / f"{shard}.json" for shard in range(3)]
    return [state for file in files if (state := read_worker_state(file)) is not None]


def test_killed_preempted_and_out_of_time_all_cases_end_done_with_the_same_bits(slurm, tmp_path):
    cohort = make_cohort(tmp_path / "my cohort, 100% real", 24)
    plainly = ("--set", "extract.cache=plain", "--set", "extract.batch_windows=1")
    assert run_mmfeat("extract", *plainly, folder=cohort.folder).code == 0
    program = tmp_path / "hesitant_mmfeat.py"
    program.write_text(HESITANT_MMFEAT)
    job = _launch(
        cohort,
        "shards=3",
        "slurm.cpus=1",
        "slurm.stop_before_s=60",
        f"slurm.program={sys.executable} {program}",
        "slurm.setup=[export OMP_NUM_THREADS=1]",
    )
    array = _shown(job)["engine"]["slurm_array"]

    def hesitate() -> bool:
        stored = list(cohort.folder.glob("cache/ct/*/shard-*.h5"))
        begun = [one for one in _states_of_workers(job) if one.n_done >= 2]
        return len(begun) == len(stored) == 3

    slurm.wait_until(hesitate, 300.0)
    os.kill(_states_of_workers(job)[0].pid, signal.SIGKILL)
    slurm.ask("scontrol", "requeue", f"{array}_1")
    minutes = 2 + slurm.elapsed_s(f"{array}_2") // 60
    slurm.ask("scontrol", "update", f"JobId={array}_2", f"TimeLimit={minutes}")
    slurm.wait_until(lambda: " 2 PENDING" in slurm.queue(), 300.0)
    slurm.ask("scontrol", "update", f"JobId={array}_2", "TimeLimit=60")
    slurm.wait_until_empty()

    logs = {name: (job / "logs" / f"{name}.log").read_text() for name in ("0", "1", "2", "finish")}
    assert "the worker ended with code 137; requeued, to go on from there" in logs["0"]
    assert "DUE TO JOB REQUEUE" in logs["1"]
    assert "stopped before the time limit; requeued, to go on from there" in logs["2"]
    for name in ("0", "1", "2"):
        assert "start 2" in logs[name]
    view = _shown(job)
    assert [shard["state"] for shard in view["shards"]] == ["done"] * 3, logs
    assert view["finish"]["state"] == "done", logs["finish"]
    for shard in view["shards"]:
        assert 0 < shard["n_done"] < 8, "what was finished before was done again"
    made, plain = (cache_folder(cohort.folder, name) for name in ("cache", "plain"))
    assert contents(made) == contents(plain)
    assert the_only_shard(made) == the_only_shard(plain)
    assert leftovers(made) == []


@pytest.fixture
def quick(tmp_path: Path) -> Callable[..., Path]:
    """A function that submits two shards whose worker is a script of the shell, soon done.

    It waits for a request to stop while there is a file `hold`.
    """
    cohort = make_cohort(tmp_path / "cohort", 4)
    worker = tmp_path / "worker.sh"
    worker.write_text(QUICK_WORKER)

    def launch(*settings: str) -> Path:
        program = f"bash {worker}"
        return _launch(cohort, "shards=2", "slurm.cpus=1", f"slurm.program={program}", *settings)

    return launch


def test_a_task_that_cannot_be_set_up_is_told_and_retried_alone(slurm, quick, tmp_path):
    mended = tmp_path / "mended"
    check = f"test x$SLURM_ARRAY_TASK_ID != x1 -o -e {mended}"
    job = quick(f'slurm.setup=["echo looking for {mended}", "{check}"]')
    slurm.wait_until_empty()
    shown = run_mmfeat("jobs", job, folder=job).out
    assert "2 shards: 1 done, 1 failed" in shown
    assert "ended before mmfeat began (FAILED, NonZeroExitCode)" in shown
    assert f"  | looking for {mended}" in shown

    mended.touch()
    begun = (job / "logs" / "0.log").read_text()
    ended = run_mmfeat("jobs", "retry", job, "--set", "launch.slurm.cpus=2", folder=job)
    assert "submitted to Slurm" in ended.out
    slurm.wait_until_empty()
    assert _states(job) == ["done", "done"]
    assert (job / "logs" / "0.log").read_text() == begun
    assert "--cpus-per-task=2" in (job / "submit.sh").read_text()
    assert run_mmfeat("jobs", "retry", job, folder=job).out.endswith(": all is done\n")


def test_a_cancelled_job_stops_and_is_done_when_it_is_retried(slurm, quick, tmp_path):
    hold = tmp_path / "hold"
    hold.touch()
    job = quick("slurm.max_at_once=1")
    slurm.wait_until(lambda: _states_of_workers(job))
    assert _states(job) == ["running", "pending"]
    assert "asked to stop" in run_mmfeat("jobs", "cancel", job, folder=job).out
    slurm.wait_until_empty()
    assert _states(job) == ["stopped", "stopped"]
    shown = run_mmfeat("jobs", job, folder=job).out
    assert "stopped  1 of 4" in shown
    assert "cancelled before it began" in shown

    hold.unlink()
    assert run_mmfeat("jobs", "retry", job, folder=job).code == 0
    slurm.wait_until_empty()
    assert _states(job) == ["done", "done"]
    assert _shown(job)["finish"]["state"] == "done"


def test_where_no_task_may_be_requeued_its_shard_and_the_end_are_submitted_again(
    slurm, quick, tmp_path
):
    (tmp_path / "hold").touch()
    job = quick("slurm.sbatch=[--no-requeue]")
    slurm.wait_until(lambda: len(_states_of_workers(job)) == 2)
    stopped, killed = _states_of_workers(job)
    os.kill(killed.pid, signal.SIGKILL)
    os.kill(stopped.pid, signal.SIGTERM)
    slurm.wait_until(lambda: "submitted again" in (job / "logs" / "1.log").read_text())
    (tmp_path / "hold").unlink()
    slurm.wait_until_empty()
    log = (job / "logs" / "1.log").read_text()
    assert "this cluster lets no task requeue itself, so it is submitted again" in log
    assert _states(job) == ["stopped", "done"]
    assert "`mmfeat jobs retry` goes on from there" in (job / "logs" / "0.log").read_text()
    assert _shown(job)["finish"]["state"] == "done"


def test_a_training_in_shards_and_an_evaluation_after_it(slurm, tmp_path, write_project):
    config = write_project(tmp_path)
    few = ("--set", "launch.slurm.cpus=1", "--set", "launch.shards=2", "--json")
    train = json.loads(
        run_mmfeat("train", config, "--launcher", "slurm", *few, folder=tmp_path).out
    )
    after = f"launch.slurm.sbatch=[--dependency=afterany:{train['slurm_finish']}]"
    ended = run_mmfeat("eval", config, "--launcher", "slurm", "--set", after, *few, folder=tmp_path)
    assert ended.code == 0, ended.err
    assert "Dependency" in slurm.queue()
    slurm.wait_until_empty()
    for shown in json.loads(run_mmfeat("jobs", "--json", folder=tmp_path).out):
        states = [shard["state"] for shard in shown["shards"]]
        assert states == ["done"] * len(states), shown
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["verdict"]
    heads = sorted(path.parent.name for path in (tmp_path / "run" / "heads").rglob("head.json"))
    assert heads == sorted(["fold0-seed0", "fold1-seed0", "fold2-seed0"] * 2)
