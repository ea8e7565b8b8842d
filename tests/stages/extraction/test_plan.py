"""Each case ends in exactly one place of the plan."""

import os

import pytest

from mmfeat.cache import Failure, StoredRow
from mmfeat.manifest.cohort import CaseScan, ScanSource
from mmfeat.stages.extraction.plan import Job, forgotten_scans, make_plan
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.stages.scan_content import current_stat

USUAL_GATE = QualityGate()


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(b"content")
    return path


def _plan(case_ids, sources, index=None, failed=None, retry_failed=False, gate=USUAL_GATE):
    index, failed = index or {}, failed or {}
    scans = [[CaseScan(path) for path in paths] for paths in sources]
    return make_plan(
        case_ids, scans, index=index, failed=failed, gate=gate, retry_failed=retry_failed
    )


def _stored(case_id, stat, sha256="ab"):
    return StoredRow(case_id, sha256, stat, "", "shard-1.h5", 0)


def _failure(case_id, path, stat):
    return Failure(case_id, str(path), "is torn", stat, "then")


def test_a_case_without_a_scan_is_absent(scan):
    plan = _plan(["a", "b"], [[], [scan]])
    assert plan.absent == ["a"]
    assert plan.jobs == [Job(scan, {"b": frozenset()})]


def test_a_stored_stat_means_done_and_another_means_a_look(scan):
    index = {
        "a": [_stored("a", "old"), _stored("a", current_stat(scan))],
        "b": [_stored("b", "old")],
    }
    plan = _plan(["a", "b"], [[scan], [scan]], index)
    assert plan.done == [("a", ScanSource(scan))]
    assert plan.jobs == [Job(scan, {"b": frozenset({"ab"})}, frozenset({"b"}))]


def test_cases_that_share_a_scan_share_a_job(scan, tmp_path):
    other = tmp_path / "other.nii.gz"
    other.write_bytes(b"else")
    plan = _plan(["a", "b", "c"], [[scan], [other], [scan]])
    assert [(job.path, list(job.known)) for job in plan.jobs] == [
        (scan, ["a", "c"]),
        (other, ["b"]),
    ]


def test_a_failure_is_not_tried_again_until_asked_or_the_file_changes(scan):
    failure = _failure("a", scan, current_stat(scan))
    failed = {failure.key: failure}
    plan = _plan(["a"], [[scan]], failed=failed)
    assert plan.failed_before == {("a", ScanSource(scan)): "is torn"}
    assert plan.jobs == []
    assert len(_plan(["a"], [[scan]], failed=failed, retry_failed=True).jobs) == 1
    os.utime(scan, (1, 1))
    assert len(_plan(["a"], [[scan]], failed=failed).jobs) == 1


def test_a_file_that_has_gone_has_an_empty_stat_and_is_looked_at(tmp_path):
    gone = tmp_path / "gone.nii.gz"
    assert current_stat(gone) == ""
    assert [job.path for job in _plan(["a"], [[gone]]).jobs] == [gone]


def test_each_scan_of_a_case_has_its_own_place(scan, tmp_path):
    broken, new = tmp_path / "broken.nii.gz", tmp_path / "new.nii.gz"
    broken.write_bytes(b"brok")
    new.write_bytes(b"n")
    index = {"a": [_stored("a", current_stat(scan))]}
    failure = _failure("a", broken, current_stat(broken))
    plan = _plan(["a"], [[scan, broken, new]], index, {failure.key: failure})
    assert plan.done == [("a", ScanSource(scan))]
    assert plan.failed_before == {("a", ScanSource(broken)): "is torn"}
    assert plan.jobs == [Job(new, {"a": frozenset({"ab"})})]
    assert plan.absent == []


def test_scans_of_one_name_size_and_time_are_told_apart_by_their_digests(tmp_path):
    scans = [tmp_path / year / "ct.nii.gz" for year in ("2020", "2021")]
    for number, path in enumerate(scans):
        path.parent.mkdir()
        path.write_bytes(b"%d" % number)
        os.utime(path, (1, 1))
    stat = current_stat(scans[0])
    assert stat == current_stat(scans[1])
    one_row = {"a": [_stored("a", stat, "ab")]}
    assert [job.path for job in _plan(["a"], [scans], one_row).jobs] == scans
    both_rows = {"a": [_stored("a", stat, "ab"), _stored("a", stat, "cd")]}
    assert _plan(["a"], [scans], both_rows).done == [("a", ScanSource(path)) for path in scans]


def test_failures_of_scans_that_a_case_has_no_more_are_found(scan, tmp_path):
    old = tmp_path / "old.nii.gz"
    failed = [("a", str(old)), ("a", str(scan)), ("of another cohort", str(old))]
    assert forgotten_scans(failed, ["a"], [[CaseScan(scan)]]) == [("a", str(old))]
