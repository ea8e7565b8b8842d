"""Staged scans give the same rows, within the room that is given, and leave nothing behind."""

import threading

import numpy as np
import pytest

from mmfeat.cache.browsing import open_one_cache
from mmfeat.config.loading import load_project
from mmfeat.errors import ConfigError, VolumeError
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import read_scan
from mmfeat.stages.extraction.staging import Staging, with_stage_folder
from mmfeat.stages.volume_encoder import VolumeEncoder
from mmfeat.volumes import ReadingRules, source_sha256

from ..extraction_cohort import MadeCohort, MeanEncoder, write_scan

MADE = VolumeEncoder(MeanEncoder(), ReadingRules())


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / "scans" / f"{number}.nii.gz" for number in range(6)]
    for number, path in enumerate(paths):
        write_scan(path, number)
    return paths


def _jobs(paths):
    return [Job(path, {path.name: frozenset()}) for path in paths]


def _read_all(root, jobs, *, most_gb=1.0, workers=2):
    with Staging(root, jobs, most_gb=most_gb, workers=workers) as staging:
        return [read_scan(job, MADE, staging.at_hand) for job in staging.ahead(jobs)]


def test_staged_scans_are_those_that_they_are_copies_of(paths, tmp_path):
    jobs = _jobs(paths)
    for staged, job in zip(_read_all(tmp_path / "stage", jobs), jobs, strict=True):
        plain = read_scan(job, MADE)
        assert (staged.sha256, staged.stat, staged.quality) == (
            plain.sha256,
            plain.stat,
            plain.quality,
        )
        np.testing.assert_array_equal(staged.windows, plain.windows)
    assert list((tmp_path / "stage").iterdir()) == []


def test_scans_are_read_from_their_copies(paths, tmp_path):
    jobs = _jobs(paths)
    with Staging(tmp_path / "stage", jobs, most_gb=1.0, workers=2) as staging:
        for job in staging.ahead(jobs):
            with staging.at_hand(job) as (path, region):
                assert path.is_relative_to(tmp_path / "stage")
                assert (path.name, region) == (job.path.name, None)
                assert source_sha256(path) == source_sha256(job.path)
            assert not path.exists()


def test_copies_never_take_more_room_than_is_given(paths, tmp_path):
    largest = max(path.stat().st_size for path in paths)
    jobs, most = _jobs(paths), []
    with Staging(tmp_path / "stage", jobs, most_gb=1.5 * largest / 1e9, workers=3) as staging:
        for job in staging.ahead(jobs):
            with staging.at_hand(job) as (path, _):
                assert path != job.path
                most.append(_bytes_below(tmp_path / "stage"))
    assert 0 < max(most) <= 1.5 * largest


