"""What was measured of a scan is stored, and judged again by whatever settings there are."""

import json

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.manifest.cohort import CaseScan, ScanSource
from mmfeat.quality import QualityFacts, Thresholds
from mmfeat.stages.cached_features import read_cached_features
from mmfeat.stages.extraction.plan import make_plan
from mmfeat.stages.quality_gate import QualityGate, measured_quality, stored_facts
from mmfeat.stages.scan_content import current_stat
from mmfeat.volumes import Volume, source_stamp

STRICT = QualityGate(Thresholds(severities={"few-slices": "reject"}))
LENIENT = QualityGate()


@pytest.fixture(scope="module")
def quality() -> str:
    """What is measured of a body of ten slices: a warning by default, no reason to reject it."""
    hu = np.full((10, 40, 40), -1000, np.int16)
    hu[:, 8:32, 8:32] = np.random.default_rng(0).integers(20, 60, (10, 24, 24))
    return measured_quality(Volume(hu, np.diag([5.0, 5.0, 5.0, 1.0])[[2, 1, 0, 3]]))


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(b"content")
    return path


def test_the_text_holds_the_facts_and_is_the_same_for_the_same_volume(quality):
    facts = stored_facts(quality)
    assert isinstance(facts, QualityFacts)
    assert facts.n_slices == 10
    assert json.loads(quality) == json.loads(json.dumps(facts.to_json()))


@pytest.mark.parametrize("text", ["", "{}", '{"version": 0}', "no json"])
def test_facts_of_another_version_or_none_at_all_reject_nothing(text):
    assert stored_facts(text) is None
    assert STRICT.rejection(text) is None


def test_a_reason_names_the_code_and_what_was_found(quality):
    assert LENIENT.rejection(quality) is None
    assert STRICT.rejection(quality) == "rejected: few-slices: 10 slices, fewer than 16"


def _plan(folder, scan, gate, *, retry_failed=False):
    return make_plan(
        ["a"],
        [[CaseScan(scan)]],
        index=folder.index(),
        failed=folder.failed_scans(),
        gate=gate,
        retry_failed=retry_failed,
    )


def test_a_finished_case_is_rejected_by_stricter_settings_and_back_without_being_read(
    tmp_path, scan, quality
):
    folder = CacheFolder.open(tmp_path / "cache", "ct", {"encoder": "mean"})
    stamp = source_stamp(scan)
    folder.commit([FeatureRow("a", stamp.sha256, stamp.stat, np.ones(2, np.float32), quality)])
    assert _plan(folder, scan, LENIENT).done == [("a", ScanSource(scan))]
    assert list(_plan(folder, scan, STRICT).rejected_before) == [("a", ScanSource(scan))]
    sources = [[CaseScan(scan)]]
    assert read_cached_features(folder, ["a"], sources, LENIENT).scans.counts.tolist() == [1]
    strict = read_cached_features(folder, ["a"], sources, STRICT)
    assert (strict.scans.counts.tolist(), strict.failed) == ([0], (("a", str(scan)),))


def test_a_rejected_case_is_looked_at_again_only_when_settings_let_it_through(
    tmp_path, scan, quality
):
    folder = CacheFolder.open(tmp_path / "cache", "ct", {"encoder": "mean"})
    reason = STRICT.rejection(quality)
    stat = current_stat(scan)
    folder.record_failures([Failure("a", str(scan), reason, stat, "then", quality)])
    for retry_failed in (False, True):
        plan = _plan(folder, scan, STRICT, retry_failed=retry_failed)
        assert (plan.rejected_before, plan.jobs) == ({("a", ScanSource(scan)): reason}, [])
    failed = read_cached_features(folder, ["a"], [[CaseScan(scan)]], STRICT).failed
    assert failed == (("a", str(scan)),)
    assert [job.path for job in _plan(folder, scan, LENIENT).jobs] == [scan]
