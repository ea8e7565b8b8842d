"""Work is spread over processes, stops when asked, and shows its errors."""

import os
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from mmfeat.demo.workers import run_in_processes


def test_every_task_is_done(tmp_path):
    files = [tmp_path / str(number) for number in range(12)]
    done = run_in_processes(Path.touch, files, n_processes=2, stopping=lambda: False)
    assert sum(1 for _ in done) == 12
    assert set(tmp_path.iterdir()) == set(files)


def test_work_is_done_in_another_process(tmp_path):
    before = Path.cwd()
    assert list(run_in_processes(os.chdir, [tmp_path], n_processes=1, stopping=lambda: False)) == [
        None
    ]
    assert Path.cwd() == before


def test_a_stop_begins_nothing_new_and_finishes_what_was_begun(tmp_path):
    seen: list[None] = []
    files = (tmp_path / str(number) for number in range(1000))
    done = run_in_processes(Path.touch, files, n_processes=1, stopping=lambda: len(seen) >= 3)
    for one in done:
        seen.append(one)
    assert 3 <= len(seen) <= 6
    assert len(list(tmp_path.iterdir())) == len(seen)


def test_an_error_in_a_task_is_raised_here(tmp_path):
    files = [tmp_path / "a", tmp_path / "nowhere" / "b"]
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list(run_in_processes(Path.touch, files, n_processes=1, stopping=lambda: False))


def test_a_process_that_dies_is_an_error_and_not_a_wait_for_ever():
    with pytest.raises(BrokenProcessPool, match="terminated abruptly"):
        list(run_in_processes(os._exit, [7], n_processes=1, stopping=lambda: False))
