"""A feature is stale when no scan of its case has its content; when in doubt it stays."""

import pytest

from mmfeat.cache import StoredRow
from mmfeat.manifest.cohort import ScanSource
from mmfeat.progress import Silent
from mmfeat.stages import scan_content
from mmfeat.stages.caches.stale_rows import CHANGED, NOT_LISTED, stale_rows
from mmfeat.volumes import source_sha256, source_stat


@pytest.fixture
def scan(tmp_path):
    """A function that writes a file and returns its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


def _row(case_id, path, *, sha256=None, stat=None):
    stat = source_stat(path) if stat is None else stat
    return StoredRow(case_id, sha256 or source_sha256(path), stat, "", "shard-1.h5", 0)


def _found(index, scans):
    sources = {case_id: [ScanSource(path) for path in paths] for case_id, paths in scans.items()}
    rows, unreadable = stale_rows(index, sources, Silent())
    return [(row.case_id, row.source_sha256, row.why) for row in rows], unreadable


def test_untouched_scans_are_not_read(scan, monkeypatch):
    def refuse(path):
        raise AssertionError(f"{path} was read")

    path = scan("a", "one")
    index = {"a": [_row("a", path)]}
    monkeypatch.setattr(scan_content, "source_sha256", refuse)
    assert _found(index, {"a": [path]}) == ([], [])


def test_a_touched_scan_with_the_same_content_keeps_its_feature(scan):
    path = scan("a", "one")
    index = {"a": [_row("a", path, stat="of yesterday")]}
    assert _found(index, {"a": [path]}) == ([], [])


def test_the_feature_of_a_changed_scan_is_stale(scan):
    path = scan("a", "one")
    old = _row("a", path)
    path.write_text("another")
    assert _found({"a": [old]}, {"a": [path]}) == ([("a", old.source_sha256, CHANGED)], [])
    new = _row("a", path)
    assert _found({"a": [old, new]}, {"a": [path]})[0] == [("a", old.source_sha256, CHANGED)]


def test_the_same_feature_under_two_stats_stays_and_a_stale_one_is_named_once(scan):
    path = scan("a", "one")
    index = {
        "a": [_row("a", path), _row("a", path, stat="older")],
        "b": [_row("b", path, stat="1"), _row("b", path, stat="2")],
    }
    assert _found(index, {"a": [path]})[0] == [("b", source_sha256(path), NOT_LISTED)]


def test_each_of_several_scans_keeps_its_feature_and_one_that_is_no_longer_listed_goes(scan):
    first, second = scan("first", "one"), scan("second", "two")
    index = {"a": [_row("a", first), _row("a", second)]}
    assert _found(index, {"a": [first, second]}) == ([], [])
    assert _found(index, {"a": [second]})[0] == [("a", source_sha256(first), CHANGED)]


def test_features_of_a_scan_that_is_away_stay_and_its_case_is_named(scan):
    path = scan("a", "one")
    index = {"a": [_row("a", path)]}
    path.unlink()
    assert _found(index, {"a": [path]}) == ([], ["a"])
