"""The file of a worker follows its progress, and never stands in the way of the work."""

import shutil
import time

import pytest

from mmfeat.launching.state_reporting import StateReporting
from mmfeat.launching.worker_state import read_worker_state
from mmfeat.progress import Silent


@pytest.fixture
def file(tmp_path):
    folder = tmp_path / "state"
    folder.mkdir()
    return folder / "3.json"


def _until(file, condition):
    give_up = time.monotonic() + 20.0
    while not condition(read_worker_state(file)):
        assert time.monotonic() < give_up, read_worker_state(file)
        time.sleep(0.01)


class Shown:
    """Remember what was shown."""

    def __init__(self):
        self.told = []

    def start(self, task, total):
        self.told.append((task, total))

    def advance(self, steps=1, note=""):
        self.told.append((steps, note))


def test_steps_of_all_tasks_are_summed_and_shown_here_too(file):
    shown = Shown()
    with StateReporting(file, "3/4", shown, every_s=0.01) as state:
        assert read_worker_state(file).state == "running"
        state.start("ct", 5)
        state.advance(2, "fast")
        state.start("pet", 3)
        _until(file, lambda told: told.n_total == 8)
        told = read_worker_state(file)
        assert (told.shard, told.phase, told.n_done) == ("3/4", "pet", 2)
        state.end("done", exit_code=3, n_failed=1)
    told = read_worker_state(file)
    assert (told.state, told.exit_code, told.n_failed, told.n_done) == ("done", 3, 1, 2)
    assert shown.told == [("ct", 5), (2, "fast"), ("pet", 3)]


def test_the_state_of_a_worker_that_did_not_say_how_it_ended_is_running(file):
    with StateReporting(file, "3/4", Silent()):
        pass
    assert read_worker_state(file).state == "running"


def test_a_disk_that_refuses_is_one_warning_and_the_work_goes_on(file, caplog):
    with StateReporting(file, "3/4", Silent(), every_s=0.01) as state:
        shutil.rmtree(file.parent)
        state.start("ct", 2)
        state.advance()
        time.sleep(0.1)
        state.advance()
    assert caplog.text.count("nobody sees how far this worker is") == 1
    assert not file.parent.exists()
