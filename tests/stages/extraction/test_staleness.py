"""A dry run says of each scan why it would be looked at, and changes nothing."""

import json
import os
from pathlib import Path

import pytest

from mmfeat.cache import Failure, StoredRow
from mmfeat.config.loading import load_project
from mmfeat.manifest.cohort import ScanSource
from mmfeat.progress import Silent
from mmfeat.stages.extraction.extract import extract
from mmfeat.stages.extraction.plan import Job, Plan
from mmfeat.stages.extraction.staleness import CHANGED, LET_THROUGH, MENDED, NEW, RETRIED, explain
from mmfeat.stages.scan_content import current_stat

from ..extraction_cohort import make_cohort, write_scan


@pytest.fixture
def cohort(tmp_path):
    """Four good scans, and a torn one."""
    made = make_cohort(tmp_path / "cohort", 5)
    (made.folder / "scans/004.nii.gz").write_bytes(b"torn")
    return made


def _extract(cohort, *overrides, **options):
    project = load_project(cohort.config, list(overrides))
    (report,) = extract(project, progress=Silent(), should_stop=lambda: False, **options).modalities
    return report


def _dry(cohort, *overrides, **options):
    """Return for each reason its cases with what is known of each."""
    before = sorted(cohort.folder.rglob("*"))
    report = _extract(cohort, *overrides, dry_run=True, **options)
    assert sorted(cohort.folder.rglob("*")) == before
    return {
        reason.why: {case_id: detail for (case_id, _), detail in reason.scans.items()}
        for reason in report.reasons
    }


def test_scans_that_were_never_embedded_are_new(cohort):
    assert _dry(cohort) == {NEW: dict.fromkeys(cohort.scans, "")}
    assert list(_dry(cohort, limit=2)[NEW]) == ["case-000", "case-001"]
    assert list(_dry(cohort, only=["*-003"])[NEW]) == ["case-003"]


def test_nothing_is_said_of_what_is_done_or_failed_before(cohort):
    _extract(cohort)
    assert _dry(cohort) == {}


def test_a_changed_file_is_named_with_its_sizes_and_a_touched_one_as_touched(cohort):
    _extract(cohort)
    changed = cohort.folder / "scans/000.nii.gz"
    before = changed.stat().st_size
    write_scan(changed, 99, size=20)
    os.utime(cohort.folder / "scans/001.nii.gz", (5, 5))
    assert _dry(cohort) == {
        CHANGED: {
            "case-000": f"size {before} -> {changed.stat().st_size} bytes",
            "case-001": "size as before, but touched; its digest will tell",
        }
    }
    report = _extract(cohort)
    assert (report.n_changed, report.n_scans) == (1, 2)
    assert _dry(cohort) == {}


def test_a_failed_scan_is_tried_again_when_asked_or_when_its_file_changes(cohort):
    _extract(cohort)
    ((case, reason),) = _dry(cohort, retry_failed=True)[RETRIED].items()
    assert case == "case-004"
    assert "is not a gzip file" in reason
    write_scan(cohort.folder / "scans/004.nii.gz", 4)
    ((case, detail),) = _dry(cohort)[MENDED].items()
    assert case == "case-004"
    assert detail.startswith("size 4 -> ")


def test_a_rejected_scan_may_be_let_through_by_other_settings(cohort):
    crop = "modalities.ct.quality.severities={crop: %s}"
    _extract(cohort, crop % "reject")
    found = _dry(cohort, crop % "warn")
    assert list(found) == [LET_THROUGH]
    assert len(found[LET_THROUGH]) == 4
    assert found[LET_THROUGH]["case-000"].startswith("rejected: crop: ")


def test_other_settings_are_named_by_the_fields_that_differ_from_the_nearest_features(cohort):
    first = _extract(cohort, only=["case-000", "case-001"])
    _extract(
        cohort,
        "modalities.ct.reading.check_hu=false",
        "modalities.ct.reading.gaps=interpolate",
        only=["case-000", "case-002"],
    )
    report = _extract(cohort, "modalities.ct.reading.gaps=interpolate", dry_run=True)
    reasons = {reason.why: reason for reason in report.reasons}
    ours = reasons.pop(f"made with other settings, in {first.cache.name}")
    new = reasons.pop(NEW)
    (other,) = reasons.values()
    assert {case for case, _ in new.scans} == {"case-003", "case-004"}
    assert {case for case, _ in ours.scans} | {case for case, _ in other.scans} == {
        "case-000",
        "case-001",
        "case-002",
    }
    assert len(ours.differences) == 1
    assert ours.differences[0].startswith("reading.gaps (")
    assert other.differences == ("reading.check_hu (false there, true here)",)


def test_a_report_lists_every_scan_as_json(cohort):
    report = json.loads(json.dumps(_extract(cohort, dry_run=True).to_json()))
    (reason,) = report["reasons"]
    assert (reason["why"], reason["n_cases"], reason["differences"]) == ("new", 5, [])
    assert reason["scans"][4]["case_id"] == "case-004"
    assert reason["scans"][4]["path"].endswith("scans/004.nii.gz")


@pytest.fixture
def scans(tmp_path):
    paths = [tmp_path / name for name in ("one", "two")]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


def _explained(job: Job, done: Path, rows, failed=()):
    plan = Plan([job], [], [("a", ScanSource(done))], {}, {})
    reasons = explain(
        [job],
        plan,
        index={"a": rows},
        failed={(one.case_id, one.path): one for one in failed},
        others=(),
    )
    return {reason.why: list(reason.scans.values()) for reason in reasons}


def test_a_second_scan_of_a_case_is_new_although_the_case_has_features(scans):
    one, two = scans
    rows = [
        StoredRow("a", "11", "9 before-it-was-touched", "", "shard", 0),
        StoredRow("a", "11", current_stat(one), "", "shard", 1),
    ]
    job = Job(two, {"a": frozenset({"11"})})
    assert _explained(job, one, rows) == {NEW: [""]}
    older = StoredRow("a", "22", "7 older", "", "shard", 2)
    assert _explained(job, one, [*rows, older]) == {CHANGED: ["size 7 -> 3 bytes"]}


def test_a_failure_belongs_to_one_scan_of_a_case(scans):
    one, two = scans
    rows = [StoredRow("a", "11", current_stat(one), "", "shard", 1)]
    failure = Failure("a", str(two), "is torn", "", "then")
    job = Job(two, {"a": frozenset({"11"})})
    assert _explained(job, one, rows, [failure]) == {MENDED: ["it is there again"]}
