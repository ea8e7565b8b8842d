"""An extraction's mark: seen while it lives, known as dead when it was killed, never in the way."""

import json
import logging
import os
import re
import subprocess
import sys
import threading
import time

import pytest

from mmfeat.cache import RunningMark, running_marks
from mmfeat.work_shard import WorkShard

HOLD = """\
import sys, time
from pathlib import Path
from mmfeat.cache import RunningMark
with RunningMark(Path(sys.argv[1])) as mark:
    print("marked", flush=True)
    time.sleep(60)
"""


def _files(folder):
    return sorted(folder.glob(".*"))


def _change(folder, **told):
    """Change what the only mark says, as another process would have written it."""
    (file,) = folder.glob(".running-*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | told))
    return file


@pytest.fixture
def abandoned(tmp_path):
    """Leave the mark of a process that was killed, and return the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "marked\n"
        (running,) = running_marks(tmp_path)
        assert running.pid == process.pid
        process.kill()
        # Dead, but not yet taken away by its parent: a zombie still has its number.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert running_marks(tmp_path) == []
    return process


def test_a_mark_tells_how_far_the_work_is_and_goes_with_it(tmp_path):
    with RunningMark(tmp_path, every_s=0.01) as mark:
        (running,) = running_marks(tmp_path)
        assert (running.pid, running.n_jobs, running.in_flight) == (os.getpid(), 0, ())
        mark.update(in_flight={"a"}, n_done=2, n_jobs=5, cases_per_s=0.5, eta_s=6.0)
        deadline = time.monotonic() + 20
        while (told := running_marks(tmp_path)[0]).n_done != 2:
            assert time.monotonic() < deadline
        assert (told.in_flight, told.n_jobs, told.cases_per_s, told.eta_s) == (("a",), 5, 0.5, 6.0)
        assert told.since == running.since
    assert _files(tmp_path) == []
    assert "running-mark" not in {thread.name for thread in threading.enumerate()}


def test_the_mark_goes_when_the_work_ends_with_an_error(tmp_path):
    with pytest.raises(KeyboardInterrupt, match="twice"), RunningMark(tmp_path):
        raise KeyboardInterrupt("twice")
    assert _files(tmp_path) == []


def test_many_updates_cost_next_to_nothing(tmp_path):
    with RunningMark(tmp_path) as mark:
        started = time.perf_counter()
        for number in range(10_000):
            mark.update(in_flight=["a", "b"], n_done=number, n_jobs=10_000)
        assert time.perf_counter() - started < 2


def test_the_mark_of_a_killed_process_is_dead_and_the_next_extraction_removes_it(
    tmp_path, abandoned
):
    (file,) = _files(tmp_path)
    assert str(abandoned.pid) in file.name
    assert running_marks(tmp_path) == []
    assert file.exists()  # a reader removes nothing
    with RunningMark(tmp_path):
        assert not file.exists()
        assert [running.pid for running in running_marks(tmp_path)] == [os.getpid()]


def test_a_process_that_got_the_number_of_a_dead_one_is_not_taken_for_it(tmp_path):
    with RunningMark(tmp_path):
        _change(tmp_path, process="123")
        assert running_marks(tmp_path) == []


def test_a_mark_of_another_machine_lives_while_it_is_renewed(tmp_path):
    with RunningMark(tmp_path):
        file = _change(tmp_path, machine="another", host="node7", pid=1)
        (running,) = running_marks(tmp_path)
        assert running.host == "node7"
        for age_s, lives in ((200, True), (400, False)):
            then = time.time() - age_s
            os.utime(file, (then, then))
            assert bool(running_marks(tmp_path)) == lives
    assert _files(tmp_path) == []


def test_a_clock_that_is_ahead_on_the_reading_machine_does_not_matter(tmp_path, monkeypatch):
    with RunningMark(tmp_path):
        _change(tmp_path, machine="another")
        monkeypatch.setattr(time, "time", lambda: 9e9)
        assert len(running_marks(tmp_path)) == 1


def test_the_second_extraction_on_a_folder_says_so_and_both_are_listed(tmp_path, caplog):
    with RunningMark(tmp_path):
        assert caplog.text == ""
        with RunningMark(tmp_path):
            assert len(running_marks(tmp_path)) == 2
    (record,) = caplog.records
    assert re.fullmatch(
        rf"{re.escape(str(tmp_path))}: another `mmfeat extract` \(host .+, process {os.getpid()}, "
        r"since .+\) works on this folder; both are safe, but do the same work twice",
        record.getMessage(),
    )


def test_different_shards_of_the_same_work_do_not_warn_of_each_other(tmp_path, caplog):
    with RunningMark(tmp_path, shard=WorkShard(0, 2)):
        with RunningMark(tmp_path, shard=WorkShard(1, 2)):
            assert [one.shard for one in running_marks(tmp_path)].count("1/2") == 1
        assert caplog.text == ""
        for other in (WorkShard(0, 2), WorkShard(1, 3), None):
            with RunningMark(tmp_path, shard=other):
                pass
    assert len(caplog.records) == 3


def test_a_mark_that_is_not_whole_is_no_mark_and_goes_once_it_is_old(tmp_path):
    torn = tmp_path / ".running-node7-12-abcd.json"
    torn.write_text('{"host": "no')
    foreign = tmp_path / ".running-node7-13-abcd.json"
    foreign.write_text('{"version": 9, "in_flight": []}')
    assert running_marks(tmp_path) == []
    with RunningMark(tmp_path):
        assert torn.exists()
    os.utime(torn, (1, 1))
    with RunningMark(tmp_path):
        assert not torn.exists()
        assert foreign.exists()


def test_a_folder_that_refuses_the_mark_is_told_once_and_the_work_goes_on(tmp_path, caplog):
    folder = tmp_path / "gone"
    with RunningMark(folder, every_s=0.01) as mark:
        mark.update(in_flight=["a"], n_done=1, n_jobs=2)
        time.sleep(0.1)
        assert not folder.exists()  # not made again, where its disk was taken away
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "`mmfeat status` cannot show this extraction, which goes on (" in record.getMessage()
    assert "No such file or directory" in record.getMessage()
