"""A launcher is told how a command ended, whatever ended it."""

import os
import signal
import time

import pytest
from mmfeat.cli.reported_work import reported_work
from mmfeat.cli.stopping import stop_requests

from mmfeat.errors import CacheError, Interrupted
from mmfeat.launching.worker_state import read_worker_state
from mmfeat.progress import Silent
from mmfeat.work_shard import WorkShard


@pytest.mark.parametrize(
    ("error", "state", "code", "message"),
    [
        (Interrupted("1 of 2"), "stopped", 75, "1 of 2"),
        (KeyboardInterrupt(), "stopped", 75, "stopped at once; everything finished is kept"),
        (CacheError("cache: full"), "failed", 2, "cache: full"),
        (ValueError("a\nb"), "failed", 1, "ValueError: a b"),
    ],
)
def test_an_error_is_passed_on_and_told(tmp_path, error, state, code, message):
    file = tmp_path / "1.json"
    with (
        pytest.raises(type(error)),
        reported_work(file, WorkShard(1, 2), progress=Silent()),
    ):
        raise error
    told = read_worker_state(file)
    assert (told.shard, told.state, told.exit_code, told.message) == ("1/2", state, code, message)


def test_an_end_is_told_with_what_failed(tmp_path):
    file = tmp_path / "finish.json"
    with reported_work(file, None, progress=Silent()) as work:
        work.progress.start("ct", 2)
        work.progress.advance()
        work.done(3, n_failed=1)
    told = read_worker_state(file)
    assert (told.shard, told.state, told.exit_code, told.n_failed) == ("finish", "done", 3, 1)
    assert (told.n_done, told.n_total) == (1, 2)


def test_without_a_launcher_nothing_is_written(tmp_path):
    silent = Silent()
    with reported_work(None, None, progress=silent) as work:
        assert work.progress is silent
        work.done(0)
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_standard_input_asks_for_a_stop(monkeypatch):
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, stop_requests() as should_stop:
        monkeypatch.setattr("sys.stdin", stdin)
        with reported_work(None, None, progress=Silent(), stop_with_stdin=True):
            os.write(writing, b"still here")
            time.sleep(0.05)
            assert not should_stop()
            os.close(writing)
            give_up = time.monotonic() + 10.0
            while not should_stop():
                assert time.monotonic() < give_up
                time.sleep(0.01)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
