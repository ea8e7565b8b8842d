"""Merging loses nothing, changes nothing that is there, and can be killed at any moment."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, Failure, FeatureRow, RunningMark
from mmfeat.cache.failures import read_failures
from mmfeat.errors import CacheError
from mmfeat.progress import Silent
from mmfeat.stages.caches.merge import merge_folders
from mmfeat.stages.caches.merge_targets import merge_targets

from ...cache.conftest import IDENTITY, make_rows
from ...cache.dying import killed_before_each_write

WHEN = "2025-01-01T00:00:00+00:00"


@pytest.fixture
def sources(tmp_path):
    """Two caches that share a case; the second one has two shards."""
    first, second = (
        CacheFolder.open(tmp_path / name, "ct", IDENTITY) for name in ("machine-a", "machine-b")
    )
    first.commit(make_rows(1, 2))
    second.commit(make_rows(2, 3))
    second.commit(make_rows(4))
    return [first, second]


@pytest.fixture
def into(tmp_path):
    return tmp_path / "all"


def _merge(sources, into, *, tolerance=None, dry_run=False):
    (target,) = merge_targets([source.path for source in sources], into)
    return merge_folders(target, tolerance=tolerance, dry_run=dry_run, progress=Silent())


def _bytes(folder):
    return {file.name: file.read_bytes() for file in folder.path.iterdir()}


def _check_complete(into, numbers=(1, 2, 3, 4)):
    folder = CacheFolder.find(into, "ct", IDENTITY)
    rows = make_rows(*numbers)
    features, found = folder.read([(row.case_id, row.source_sha256) for row in rows])
    assert found.all()
    np.testing.assert_array_equal(features, [row.feature for row in rows])
    assert folder.verify() == []


def test_all_rows_come_together_and_the_sources_are_not_touched(sources, into):
    before = [_bytes(source) for source in sources]
    merged = _merge(sources, into)
    assert (merged.n_copied, merged.n_held, merged.clashes) == (4, 1, ())
    _check_complete(into)
    assert [_bytes(source) for source in sources] == before
    assert json.loads(json.dumps(merged.to_json()))["n_copied"] == 4


def test_merging_again_changes_nothing(sources, into):
    merged = _merge(sources, into)
    before = {file: file.stat().st_mtime_ns for file in merged.into.glob("*.h5")}
    again = _merge(sources, into)
    assert (again.n_copied, again.n_held) == (0, 5)
    assert {file: file.stat().st_mtime_ns for file in merged.into.glob("*.h5")} == before


def test_a_dry_run_counts_and_writes_nothing(sources, into):
    assert _merge(sources, into, dry_run=True).n_copied == 4
    assert not into.exists()


def test_an_empty_source_is_fine(sources, into, tmp_path):
    empty = CacheFolder.open(tmp_path / "empty", "ct", IDENTITY)
    assert _merge([empty], into).n_copied == 0
    assert _merge([empty, *sources], into).n_copied == 4


def test_merged_then_compacted_is_the_same_as_made_on_one_machine(sources, into, tmp_path):
    alone = CacheFolder.open(tmp_path / "alone", "ct", IDENTITY)
    alone.commit(make_rows(1, 2, 3, 4))
    _merge(sources, into)
    merged = CacheFolder.find(into, "ct", IDENTITY).compact()
    (expected,) = alone.path.glob("*.h5")
    assert merged.read_bytes() == expected.read_bytes()


def _with_last_bits(row: FeatureRow, factor: float) -> FeatureRow:
    return replace(row, feature=row.feature * np.float32(factor))


def test_other_bits_of_the_same_scan_are_refused_before_anything_is_written(sources, into):
    there = CacheFolder.open(into, "ct", IDENTITY)
    there.commit([_with_last_bits(row, 1 + 1e-6) for row in make_rows(2, 3)])
    before = _bytes(there)
    message = r"differ, of 2 scans: case-0002, case-0003; the largest difference is "
    with pytest.raises(CacheError, match=message + r"\d.\de-0[67] .* --tolerance 1e-4") as caught:
        _merge(sources, into)
    assert "\n" not in str(caught.value)
    assert _bytes(there) == before


def test_two_sources_that_clash_are_refused_and_no_folder_is_made(sources, into):
    sources[0].commit([_with_last_bits(make_rows(4)[0], 2)])
    with pytest.raises(CacheError, match="differ, of 1 scans: case-0004; "):
        _merge(sources, into)
    assert not into.exists()


def test_within_the_tolerance_what_is_there_is_kept_and_counted(sources, into):
    there = CacheFolder.open(into, "ct", IDENTITY)
    kept = _with_last_bits(make_rows(2)[0], 1 + 1e-6)
    there.commit([kept])
    merged = _merge(sources, into, tolerance=1e-4)
    assert [clash.case_id for clash in merged.clashes] == ["case-0002", "case-0002"]
    assert 0 < merged.largest_clash < 1e-5
    features, _ = there.read([("case-0002", None)])
    np.testing.assert_array_equal(features[0], kept.feature)
    assert set(there.index()) == {f"case-{number:04d}" for number in (1, 2, 3, 4)}
    with pytest.raises(CacheError, match="differ, of 1 scans: case-0002"):
        _merge(sources, into, tolerance=1e-9)


def test_a_success_wins_over_a_failure_and_the_newest_reason_counts(sources, into):
    first, second = sources
    old = Failure("x", "x.nii", "old", "s", WHEN)
    first.record_failures([Failure("case-0003", "3.nii", "no memory", "s", WHEN), old])
    second.record_failures([replace(old, reason="new", when=WHEN.replace("2025", "2026"))])
    there = CacheFolder.open(into, "ct", IDENTITY)
    there.record_failures([Failure("case-0001", "1.nii", "is away", "s", WHEN)])
    assert _merge(sources, into).n_failures == 1
    assert [failure.reason for failure in read_failures(there.path).values()] == ["new"]


def test_a_torn_shard_of_a_source_is_refused_and_named(sources, into):
    path = next(sources[1].path.glob("*.h5"))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(CacheError, match=f"{path.name}: is torn or damaged"):
        _merge(sources, into)
    assert not into.exists()


def test_a_flipped_bit_of_a_source_is_not_copied(sources, into):
    (path,) = sources[0].path.glob("*.h5")
    feature = make_rows(1)[0].feature.tobytes()
    content = bytearray(path.read_bytes())
    content[content.index(feature)] ^= 1
    path.write_bytes(content)
    with pytest.raises(CacheError, match="the features of case-0001 are damaged"):
        _merge(sources, into)
    assert CacheFolder.find(into, "ct", IDENTITY).verify() == []


def test_a_destination_that_cannot_be_made_is_a_plain_error(sources, into):
    into.mkdir()
    (into / "ct").write_text("a file where the folder should be")
    with pytest.raises(CacheError, match="cannot be written to"):
        _merge(sources, into)


def test_a_folder_that_is_being_extracted_into_takes_nothing_over(sources, into):
    there = CacheFolder.open(into, "ct", IDENTITY)
    with (
        RunningMark(there.path),
        pytest.raises(CacheError, match=r"`mmfeat extract` is at work here \(host .*wait until"),
    ):
        _merge(sources, into)
    assert there.index() == {}


def test_a_kill_before_any_write_is_mended_by_the_same_command(sources, into):
    sources[0].record_failures([Failure("case-0003", "3.nii", "no memory", "s", WHEN)])
    deaths = 0
    for _ in killed_before_each_write(lambda: _merge(sources, into)):
        deaths += 1
        for path in into.glob("ct/*/recipe.json"):
            assert CacheFolder(path.parent, IDENTITY).verify() == []
        _merge(sources, into)
        _check_complete(into)
        assert read_failures(CacheFolder.location(into, "ct", IDENTITY)) == {}
        shutil.rmtree(into)
    assert deaths >= 10


COMPACTOR = """
import sys
from pathlib import Path
import numpy as np
from mmfeat.cache import CacheFolder, FeatureRow

