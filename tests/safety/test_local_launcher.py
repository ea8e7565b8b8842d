"""`--launcher local` gives what one process gives, whoever is killed or stopped on the way."""

import os
import signal
import time
from pathlib import Path

import pytest

from mmfeat.launching.job_folder import JobFolder

from ..in_process import run_mmfeat
from ..stages.extraction_cohort import make_cohort, write_scan
from .caches import cache_folder, the_only_shard

pytestmark = pytest.mark.slow

N_CASES = 30
TWO = ("--set", "launch.local.processes=2", "--set", "extract.device=cpu")
_LONG_S = 240.0
LAUNCH = ("extract", "--launcher", "local", *TWO)
DIES = """
import os, signal, sys
if "1/2" in sys.orig_argv:
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""Run by every Python process: the worker of the second shard dies at once, whenever it starts."""


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Scans that take some seconds in all, one broken; extracted by one process elsewhere."""
    made = make_cohort(tmp_path_factory.mktemp("cohort"), 2)
    big = made.folder / "scans" / "big.nii.gz"
    write_scan(big, 0, size=80)
    for number in range(N_CASES):
        made.scans[f"late-{number:03d}"] = f"scans/late-{number:03d}.nii.gz"
        os.link(big, made.folder / made.scans[f"late-{number:03d}"])
    (made.folder / made.scans["case-001"]).write_bytes(b"not a scan")
    made.write()
    ended = run_mmfeat("extract", "--set", "extract.cache=whole", folder=made.folder)
    assert ended.code == 3, ended.err
    return made


@pytest.fixture
def launch(host, cohort):
    """A function that launches an extraction into a cache of the given name."""

    def start(cache, before=""):
        cache_is = ("--set", f"extract.cache={cache}", "--set", f"launch.folder=jobs-{cache}")
        return host.start(*LAUNCH, *cache_is, folder=cohort.folder, before=before)

    return start


def _until(condition):
    give_up = time.monotonic() + _LONG_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def _job(cohort, cache, number=0):
    """A job in the order of their starts, once there is one."""

    def found():
        return sorted(cohort.folder.glob(f"jobs-{cache}/*/job.json"))

    _until(lambda: len(found()) > number)
    return JobFolder.open(found()[number].parent)


def _until_at_work(program, job, stored):
    """Wait until both workers have begun and something is stored; return their process ids."""

    def states():
        assert program.is_running(), program.written("err")
        return [shard.state for shard in job.shards()]

    _until(lambda: None not in states() and list(stored.glob("ct/*/shard-*.h5")))
    return [state.pid for state in states()]


def _equals_one_process(cohort, cache):
    whole, parts = (cache_folder(cohort.folder, name) for name in ("whole", cache))
    assert the_only_shard(parts) == the_only_shard(whole)
    assert parts.failures() == whole.failures()
    assert (parts.path / "quality.parquet").exists()


def test_two_launchers_at_once_and_a_killed_worker_give_what_one_process_gives(cohort, launch):
    program = launch("killed")
    job = _job(cohort, "killed")
    other = launch("killed")
    os.kill(_until_at_work(program, job, cohort.folder / "killed")[0], signal.SIGKILL)
    ended = program.wait(_LONG_S)
    assert ended.code == 3, ended.err  # of the broken scan
    assert "shard 0/2: killed by signal 9" in ended.err
    assert "started once more" in ended.err
    assert "  failed: case-001: " in ended.out
    assert [shard.state.state for shard in job.shards()] == ["done", "done"]
    assert job.status("finish").state.exit_code == 3
    assert job.log_file(0).read_text().count("\n== ") == 1  # and one in the first line
    assert other.wait(_LONG_S).code == 3
    _equals_one_process(cohort, "killed")


def test_workers_stop_with_their_launcher_however_it_ends_and_the_work_can_go_on(cohort, launch):
    program = launch("stopped")
    job = _job(cohort, "stopped")
    _until_at_work(program, job, cohort.folder / "stopped")
    program.send(signal.SIGINT)
    ended = program.wait(_LONG_S)
    assert ended.code == 75, ended.err
    assert "run the same command again to go on" in ended.err
    assert "Traceback" not in ended.err
    assert {shard.state.state for shard in job.shards()} == {"stopped"}
    assert cache_folder(cohort.folder, "stopped").index()
    again = launch("stopped")
    job = _job(cohort, "stopped", number=1)
    workers = _until_at_work(again, job, cohort.folder / "stopped")
    again.send(signal.SIGKILL)
    _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert {shard.state.state for shard in job.shards()} == {"stopped"}
    run_mmfeat("extract", "--set", "extract.cache=stopped", folder=cohort.folder)
    _equals_one_process(cohort, "stopped")


def test_a_worker_that_dies_again_is_told_and_the_others_are_put_together(cohort, launch):
    ended = launch("dying", before=DIES).wait(_LONG_S)
    assert ended.code == 2, ended.err
    assert "shard 1/2 failed: killed by signal 9, as the system does when memory" in ended.err
    assert "1.log" in ended.err
    assert "scans have not been looked at as they are now" in ended.out
    assert "Traceback" not in ended.err
