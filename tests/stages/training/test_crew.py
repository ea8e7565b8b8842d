"""Heads are trained in several processes, with the numbers of one, and nothing is lost."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from mmfeat.errors import Interrupted, TrainError
from mmfeat.stages.training import messages
from mmfeat.stages.training.helper_process import HelperProcess
from mmfeat.stages.training.ledger import NobodyWatches
from mmfeat.stages.training.train import train

from ..training_cohort import head_bytes, project_with, write_training_cohort

pytestmark = pytest.mark.slow


class Noted(NobodyWatches):
    """Keep what is told, and what it is told in; a watch and a progress."""

    def __init__(self, on_end=lambda noted: None):
        self.epochs, self.ended, self._on_end = [], [], on_end

    def start(self, task, total):
        pass

    def advance(self, steps=1, note=""):
        pass

    def epoch(self, key, epoch):
        self.epochs.append(key)

    def end(self, result, *, there_already):
        self.ended.append(result)
        self._on_end(self)


def helpers():
    """The processes that help this one, which are children of the server that forks them."""
    commands = {int(place.name): place for place in Path("/proc").glob("[0-9]*")}
    servers = [
        pid
        for pid, place in commands.items()
        if _parent(place) == os.getpid() and b"forkserver" in _command(place)
    ]
    return [pid for pid, place in commands.items() if _parent(place) in servers]


def _parent(place):
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return None


def _command(place):
    try:
        return (place / "cmdline").read_bytes()
    except OSError:
        return b""


def _train(file, watch, should_stop=lambda: False, **settings):
    return train(
        project_with(file, **settings), progress=watch, watch=watch, should_stop=should_stop
    )


N_EPOCHS = 100
LONG = {"methods": ["paper", "average"], "epochs": N_EPOCHS, "patience": N_EPOCHS}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run that one process made; the server that starts others is ready afterwards."""
    helper = HelperProcess()
    file = write_training_cohort(tmp_path_factory.mktemp("alone"))
    _train(file, Noted(), **LONG)
    helper.connection.poll(60)
    assert list(helper.received()) == [messages.Ready()]
    helper.end()
    return head_bytes(file.parent / "run")


def test_two_processes_make_the_heads_that_one_makes_and_leave_nothing_else(alone, tmp_path):
    watch = Noted()
    report = _train(write_training_cohort(tmp_path), watch, workers=2, **LONG)
    assert report.n_processes == 2
    assert head_bytes(tmp_path / "run") == alone
    assert len(watch.ended) == 6
    epochs = Counter(watch.epochs)  # of another process, not every epoch is told
    assert min(epochs[key] for key in epochs) < N_EPOCHS < max(epochs.values())
    assert all(one.validation is not None for one in watch.ended)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "folds",
        "heads",
        "run.json",
        "splits.csv",
    }
    assert helpers() == []


def test_a_process_that_is_killed_is_one_error_and_the_same_command_goes_on(alone, tmp_path):
    file = write_training_cohort(tmp_path)
    killed = []

    def kill_one(noted):
        for pid in helpers()[:1] if not killed else ():
            os.kill(pid, signal.SIGKILL)
            killed.append(len(noted.ended))

    watch = Noted(kill_one)
    with pytest.raises(TrainError, match=r"a process that .* heads .*(killed|started)"):
        _train(file, watch, workers=2, **LONG)
    kept = head_bytes(tmp_path / "run")
    assert killed
    assert len(kept) == len(watch.ended) < 6
    report = _train(file, Noted(), **LONG)
    assert report.n_finished_before == len(kept)
    assert head_bytes(tmp_path / "run") == alone


def test_a_stop_is_heard_by_all_processes_within_an_epoch(alone, tmp_path):
    file = write_training_cohort(tmp_path)
    watch = Noted()
    with pytest.raises(Interrupted, match=r"\d of 6 heads are finished and kept; run the same"):
        _train(file, watch, should_stop=lambda: len(watch.epochs) > 50, workers=2, **LONG)
    assert helpers() == []
    assert list((tmp_path / "run" / "unfinished").glob("*.safetensors"))
    assert not list((tmp_path / "run").glob(".arrays*"))
    _train(file, Noted(), **LONG)
    assert head_bytes(tmp_path / "run") == alone
    assert not (tmp_path / "run" / "unfinished").exists()
