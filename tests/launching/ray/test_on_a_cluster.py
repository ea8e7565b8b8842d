"""Shards on a local cluster of Ray: actors and commands that are killed, and a stop."""

import os
import shutil
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from mmfeat.config.loading import load_project
from mmfeat.config.ray import RaySettings
from mmfeat.errors import LaunchError
from mmfeat.launching.command_line import StageCall
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.ray.cluster import connected
from mmfeat.launching.ray.crew import RayCrew
from mmfeat.progress import Silent
from mmfeat.stages.cohort import open_cohort
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.features import open_features
from mmfeat.work_shard import WorkShard

from ...stages.extraction_cohort import make_cohort

pytestmark = [
    pytest.mark.slow,
    # Ray leaves its own sockets and files to the end of the process.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
]
N_SHARDS = 4


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("ray")
    with ExitStack() as stack:
        for tries_left in (2, 1, 0):
            try:
                made = stack.enter_context(connected(RaySettings(cpus=1), device="cpu"))
                break
            except LaunchError as error:
                # Ray gives one of its processes fifteen seconds to begin, whatever else goes on.
                if not tries_left and os.getloadavg()[0] > 2 * os.cpu_count():
                    pytest.skip(f"this machine is too busy for Ray: {error}")
                if not tries_left:
                    raise
        yield made


@pytest.fixture
def cohort(tmp_path):
    return make_cohort(tmp_path / "cohort", 8, size=24)


def _job(cohort):
    return JobFolder.create(
        load_project(cohort.config),
        StageCall("extract", cohort.config),
        launcher="ray",
        n_shards=N_SHARDS,
        launch={},
        finish=("--finish",),
    )


class Killer:
    """Kill what does a shard, once for each of the given ways, as soon as it is known to work."""

    def __init__(self, *ways):
        self.ways = list(ways)
        self.killed, self.notes = set(), []

    def look(self, posts, ends):
        for post in posts:
            if (
                self.ways
                and post.shard.index not in self.killed
                and post.state.host == os.uname()[1]
            ):
                self.killed.add(post.shard.index)
                self.ways.pop()(post.state.pid)

    def tell(self, note):
        self.notes.append(note)


def _kill_command(pid):
    os.kill(pid, signal.SIGKILL)


def _kill_actor(pid):
    status = Path(f"/proc/{pid}/stat").read_text()
    os.kill(int(status.rpartition(")")[2].split()[1]), signal.SIGKILL)


def _work(job, cluster, watch, should_stop=lambda: False):
    crew = RayCrew(job, cluster, may_restart=lambda code: code not in (0, 2, 3, 75), watch=watch)
    return crew.work(WorkShard.all(N_SHARDS), should_stop=should_stop)


def _features(cohort, *overrides):
    project = load_project(cohort.config, overrides)
    return open_features(project, open_cohort(project)).vectors["ct"]


def test_shards_are_begun_again_when_their_actor_or_command_is_killed(cluster, cohort):
    job, killer = _job(cohort), Killer(_kill_command, _kill_actor)
    ends = _work(job, cluster, killer)
    assert [(end.exit_code, end.is_done) for end in ends] == [(0, True)] * N_SHARDS
    assert len(killer.killed) == 2
    assert sorted(end.n_starts for end in ends) == [1, 1, 2, 2]
    assert len(killer.notes) == 2
    assert all("begun again" in note for note in killer.notes)
    assert any("killed by signal 9" in note for note in killer.notes)
    assert any("its actor or node died" in note for note in killer.notes)
    plain = load_project(cohort.config, ["extract.cache=plain"])
    extract(plain, progress=Silent(), should_stop=lambda: False)
    np.testing.assert_array_equal(_features(cohort), _features(cohort, "extract.cache=plain"))


def test_a_shard_that_always_dies_is_given_up_with_its_reason(cluster, cohort):
    job = _job(cohort)
    shutil.rmtree(job.path / "logs")  # no command can be started
    end = _work(job, cluster, Killer())[0]
    assert (end.exit_code, end.is_done, end.state.state) == (-9, False, "failed")
    assert "a worker cannot be started" in end.state.message


def test_a_stop_is_passed_on_and_those_that_wait_are_given_up(cluster, cohort):
    job, began = _job(cohort), time.monotonic()
    at_work = []

    class Watch(Killer):
        def look(self, posts, ends):
            at_work.extend(post.shard.index for post in posts)

    ends = _work(job, cluster, Watch(), should_stop=lambda: bool(at_work))
    assert len(ends) == N_SHARDS
    assert ends[at_work[0]].exit_code in (0, 75)  # it may have been at its end
    assert {end.exit_code for end in ends} <= {None, 0, 75}
    assert None in {end.exit_code for end in ends}
    assert time.monotonic() - began < 120


def test_no_usage_statistics_are_sent(cluster):
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
