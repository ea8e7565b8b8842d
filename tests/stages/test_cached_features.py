import os

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.errors import CacheError, VolumeError
from mmfeat.manifest.cohort import CaseScan
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


def _read(folder, case_ids, paths):
    """Read the features of cases that have one scan each or none."""
    sources = [[] if path is None else [CaseScan(path)] for path in paths]
    return read_cached_features(folder, case_ids, sources, QualityGate())


def test_features_come_in_the_order_of_the_cases(folder, tmp_path):
    a, b = _scan(tmp_path, "a", b"a"), _scan(tmp_path, "b", b"b")
    _extract(folder, "b", b, 2)
    _extract(folder, "a", a, 1)
    _extract(folder, "not in the cohort", a, 9)
    cached = _read(folder, ["a", "none", "b"], [a, None, b])
    np.testing.assert_array_equal(cached.scans.vectors, [[1] * 3, [2] * 3])
    assert cached.scans.vectors.dtype == np.float32
    assert cached.scans.counts.tolist() == [1, 0, 1]
    assert cached.digests == (source_stamp(a).sha256, source_stamp(b).sha256)
    assert cached.failed == ()


def test_a_file_that_was_only_touched_keeps_its_feature(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "a", scan, 1)
    os.utime(scan, (1, 1))
    assert _read(folder, ["a"], [scan]).scans.counts.tolist() == [1]


def test_the_feature_is_that_of_the_file_as_it_is_now(folder, tmp_path):
    scan = _scan(tmp_path, "a", b"old")
    _extract(folder, "a", scan, 1)
    scan.write_bytes(b"newer")
    _extract(folder, "a", scan, 2)
    assert _read(folder, ["a"], [scan]).scans.vectors[0, 0] == 2
    scan.write_bytes(b"old")
    os.utime(scan, (1, 1))
    assert _read(folder, ["a"], [scan]).scans.vectors[0, 0] == 1


def test_a_file_that_has_changed_since_is_refused(folder, tmp_path):
    scan = _scan(tmp_path, "a", b"old")
    _extract(folder, "a", scan, 1)
    scan.write_bytes(b"newer")
    with pytest.raises(
        CacheError, match=r"1 of 1 scans have changed since \(case `a`\); run `mmfeat"
    ):
        _read(folder, ["a"], [scan])


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
        _read(folder, [*ids, "without"], [*scans, None])


def test_a_scan_that_failed_is_left_out_and_named(folder, tmp_path):
    a, broken = _scan(tmp_path, "a"), _scan(tmp_path, "b")
    _extract(folder, "a", a, 1)
    _fail(folder, "b", broken)
    cached = _read(folder, ["a", "b"], [a, broken])
    assert cached.scans.counts.tolist() == [1, 0]
    assert cached.failed == (("b", str(broken)),)


def test_a_scan_that_was_mended_after_it_failed_has_to_be_extracted(folder, tmp_path):
    broken = _scan(tmp_path, "b")
    _fail(folder, "b", broken)
    broken.write_bytes(b"mended")
    with pytest.raises(CacheError, match="1 of 1 scans are not extracted yet"):
        _read(folder, ["b"], [broken])


def test_a_scan_that_has_gone_is_named(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "a", scan, 1)
    scan.unlink()
    with pytest.raises(VolumeError, match=r"a: cannot be read: No such file"):
        _read(folder, ["a"], [scan])


def test_cases_that_share_a_scan_have_a_feature_each(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "first", scan, 1)
    _extract(folder, "second", scan, 2)
    cached = _read(folder, ["second", "first"], [scan, scan])
    np.testing.assert_array_equal(cached.scans.vectors[:, 0], [2, 1])


