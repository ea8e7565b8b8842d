"""SIGTERM, SIGINT and SIGHUP end extraction with 75 and lose nothing that was finished."""

import os
import pty
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from ..stages.extraction_cohort import make_cohort
from .caches import cache_folder, contents
from .kill_count import KILLS
from .uninterrupted import Uninterrupted

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path / "cohort", 24, shard_cases=7)


@pytest.fixture
def reference(host, cohort):
    return Uninterrupted(host, cohort)


def _settled(text: str) -> int:
    """Return how many cases the progress bar counted in the end."""
    counts = re.findall(r"(\d+)/\d+", text)
    return int(counts[-1]) if counts else 0


def _start(host, cohort, before=""):
    program = host.start("extract", folder=cohort.folder, before=before)
    while not program.is_listening():
        assert program.is_running()
        time.sleep(0.001)
    return program


def test_one_signal_keeps_all_that_was_finished_and_ends_with_75(host, cohort, reference):
    draw = random.Random(0)
    kept, n_stopped, latest_s = {}, 0, reference.elapsed_s / 2
    for number in range(max(6, KILLS // 2)):
        program = _start(host, cohort)
        time.sleep(draw.uniform(0, latest_s))
        program.send(SIGNALS[number % 3])
        ended = program.wait()
        found = reference.check_kept(kept)
        if len(found) == len(reference.contents):  # it came too late to stop anything
            reference.check_resumed()
            reference.remove()
            kept, latest_s = {}, 0.8 * latest_s
            continue
        assert ended.code == 75, ended.err
        n_stopped += 1
        assert "Stopping after the work in flight; once more to stop at once." in ended.err
        assert re.search(r"Stopped: ct: \d+ of \d+ scans were finished", ended.err)
        assert "run the same command again to go on" in ended.err
        assert "Traceback" not in ended.err
        assert len(found) - len(kept) == _settled(ended.err)
        kept = found
    reference.check_resumed()
    assert n_stopped > 0


def test_a_second_signal_stops_at_once_and_keeps_all_that_was_finished(host, cohort, reference):
    draw = random.Random(1)
    kept, n_stopped, latest_s = {}, 0, reference.elapsed_s / 2
    for _ in range(max(6, KILLS // 2)):
        program = _start(host, cohort)
        time.sleep(draw.uniform(0, latest_s))
        program.send(signal.SIGTERM)
        time.sleep(draw.uniform(0, 0.05))
        program.send(signal.SIGTERM)
        ended = program.wait()
        found = reference.check_kept(kept)
        # It dies of the second SIGTERM itself where all that was left to do was to end.
        assert ended.code in (0, 75, -signal.SIGTERM), ended.err
        assert len(found) - len(kept) >= _settled(ended.err)
        n_stopped += ended.code == 75
        kept = found
        if len(kept) == len(reference.contents):
            reference.check_resumed()
            reference.remove()
            kept, latest_s = {}, 0.8 * latest_s
    reference.check_resumed()
    assert n_stopped > 0


def test_a_signal_before_the_work_begins_ends_with_75(host, cohort):
    program = _start(host, cohort)
    program.send(signal.SIGTERM)
    assert program.wait().code == 75
    assert contents(cache_folder(cohort.folder)) == {}


def test_nohup_is_respected(host, cohort, reference):
    ignore = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    program = _start(host, cohort, before=ignore)
    program.send(signal.SIGHUP)
    assert program.wait().code == 0
    reference.check_complete()


def test_a_terminal_that_closes_stops_the_work_and_loses_nothing(host, cohort, reference):
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under `nohup`
        os.chdir(cohort.folder)
        os.execv(sys.executable, [sys.executable, "-m", "mmfeat", "extract"])
    shown = b""
    while b"0/24" not in shown:
        shown += os.read(terminal, 4096)
    os.close(terminal)  # as a lost connection does; the system sends SIGHUP
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 75)
    reference.check_kept({})
    reference.check_resumed()


def test_a_signal_while_python_loads_libraries_ends_with_75(cohort):
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "mmfeat", "extract"],
        cwd=cohort.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:  # which tells of each import when it is done
        if "mmfeat.cli.main" in line:
            break
    while "numpy" not in line:
        line = process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 75, err
