"""A training that is killed or stopped ends with all its processes, and goes on to equal heads."""

import signal
import time
from pathlib import Path

import pytest

from ..stages.training_cohort import head_bytes, write_training_cohort

pytestmark = pytest.mark.slow

TRAIN = (
    "train",
    "--seeds=6",
    "--set=train.epochs=150",
    "--set=train.patience=150",
    "--set=train.methods=[paper]",
)
WITH_ONE, WITH_TWO = "--set=train.workers=1", "--set=train.workers=2"
"""What two have begun one ends: the numbers do not depend on it."""
N_HEADS = 2 * 6

_PATIENCE_S = 200.0
"""Of a busy machine; it takes seconds elsewhere."""
_WITH_HELPER = 4
"""Processes: the command, what tracks its resources, the server, and the one that helps."""


@pytest.fixture(scope="module")
def reference(host, tmp_path_factory):
    """The heads of a training that nothing stopped."""
    folder = tmp_path_factory.mktemp("reference")
    write_training_cohort(folder)
    ended = host.start(*TRAIN, WITH_ONE, folder=folder).wait(_PATIENCE_S)
    assert ended.code == 0, ended.err
    return head_bytes(folder / "run")


def _started(host, folder: Path):
    """Start a training, and wait until another process helps it, and a head is finished."""
    write_training_cohort(folder)
    program = host.start(*TRAIN, WITH_TWO, folder=folder)
    while len(program.kin()) < _WITH_HELPER or not head_bytes(folder / "run"):
        assert program.is_running(), program.written("err")
        time.sleep(0.01)
    return program


def _goes_on(host, folder: Path, reference, n_kept: int):
    ended = host.start(*TRAIN, WITH_ONE, folder=folder).wait(_PATIENCE_S)
    assert ended.code == 0, ended.err
    assert f"{N_HEADS - n_kept} heads trained" in ended.out
    assert head_bytes(folder / "run") == reference
    assert not list((folder / "run").rglob(".*partial*"))
    assert not (folder / "run" / "unfinished").exists()


def test_a_killed_training_leaves_no_process_and_loses_no_finished_head(host, tmp_path, reference):
    program = _started(host, tmp_path)
    program.send(signal.SIGKILL)
    program.wait(_PATIENCE_S)
    assert program.leaves_nobody_behind(_PATIENCE_S)
    kept = head_bytes(tmp_path / "run")
    assert kept.items() <= reference.items()
    _goes_on(host, tmp_path, reference, len(kept))


def test_a_stopped_training_ends_with_75_and_goes_on_from_the_epoch_it_was_in(
    host, tmp_path, reference
):
    program = _started(host, tmp_path)
    program.send(signal.SIGTERM)
    ended = program.wait(_PATIENCE_S)
    assert ended.code == 75, ended.err
    assert program.leaves_nobody_behind(_PATIENCE_S)
    kept = head_bytes(tmp_path / "run")
    assert f"Stopped: {len(kept)} of {N_HEADS} heads are finished and kept" in ended.err
    assert kept.items() <= reference.items()
    assert list((tmp_path / "run" / "unfinished").glob("*.safetensors"))
    _goes_on(host, tmp_path, reference, len(kept))


def test_a_second_signal_ends_at_once_with_all_processes(host, tmp_path, reference):
    program = _started(host, tmp_path)
    program.send(signal.SIGINT)
    program.send(signal.SIGINT)
    assert program.wait(_PATIENCE_S).code == 75
    assert program.leaves_nobody_behind(_PATIENCE_S)
    assert head_bytes(tmp_path / "run").items() <= reference.items()
