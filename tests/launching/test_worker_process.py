"""A worker process writes to its log, can be asked to stop, and does not outlive its launcher."""

import os
import sys
import time

import pytest

from mmfeat.errors import LaunchError
from mmfeat.launching.worker_process import STOP_WITH_STDIN, WorkerProcess

POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))
print("ready", flush=True)
time.sleep(60)
"""


def _python(code, tmp_path, **options):
    return WorkerProcess([sys.executable, "-c", code], log=tmp_path / "0.log", **options)


def _until_ready(log):
    give_up = time.monotonic() + 20.0
    while "\nready" not in log.read_text():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_each_start_adds_a_line_and_what_the_worker_writes_to_the_log(tmp_path):
    code = "import os, sys; print(os.environ['PLACE'], sys.argv[1]); sys.exit(3)"
    for place in ("here", "there"):
        process = _python(code, tmp_path, environment={"PLACE": place})
        assert process.wait(lambda: False) == 3
    lines = (tmp_path / "0.log").read_text().splitlines()
    assert [line[:3] for line in lines[::2]] == ["== ", "== "]
    assert lines[1::2] == [f"here {STOP_WITH_STDIN}", f"there {STOP_WITH_STDIN}"]


def test_a_stop_is_passed_on_and_the_end_awaited(tmp_path):
    process = _python(POLITE, tmp_path)
    _until_ready(tmp_path / "0.log")
    assert process.exit_code() is None
    assert process.wait(lambda: True) == 75


def test_an_error_while_waiting_leaves_no_process_behind(tmp_path):
    process = _python(POLITE, tmp_path)
    _until_ready(tmp_path / "0.log")

    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.wait(fail)
    assert process.exit_code() == 75


def test_a_process_that_does_not_end_is_killed(tmp_path):
    stubborn = POLITE.replace("sys.exit(75)", "None").replace(
        "time.sleep(60)", "while True: time.sleep(0.1)"
    )
    process = _python(stubborn, tmp_path)
    _until_ready(tmp_path / "0.log")
    process.ask_to_stop()
    process.wait_or_kill(0.2)
    assert process.exit_code() == -9


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
def test_a_worker_is_bound_to_its_cores_and_the_launcher_is_not(tmp_path):
    mine = os.sched_getaffinity(0)
    one = min(mine)
    process = _python("import os; print(os.sched_getaffinity(0))", tmp_path, cpus=frozenset({one}))
    assert process.wait(lambda: False) == 0
    assert (tmp_path / "0.log").read_text().splitlines()[-1] == f"{{{one}}}"
    assert os.sched_getaffinity(0) == mine


def test_a_program_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(LaunchError, match=r"no-such-program: a worker cannot be started"):
        WorkerProcess(["no-such-program"], log=tmp_path / "0.log")


def test_a_log_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(LaunchError, match=r"gone/0\.log: a worker cannot be started \(No such"):
        WorkerProcess([sys.executable], log=tmp_path / "gone" / "0.log")
