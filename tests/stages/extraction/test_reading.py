"""Scans are read ahead, boundedly, and whatever is wrong with one stays with that one."""

import os
import threading
import time

import numpy as np
import pytest

from mmfeat.errors import VolumeError
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import Scan, read_scan, scans_ahead
from mmfeat.stages.scan_content import current_stat
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules, source_sha256

from ..extraction_cohort import MeanEncoder, write_scan


class Refusing(MeanEncoder):
    """Refuse in a given way."""

    def __init__(self, error):
        self.error = error

    def prepare(self, volume):
        raise self.error


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.nii.gz"
    write_scan(path, 0)
    return path


def _read(path, encoder=None, known=None):
    made = VolumeEncoder(encoder or MeanEncoder(), ReadingRules())
    return read_scan(Job(path, known or {"a": frozenset()}), made)


def test_a_good_scan_becomes_windows_with_its_digest_stat_and_times(scan):
    read = _read(scan)
    assert read.failure is None
    assert read.windows.shape == (16, 16, 16)
    assert read.sha256 == source_sha256(scan)
    assert read.stat == current_stat(scan)
    assert set(read.costs.seconds) == {"read", "decode", "judge", "prepare"}
    assert read.costs.bytes["read"] == scan.stat().st_size
    assert read.n_windows == 16
    assert read.new_cases == ["a"]


def test_a_content_that_every_case_has_a_feature_of_is_not_read(scan):
    known = frozenset({source_sha256(scan)})
    read = _read(scan, Refusing(VolumeError("must not be asked")), {"a": known})
    assert (read.windows, read.failure, read.new_cases) == (None, None, [])
    assert _read(scan, known={"a": known, "b": frozenset()}).new_cases == ["b"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (VolumeError("too thin"), "{path}: too thin"),
        (MemoryError("no room"), "{path}: MemoryError: no room"),
        (IndexError("3\n of 2"), "{path}: IndexError: 3 of 2"),
    ],
)
def test_any_exception_about_one_scan_is_its_failure(scan, error, reason):
    read = _read(scan, Refusing(error))
    assert read.failure == reason.format(path=scan)
    assert read.windows is None


def test_a_file_that_is_no_scan_says_why(tmp_path):
    (tmp_path / "scan.nii.gz").write_bytes(b"not gzip")
    read = _read(tmp_path / "scan.nii.gz")
    assert str(tmp_path / "scan.nii.gz") in read.failure
    assert "\n" not in read.failure


def test_a_file_that_has_gone_says_so(tmp_path):
    assert "No such file" in _read(tmp_path / "gone.nii.gz").failure


def test_a_file_that_changes_while_it_is_read_is_not_taken(scan):
    class Meddling(MeanEncoder):
        def prepare(self, volume):
            os.utime(scan, (1, 1))
            return volume.hu

    assert "changed while it was read" in _read(scan, Meddling()).failure


def _never():
    return False


def test_all_jobs_come_back_and_only_a_bounded_number_is_ahead():
    lock = threading.Lock()
    ahead = most = 0

    def read(job):
        nonlocal ahead, most
        with lock:
            ahead += 1
            most = max(most, ahead)
        return Scan(job, "s")

    jobs = [Job(str(number), {}) for number in range(40)]
    seen = []
    for scan in scans_ahead(jobs, read, workers=3, should_stop=_never):
        time.sleep(0.002)
        with lock:
            ahead -= 1
        seen.append(scan.job)
    assert sorted(seen, key=jobs.index) == jobs
    assert most <= 3 + 2 + 1


def test_a_stop_ends_the_reading_while_nothing_is_ready():
    release = threading.Event()
    asked = threading.Event()

    def read(job):
        asked.set()
        release.wait(10)
        return Scan(job, "s")

    jobs = [Job(str(number), {}) for number in range(9)]
    scans = scans_ahead(jobs, read, workers=1, should_stop=asked.is_set)
    start = time.perf_counter()
    assert list(scans) == []
    assert time.perf_counter() - start < 5
    release.set()


def test_a_fault_of_the_reader_itself_is_raised():
    def read(job):
        raise RuntimeError("our fault")

    with pytest.raises(RuntimeError, match="our fault"):
        list(scans_ahead([Job("a", {})], read, workers=1, should_stop=_never))


def test_volumes_read_on_several_threads_are_those_read_on_one(tmp_path):
    paths = [tmp_path / f"{number}.nii.gz" for number in range(6)]
    for number, path in enumerate(paths):
        write_scan(path, number)
    jobs = [Job(path, {path.name: frozenset()}) for path in paths]
    found = {}
    for workers in (1, 4):
        scans = scans_ahead(
            jobs,
            lambda job: read_scan(job, VolumeEncoder(MeanEncoder(), ReadingRules())),
            workers=workers,
            should_stop=_never,
        )
        found[workers] = {scan.job.path: scan.windows for scan in scans}
    for path in paths:
        np.testing.assert_array_equal(found[1][path], found[4][path])