def test_the_scans_of_a_case_lie_side_by_side_with_their_days(folder, tmp_path):
    new, old, other = (_scan(tmp_path, name, name.encode()) for name in ("new", "old", "other"))
    for case_id, path, value in (("a", old, 1), ("a", new, 2), ("b", other, 3)):
        _extract(folder, case_id, path, value)
    sources = [[CaseScan(new, 3.0), CaseScan(old, 400.0)], [], [CaseScan(other)]]
    cached = read_cached_features(folder, ["a", "none", "b"], sources, QualityGate())
    np.testing.assert_array_equal(cached.scans.vectors[:, 0], [2, 1, 3])
    np.testing.assert_array_equal(cached.scans.offsets, [0, 2, 2, 3])
    np.testing.assert_array_equal(cached.scans.days, [3, 400, np.nan])


def test_one_scan_of_a_case_may_fail_and_the_others_stay(folder, tmp_path):
    good, broken = _scan(tmp_path, "good", b"good"), _scan(tmp_path, "broken", b"broken")
    _extract(folder, "a", good, 1)
    _fail(folder, "a", broken)
    sources = [[CaseScan(broken), CaseScan(good)]]
    cached = read_cached_features(folder, ["a"], sources, QualityGate())
    assert cached.scans.counts.tolist() == [1]
    assert cached.failed == (("a", str(broken)),)


def test_a_scan_added_to_a_case_is_not_extracted_and_one_that_changed_has_changed(folder, tmp_path):
    first, second = _scan(tmp_path, "first", b"first"), _scan(tmp_path, "second", b"second")
    _extract(folder, "a", first, 1)
    sources = [[CaseScan(first), CaseScan(second)]]
    with pytest.raises(CacheError, match=r"1 of 2 scans are not extracted yet \(case `a`\); run"):
        read_cached_features(folder, ["a"], sources, QualityGate())
    first.write_bytes(b"another")
    with pytest.raises(CacheError, match=r"2 of 2 scans have changed since \(case `a`\); run"):
        read_cached_features(folder, ["a"], sources, QualityGate())


def test_scans_of_one_name_size_and_time_are_told_apart_by_their_content(folder, tmp_path):
    paths = [tmp_path / year / "ct.nii.gz" for year in ("2020", "2021")]
    for number, path in enumerate(paths):
        path.parent.mkdir()
        path.write_bytes(b"%d" % number)
        os.utime(path, (1, 1))
    assert source_stamp(paths[0]).stat == source_stamp(paths[1]).stat
    for value in (1, 0):
        _extract(folder, "a", paths[value], value)
    sources = [[CaseScan(path) for path in paths]]
    cached = read_cached_features(folder, ["a"], sources, QualityGate())
    np.testing.assert_array_equal(cached.scans.vectors[:, 0], [0, 1])


def test_features_that_are_deleted_while_they_are_read_are_an_error(folder, tmp_path):
    scan = _scan(tmp_path, "a")
    _extract(folder, "a", scan, 1)
    index = folder.index()
    for shard in folder.path.glob("shard-*.h5"):
        shard.unlink()
    folder.index = lambda: index  # as it was a moment before
    with pytest.raises(CacheError, match="features were deleted while they were read; run"):
        _read(folder, ["a"], [scan])


def test_features_that_are_too_many_stay_in_the_cache(folder, tmp_path):
    a, b = _scan(tmp_path, "a", b"a"), _scan(tmp_path, "b", b"b")
    _extract(folder, "b", b, 2)
    _extract(folder, "a", a, 1)
    sources = [[CaseScan(a)], [], [CaseScan(b)]]
    whole = read_cached_features(folder, ["a", "none", "b"], sources, QualityGate())
    size = whole.scans.vectors.nbytes
    enough = read_cached_features(
        folder, ["a", "none", "b"], sources, QualityGate(), most_bytes=size
    )
    assert enough.stored is None
    cached = read_cached_features(
        folder, ["a", "none", "b"], sources, QualityGate(), most_bytes=size - 1
    )
    np.testing.assert_array_equal(cached.stored[:], whole.scans.vectors)
    assert cached.scans.vectors.shape == (2, 0)
    assert cached.scans.counts.tolist() == [1, 0, 1]
    assert cached.digests == whole.digests
