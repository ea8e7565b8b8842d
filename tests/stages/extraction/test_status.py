"""Every case is in the state that it is in, for a whole project and for a cache alone."""

import json
import os

import nibabel as nib
import numpy as np
import pytest

from mmfeat.cache import RunningMark
from mmfeat.config.loading import load_project
from mmfeat.errors import CacheError
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.extraction.status import STATES, cache_status, status

from ..extraction_cohort import make_cohort, write_scan

REJECT_FEW = "modalities.ct.quality.severities={few-slices: reject}"


@pytest.fixture
def cohort(tmp_path):
    """Six cases: two good ones, two torn ones, one of few slices, and one without a scan."""
    made = make_cohort(tmp_path / "cohort", 5)
    for number in (2, 3):
        (made.folder / f"scans/{number:03d}.nii.gz").write_bytes(b"torn")
    hu = np.random.default_rng(4).integers(-1000, 200, (16, 16, 12)).astype(np.int16)
    nib.save(nib.Nifti1Image(hu, np.diag([1.5, 1.5, 2, 1])), made.folder / "scans/004.nii.gz")
    made.scans["case-005"] = ""
    return made.write()


def _project(cohort, *overrides):
    return load_project(cohort.config, [REJECT_FEW, *overrides])


def _extract(cohort, *overrides, **options):
    project = _project(cohort, *overrides)
    (report,) = extract(project, progress=Silent(), should_stop=lambda: False, **options).modalities
    return report


def _counts(cohort, *overrides):
    (modality,) = status(_project(cohort, *overrides)).modalities
    assert tuple(modality.cases) == STATES
    assert sum(map(len, modality.cases.values())) == len(cohort.scans)
    return {state: len(cases) for state, cases in modality.cases.items() if cases}


def test_before_the_first_extraction_all_are_pending_and_nothing_is_written(cohort):
    assert _counts(cohort) == {"pending": 5, "absent": 1}
    assert not (cohort.folder / "cache").exists()


def test_after_it_each_case_is_in_its_state(cohort):
    _extract(cohort)
    (modality,) = status(_project(cohort)).modalities
    assert modality.cases == {
        "done": ("case-000", "case-001"),
        "running": (),
        "pending": (),
        "failed": ("case-002", "case-003"),
        "rejected": ("case-004",),
        "absent": ("case-005",),
    }
    torn, few = modality.reasons
    assert (torn.n_cases, torn.cases) == (2, ("case-002", "case-003"))
    assert torn.reason == "ends in .gz but is not a gzip file; copy or convert it again"
    assert few.reason.startswith("rejected: few-slices: ")
    assert modality.last_run["n_extracted"] == 2
    assert "failures" not in modality.last_run


def test_a_file_that_has_changed_since_is_pending_again(cohort):
    _extract(cohort)
    write_scan(cohort.folder / "scans/000.nii.gz", 99)
    write_scan(cohort.folder / "scans/002.nii.gz", 98)
    report = status(_project(cohort))
    assert report.cases("pending") == ["case-000", "case-002"]
    assert report.cases("failed") == ["case-003"]


def test_other_settings_of_quality_change_who_is_rejected(cohort):
    _extract(cohort)
    let_through = "modalities.ct.quality.severities={few-slices: warn}"
    assert _counts(cohort, let_through) == {"done": 2, "failed": 2, "pending": 1, "absent": 1}


def test_features_of_other_settings_are_named_with_what_differs(cohort):
    _extract(cohort)
    (modality,) = status(_project(cohort, "modalities.ct.reading.check_hu=false")).modalities
    (other,) = modality.others
    assert other.cases == {"case-000", "case-001"}
    assert other.differences == ("reading.check_hu (true there, false here)",)
    assert len(modality.cases["pending"]) == 5


def test_cases_in_flight_of_a_living_extraction_are_running(cohort):
    cache = _extract(cohort, limit=1).cache
    with RunningMark(cache, every_s=60) as mark:
        mark.update(in_flight=["case-002"], n_done=1, n_jobs=4)
        mark._write()
        (modality,) = status(_project(cohort)).modalities
        assert modality.cases["running"] == ("case-002",)
        assert modality.cases["pending"] == ("case-001", "case-003", "case-004")
        assert [(one.n_done, one.n_jobs) for one in modality.running] == [(1, 4)]
        (alone,) = cache_status(cache).modalities
        assert alone.cases["running"] == ("case-002",)
    assert status(_project(cohort)).cases("running") == []


@pytest.mark.parametrize("above", [0, 1, 2])
def test_a_cache_alone_tells_all_but_who_is_pending_or_absent(cohort, above):
    cache = _extract(cohort).cache
    (modality,) = cache_status([cache, *cache.parents][above]).modalities
    assert modality.name == f"ct/{cache.name}"
    assert modality.encoder == "intensity-stats"
    assert modality.cases == {
        "done": ("case-000", "case-001"),
        "running": (),
        "failed": ("case-002", "case-003"),
        "rejected": ("case-004",),
    }
    assert len(modality.reasons) == 2


def test_a_folder_without_a_cache_is_an_error(tmp_path):
    with pytest.raises(CacheError, match="no feature cache in this folder; give a settings file"):
        cache_status(tmp_path)


def test_a_report_is_plain_json_with_counts(cohort):
    _extract(cohort)
    told = json.loads(json.dumps(status(_project(cohort)).to_json()))
    (modality,) = told["modalities"]
    assert modality["cases"]["failed"] == 2
    assert modality["reasons"][0]["n_cases"] == 2
    assert modality["running"] == []


def test_no_scan_is_opened(cohort):
    _extract(cohort)
    before = _counts(cohort)
    for scan in (cohort.folder / "scans").iterdir():  # other bytes, as nobody can tell from outside
        times = scan.stat()
        scan.write_bytes(bytes(times.st_size))
        os.utime(scan, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert _counts(cohort) == before == {"done": 2, "failed": 2, "rejected": 1, "absent": 1}