def _bytes_below(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def test_a_scan_that_is_larger_than_the_room_is_read_where_it_is(paths, tmp_path):
    jobs = _jobs(paths[:2])
    with Staging(tmp_path / "stage", jobs, most_gb=1e-9, workers=1) as staging:
        for job in staging.ahead(jobs):
            with staging.at_hand(job) as (path, _):
                assert path == job.path


def test_a_folder_and_a_header_with_its_voxels_are_copied_whole(tmp_path):
    folder = tmp_path / "series"
    for name in ("a/1.dcm", "2.dcm", ".DS_Store"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    header = tmp_path / "scan.mhd"
    header.write_text("ObjectType = Image\nNDims = 3\nElementDataFile = scan.raw\n")
    (tmp_path / "scan.raw").write_bytes(b"0123")
    jobs = _jobs([folder, header])
    with Staging(tmp_path / "stage", jobs, most_gb=1.0, workers=1) as staging:
        for job in staging.ahead(jobs):
            with staging.at_hand(job) as (path, _):
                assert path != job.path
                assert source_sha256(path) == source_sha256(job.path)


def test_what_is_wrong_with_a_scan_is_said_of_the_scan_and_not_of_its_copy(tmp_path):
    torn = tmp_path / "torn.nii.gz"
    torn.write_bytes(b"no volume")
    gone = tmp_path / "gone.nii.gz"
    for scan, path in zip(
        _read_all(tmp_path / "stage", _jobs([torn, gone])), (torn, gone), strict=True
    ):
        assert scan.failure == read_scan(scan.job, MADE).failure
        assert str(path) in scan.failure
        assert "stage" not in scan.failure


def test_a_stop_ends_copying_and_leaves_nothing(paths, tmp_path):
    jobs = _jobs(paths)
    with Staging(tmp_path / "stage", jobs, most_gb=1.0, workers=1) as staging:
        ahead = staging.ahead(jobs)
        first, second = next(ahead), next(ahead)
        with staging.at_hand(first):
            pass
        later = threading.Thread(target=staging.__exit__, args=(None, None, None))
        later.start()
        later.join()
        with pytest.raises(VolumeError, match="the work stops"), staging.at_hand(second):
            pass
    assert list((tmp_path / "stage").iterdir()) == []


def test_a_scan_whose_copying_was_still_to_begin_at_a_stop_is_not_read_either(
    paths, tmp_path, monkeypatch
):
    jobs, stopped = _jobs(paths), threading.Event()

    def copy_when_stopped(self, job, ticket):
        stopped.wait(10)
        return copy(self, job, ticket)

    copy = Staging._copy
    monkeypatch.setattr(Staging, "_copy", copy_when_stopped)
    with Staging(tmp_path / "stage", jobs, most_gb=1.0, workers=1) as staging:
        ahead = staging.ahead(jobs)
        first, second = next(ahead), next(ahead)
        later = threading.Thread(target=staging.__exit__, args=(None, None, None))
        later.start()
        for job in (second, first):  # one is waited for; the other ends only when it is told to
            with pytest.raises(VolumeError, match="the work stops"), staging.at_hand(job):
                pass
            stopped.set()
        later.join()


def test_an_extraction_that_stages_gives_the_rows_of_one_that_does_not(tmp_path):
    rows = []
    for name in ("plain", "staged"):
        made = MadeCohort(tmp_path / name, {f"c{n}": f"{n}.nii.gz" for n in range(4)}).write()
        for number in range(4):
            write_scan(made.folder / f"{number}.nii.gz", number)
        given = [f"extract.stage={tmp_path}/stage"] if name == "staged" else []
        project = load_project(made.config, given)
        report = extract(project, progress=Silent(), should_stop=lambda: False)
        assert report.n_failed == 0
        folder = open_one_cache(made.folder / "cache" / "ct")
        index = folder.index()
        keys = [(case, index[case][0].source_sha256) for case in sorted(index)]
        rows.append((keys, folder.read(keys)[0].tobytes()))
    assert rows[0] == rows[1]
    assert list((tmp_path / "stage").iterdir()) == []


def test_a_variable_is_filled_in_and_one_that_is_not_set_is_refused(tmp_path, monkeypatch):
    config = MadeCohort(tmp_path, {}).write().config
    monkeypatch.setenv("SCRATCH_OF_JOB", "/scratch/7")
    given = load_project(config, ["extract.stage=$SCRATCH_OF_JOB/mmfeat"])
    assert with_stage_folder(given).stage == "/scratch/7/mmfeat"
    monkeypatch.delenv("SCRATCH_OF_JOB")
    with pytest.raises(ConfigError, match=r"SCRATCH_OF_JOB/mmfeat` has a variable that is not set"):
        with_stage_folder(given)


def test_a_folder_that_cannot_be_written_to_is_refused_by_name(paths, tmp_path):
    (tmp_path / "file").touch()
    staging = Staging(tmp_path / "file", _jobs(paths), most_gb=1.0, workers=1)
    with pytest.raises(ConfigError, match=r"extract\.stage: .*file cannot be written to"), staging:
        pass
