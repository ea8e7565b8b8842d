"""Each case ends in exactly one place of the plan."""

import os

import pytest

from mmfeat.cache import Failure, StoredRow
from mmfeat.stages.extraction_plan import Job, current_stat, make_plan
from mmfeat.stages.quality_gate import QualityGate

USUAL_GATE = QualityGate()


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(b"content")
    return path


def _plan(case_ids, paths, index=None, failed=None, retry_failed=False, gate=USUAL_GATE):
    index, failed = index or {}, failed or {}
    return make_plan(
        case_ids, paths, index=index, failed=failed, gate=gate, retry_failed=retry_failed
    )


def _stored(case_id, stat, sha256="ab"):
    return StoredRow(case_id, sha256, stat, "", "shard-1.h5", 0)


def _failure(case_id, stat):
    return Failure(case_id, "path", "is torn", stat, "then")


def test_a_case_without_a_scan_is_absent(scan):
    plan = _plan(["a", "b"], [None, scan])
    assert plan.absent == ["a"]
    assert plan.jobs == [Job(scan, {"b": frozenset()})]


def test_a_stored_stat_means_done_and_another_means_a_look(scan):
    index = {
        "a": [_stored("a", "old"), _stored("a", current_stat(scan))],
        "b": [_stored("b", "old")],
    }
    plan = _plan(["a", "b"], [scan, scan], index)
    assert plan.done == ["a"]
    assert plan.jobs == [Job(scan, {"b": frozenset({"ab"})})]


def test_cases_that_share_a_scan_share_a_job(scan, tmp_path):
    other = tmp_path / "other.nii.gz"
    other.write_bytes(b"else")
    plan = _plan(["a", "b", "c"], [scan, other, scan])
    assert [(job.path, list(job.known)) for job in plan.jobs] == [
        (scan, ["a", "c"]),
        (other, ["b"]),
    ]


def test_a_failure_is_not_tried_again_until_asked_or_the_file_changes(scan):
    failed = {"a": _failure("a", current_stat(scan))}
    plan = _plan(["a"], [scan], failed=failed)
    assert plan.failed_before == {"a": "is torn"}
    assert plan.jobs == []
    assert len(_plan(["a"], [scan], failed=failed, retry_failed=True).jobs) == 1
    os.utime(scan, (1, 1))
    assert len(_plan(["a"], [scan], failed=failed).jobs) == 1


def test_a_file_that_has_gone_has_an_empty_stat_and_is_looked_at(tmp_path):
    gone = tmp_path / "gone.nii.gz"
    assert current_stat(gone) == ""
    assert [job.path for job in _plan(["a"], [gone]).jobs] == [gone]
