"""What workers say of themselves, and what is said for those that cannot any more."""

import json

import pytest

from mmfeat.launching.worker_state import WorkerState, read_worker_state, state_at_end

RUNNING = WorkerState(
    "0/2", "running", "node1", 12, "2026-01-01", "2026-01-01", n_done=1, n_total=4
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "0.json"


def test_a_state_is_read_as_it_was_written(file):
    RUNNING.write(file)
    assert read_worker_state(file) == RUNNING
    assert RUNNING.share_done == 0.25
    assert not RUNNING.has_ended


def test_a_later_version_may_say_more(file):
    RUNNING.write(file)
    file.write_text(json.dumps({**json.loads(file.read_text()), "mood": "good"}))
    assert read_worker_state(file) == RUNNING


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"shard": "0/2"', "not json", "null"])
def test_what_is_no_state_is_none(file, text):
    file.write_text(text)
    assert read_worker_state(file) is None


def test_a_state_of_an_unknown_name_is_none(file):
    RUNNING.write(file)
    file.write_text(file.read_text().replace("running", "dancing"))
    assert read_worker_state(file) is None


def test_a_folder_that_is_gone_is_not_made_again(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        RUNNING.write(tmp_path / "gone" / "0.json")


def test_a_worker_that_was_killed_has_failed_and_keeps_what_it_told(file):
    RUNNING.write(file)
    state = state_at_end(file, "0/2", pid=12, exit_code=-9, stopped=False)
    assert (state.state, state.exit_code, state.n_done) == ("failed", -9, 1)
    assert state.message == "killed by signal 9, as the system does when memory runs out"
    assert read_worker_state(file) == state


def test_a_worker_that_never_told_anything_has_a_state_all_the_same(file):
    state = state_at_end(file, "0/2", pid=12, exit_code=2, stopped=False)
    assert (state.state, state.pid, state.exit_code) == ("failed", 12, 2)
    assert "exit code 2" in state.message


def test_a_worker_that_told_its_end_is_believed(file):
    ended = WorkerState("0/2", "done", "node1", 12, "a", "b", exit_code=0)
    ended.write(file)
    assert state_at_end(file, "0/2", pid=12, exit_code=0, stopped=True) == ended
    other = state_at_end(file, "0/2", pid=13, exit_code=-15, stopped=True)
    assert (other.state, other.exit_code) == ("stopped", -15)


def test_a_disk_that_refuses_is_a_warning(tmp_path, caplog):
    state = state_at_end(tmp_path / "gone" / "0.json", "0/2", pid=1, exit_code=-9, stopped=False)
    assert state.exit_code == -9
    assert "cannot be written" in caplog.text
