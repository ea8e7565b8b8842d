"""A crew does all shards, starts dead workers once more, and leaves nobody behind."""

import sys

import pytest

from mmfeat.launching.command_line import StageCall
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.local.crew import Crew
from mmfeat.launching.local.places import Place
from mmfeat.launching.worker_state import read_worker_state
from mmfeat.provenance import is_alive
from mmfeat.work_shard import WorkShard

WORKER = """
import os, signal, sys, time
from pathlib import Path
shard, state, log = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
print(os.environ["PLACE"], flush=True)
"""
"""What all workers below begin with; they are programs of a line or two in the place of mmfeat."""
DIES = "os.kill(os.getpid(), signal.SIGKILL)"
DIES_ONCE = f"""
if not log.with_suffix(".once").exists():
    log.with_suffix(".once").touch()
    {DIES}
"""
WAITS = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))
log.with_suffix('.up').write_text(str(os.getpid()))
time.sleep(60)
"""
PLACES = [Place(name, {"PLACE": name}) for name in ("left", "right")]


class Seen:
    """Remember what a crew shows."""

    def __init__(self):
        self.most, self.notes, self.n_ended = 0, [], []

    def look(self, posts, ends):
        self.most = max(self.most, len(posts))
        self.n_ended.append(len(ends))

    def tell(self, note):
        self.notes.append(note)


@pytest.fixture
def job(project):
    call = StageCall("extract", project.file)
    return JobFolder.create(
        project, call, launcher="local", n_shards=3, launch={}, finish=("--finish",)
    )


def _work(job, code_of, *, should_stop=lambda: False):
    def command_of(shard):
        code = WORKER + code_of.get(shard.index, "")
        files = (job.state_file(shard.index), job.log_file(shard.index))
        return [sys.executable, "-c", code, str(shard), *map(str, files)]

    seen = Seen()
    crew = Crew(job, command_of=command_of, may_restart=lambda code: code not in (0, 2), watch=seen)
    ends = crew.work(PLACES, WorkShard.all(job.record.n_shards), should_stop=should_stop)
    return {end.shard.index: end for end in ends}, seen


def test_all_shards_are_done_by_as_many_workers_as_there_are_places(job):
    ends, seen = _work(job, {})
    assert [(end.exit_code, end.n_starts) for end in ends.values()] == [(0, 1)] * 3
    assert seen.most <= 2
    assert seen.n_ended[-1] == 3
    written = {job.log_file(index).read_text().splitlines()[1] for index in range(3)}
    assert written == {"left", "right"}


def test_a_worker_that_dies_is_started_once_more_and_no_oftener(job):
    ends, seen = _work(job, {0: DIES_ONCE, 1: DIES})
    assert (ends[0].exit_code, ends[0].n_starts) == (0, 2)
    assert (ends[1].exit_code, ends[1].n_starts) == (-9, 2)
    assert (ends[2].exit_code, ends[2].n_starts) == (0, 1)
    assert len(seen.notes) == 2
    assert all("killed by signal 9" in note and "started once more" in note for note in seen.notes)
    assert not ends[1].is_done
    told = read_worker_state(job.state_file(1))
    assert (told.state, told.exit_code) == ("failed", -9)


def test_a_worker_that_says_that_it_cannot_go_on_is_not_started_again(job):
    ends, seen = _work(job, {0: "sys.exit(2)"})
    assert (ends[0].exit_code, ends[0].n_starts) == (2, 1)
    assert seen.notes == []


def test_once_a_stop_is_asked_for_workers_stop_and_the_rest_is_not_begun(job):
    def up():
        return all(job.log_file(index).with_suffix(".up").exists() for index in (0, 1))

    ends, _ = _work(job, {0: WAITS, 1: WAITS}, should_stop=up)
    assert [end.exit_code for end in ends.values()] == [75, 75, None]
    assert read_worker_state(job.state_file(0)).state == "stopped"
    assert ends[2].state is None
    assert not job.log_file(2).exists()


def test_an_error_on_the_way_leaves_no_worker_behind(job):
    def fail_when_up():
        if job.log_file(0).with_suffix(".up").exists():
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        _work(job, {0: WAITS}, should_stop=fail_when_up)
    assert not is_alive(int(job.log_file(0).with_suffix(".up").read_text()))