folder = CacheFolder.open(Path(sys.argv[1]), "ct", {"encoder": "mean"})
for number in range(25):
    folder.commit([FeatureRow(f"{number}", f"{number:064x}", "s", np.full(7, number, np.float32))])
    if number % 2:
        folder.compact()
"""


def test_sources_that_are_written_and_compacted_meanwhile_are_merged(tmp_path, into):
    writer = subprocess.Popen([sys.executable, "-c", COMPACTOR, str(tmp_path / "busy")])
    source = CacheFolder(
        CacheFolder.location(tmp_path / "busy", "ct", {"encoder": "mean"}), {"encoder": "mean"}
    )
    n_merges = 0
    while writer.poll() is None:
        if list(source.path.glob("*.h5")):
            _merge([source], into)
            n_merges += 1
    assert writer.returncode == 0
    assert n_merges > 1
    _merge([source], into)
    there = CacheFolder.find(into, "ct", {"encoder": "mean"})
    assert set(there.index()) == set(source.index())
    assert there.verify() == []


def test_twenty_thousand_rows_are_merged_in_seconds(tmp_path, into):
    feature = np.ones(16, np.float32)
    sources = []
    for name, start in (("a", 0), ("b", 5_000)):
        sources.append(CacheFolder.open(tmp_path / name, "ct", IDENTITY))
        numbers = range(start, start + 10_000)
        sources[-1].commit([FeatureRow(f"{n:06d}", f"{n:064x}", "s", feature) for n in numbers])
    start_s = time.perf_counter()
    merged = _merge(sources, into)
    assert time.perf_counter() - start_s < 10
    assert (merged.n_copied, merged.n_held) == (15_000, 5_000)
