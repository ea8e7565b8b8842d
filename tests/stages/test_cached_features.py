import os

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.errors import CacheError, VolumeError
from mmfeat.stages.cached_features import read_cached_features
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.volumes import source_stamp


@pytest.fixture
def folder(tmp_path):
    return CacheFolder.open(tmp_path / "cache", "ct", {"encoder": "test"})


def _scan(tmp_path, name, content=b"scan"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def _extract(folder, case_id, path, value):
    stamp = source_stamp(path)
    feature = np.full(3, value, np.float32)
    folder.commit([FeatureRow(case_id, stamp.sha256, stamp.stat, feature)])


def _fail(folder, case_id, path):
    stat = source_stamp(path).stat
    folder.record_failures([Failure(case_id, str(path), "broken", stat, "2026-01-01T00:00:00Z")])


def test_features_come_in_the_order_of_the_cases_with_zeros_where_there_is_no_scan(
    folder, tmp_path
):
    a, b = _scan(tmp_path, "a", b"a"), _scan(tmp_path, "b", b"b")
    _extract(folder, "b", b, 2)
    _extract(folder, "a", a, 1)
    _extract(folder, "not in the cohort", a, 9)
    cached = read_cached_features(folder, ["a", "none", "b"], [a, None, b], QualityGate())
    np.testing.assert_array_equal(cached.vectors, [[1] * 3, [0] * 3, [2] * 3])
    assert cached.vectors.dtype == np.float32
    assert cached.present.tolist() == [True, False, True]
    assert cached.failed == ()


def test_a_file_that_was_only_touched_keeps_its_feature(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "a", scan, 1)
    os.utime(scan, (1, 1))
    assert read_cached_features(folder, ["a"], [scan], QualityGate()).present.tolist() == [True]


def test_the_feature_is_that_of_the_file_as_it_is_now(folder, tmp_path):
    scan = _scan(tmp_path, "a", b"old")
    _extract(folder, "a", scan, 1)
    scan.write_bytes(b"newer")
    _extract(folder, "a", scan, 2)
    assert read_cached_features(folder, ["a"], [scan], QualityGate()).vectors[0, 0] == 2
    scan.write_bytes(b"old")
    os.utime(scan, (1, 1))
    assert read_cached_features(folder, ["a"], [scan], QualityGate()).vectors[0, 0] == 1


def test_a_file_that_has_changed_since_is_refused(folder, tmp_path):
    scan = _scan(tmp_path, "a", b"old")
    _extract(folder, "a", scan, 1)
    scan.write_bytes(b"newer")
    with pytest.raises(
        CacheError, match=r"1 of 1 scans have changed since \(case `a`\); run `mmfeat"
    ):
        read_cached_features(folder, ["a"], [scan], QualityGate())


def test_scans_that_were_never_extracted_are_refused_by_name(folder, tmp_path):
    scans = [_scan(tmp_path, f"{number}") for number in range(8)]
    _extract(folder, "c0", scans[0], 1)
    scans[0].write_bytes(b"newer")
    ids = [f"c{number}" for number in range(8)]
    message = (
        r"7 of 8 scans are not extracted yet \(first cases: `c1`, `c2`, `c3`, `c4`, `c5`\), and "
        r"1 of 8 scans have changed since \(case `c0`\); run `mmfeat extract`"
    )
    with pytest.raises(CacheError, match=message):
        read_cached_features(folder, [*ids, "without"], [*scans, None], QualityGate())


def test_a_scan_that_failed_counts_as_absent_and_is_named(folder, tmp_path):
    a, broken = _scan(tmp_path, "a"), _scan(tmp_path, "b")
    _extract(folder, "a", a, 1)
    _fail(folder, "b", broken)
    cached = read_cached_features(folder, ["a", "b"], [a, broken], QualityGate())
    assert cached.present.tolist() == [True, False]
    assert cached.failed == ("b",)


def test_a_scan_that_was_mended_after_it_failed_has_to_be_extracted(folder, tmp_path):
    broken = _scan(tmp_path, "b")
    _fail(folder, "b", broken)
    broken.write_bytes(b"mended")
    with pytest.raises(CacheError, match="1 of 1 scans are not extracted yet"):
        read_cached_features(folder, ["b"], [broken], QualityGate())


def test_a_scan_that_has_gone_is_named(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "a", scan, 1)
    scan.unlink()
    with pytest.raises(VolumeError, match=r"a: cannot be read: No such file"):
        read_cached_features(folder, ["a"], [scan], QualityGate())


def test_cases_that_share_a_scan_have_a_feature_each(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "first", scan, 1)
    _extract(folder, "second", scan, 1)
    cached = read_cached_features(folder, ["second", "first"], [scan, scan], QualityGate())
    assert cached.present.all()
