"""A cache folder keeps what was committed, refuses what does not belong, and loses nothing."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.errors import CacheError
from mmfeat.provenance import fingerprint, process_table

from .conftest import IDENTITY, WIDTH, digest_of, make_rows


def _shards(folder: CacheFolder) -> list[Path]:
    return sorted(folder.path.glob("*.h5"))


def test_the_folder_is_named_after_modality_and_fingerprint_and_holds_the_recipe(folder, root):
    assert folder.path == root / "ct" / fingerprint(IDENTITY)[:12]
    assert json.loads((folder.path / "recipe.json").read_text()) == IDENTITY


def test_features_come_back_bit_for_bit_in_the_order_asked_for(folder):
    rows = make_rows(3, 1, 2)
    folder.commit(rows[:2])
    folder.commit(rows[2:])
    features, found = folder.read([("case-0002", None), ("missing", None), ("case-0003", None)])
    assert found.tolist() == [True, False, True]
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, [rows[2].feature, np.zeros(WIDTH), rows[0].feature])


def test_the_index_leads_to_the_row_of_each_case(folder):
    rows = make_rows(2, 1)
    path = folder.commit(rows)
    index = folder.index()
    assert sorted(index) == ["case-0001", "case-0002"]
    with h5py.File(path) as file:
        for row in rows:
            (stored,) = index[row.case_id]
            assert (stored.source_sha256, stored.source_stat) == (row.source_sha256, "s1")
            assert stored.shard == path.name
            np.testing.assert_array_equal(file["feature"][stored.position], row.feature)


def test_an_empty_folder_finds_nothing(folder):
    features, found = folder.read([("case-0001", None)])
    assert features.shape == (1, 0)
    assert not found.any()
    assert folder.index() == {}
    assert folder.compact() is None
    assert folder.verify() == []


def test_a_changed_source_never_reads_as_the_old_feature(folder):
    old, new = make_rows(1)[0], make_rows(1, source="version 2")[0]
    folder.commit([old])
    assert not folder.read([("case-0001", new.source_sha256)])[1].any()
    folder.commit([new])
    for row in (old, new):
        features, found = folder.read([("case-0001", row.source_sha256)])
        assert found.all()
        np.testing.assert_array_equal(features[0], row.feature)
    with pytest.raises(CacheError, match="case `case-0001` has features of 2 versions of its scan"):
        folder.read([("case-0001", None)])


def test_features_that_are_not_finite_are_refused_and_named(folder):
    rows = make_rows(1, 2, 3)
    for row, value in zip(rows[1:], (np.nan, np.inf), strict=True):
        row.feature[0] = value
    with pytest.raises(CacheError, match="case-0002, case-0003 are NaN or infinite"):
        folder.commit(rows)
    assert _shards(folder) == []


def test_identical_duplicates_are_fine_and_compact_to_one(folder):
    folder.commit(make_rows(1, 2))
    folder.commit(make_rows(2, 3))
    assert len(folder.index()["case-0002"]) == 2
    assert folder.read([("case-0002", None)])[1].all()
    folder.compact()
    assert {case: len(rows) for case, rows in folder.index().items()} == {
        "case-0001": 1,
        "case-0002": 1,
        "case-0003": 1,
    }


def test_a_duplicate_with_other_content_is_refused_everywhere(folder):
    row = make_rows(1)[0]
    other = FeatureRow(row.case_id, row.source_sha256, row.source_stat, row.feature + 1)
    first, second = folder.commit([row]).name, folder.commit([other]).name
    for operation in (folder.index, folder.compact, lambda: folder.read([("case-0001", None)])):
        with pytest.raises(CacheError, match="case `case-0001` has another feature here than in"):
            operation()
    (problem,) = folder.verify()
    assert first in problem
    assert second in problem
    assert len(_shards(folder)) == 2


def test_features_of_another_width_are_refused(folder):
    folder.commit(make_rows(1))
    folder.commit([FeatureRow("case-0002", digest_of("x"), "s", np.ones(WIDTH + 1, np.float32))])
    with pytest.raises(CacheError, match=r"has features of \d values, and shard-\w+.h5 of \d"):
        folder.index()


def test_a_shard_of_another_recipe_is_refused_and_the_field_named(folder, root):
    other = CacheFolder.open(root, "ct", {**IDENTITY, "recipe": {"spacing_mm": 3.0, "version": 1}})
    path = other.commit(make_rows(1))
    path.rename(folder.path / path.name)
    message = r"belongs to another recipe: recipe.spacing_mm \(3.0 there, 1.5 here\)"
    with pytest.raises(CacheError, match=message):
        folder.index()
    assert "recipe.spacing_mm" in folder.verify()[0]


def test_another_recipe_under_the_same_folder_name_is_refused(folder, root):
    (folder.path / "recipe.json").write_text(json.dumps({**IDENTITY, "encoder": "median"}))
    for opening in (CacheFolder.open, CacheFolder.find):
        with pytest.raises(CacheError, match=r'encoder \("median" there, "mean" here\)'):
            opening(root, "ct", IDENTITY)


def test_a_recipe_that_is_not_json_is_named(folder, root):
    (folder.path / "recipe.json").write_text("{half")
    with pytest.raises(CacheError, match=r"recipe.json: cannot be read"):
        CacheFolder.open(root, "ct", IDENTITY)
    (folder.path / "recipe.json").write_text("[1]")
    with pytest.raises(CacheError, match=r"recipe.json: is not a JSON object"):
        CacheFolder.open(root, "ct", IDENTITY)


def test_find_says_what_is_there_instead_and_what_to_do(folder, root):
    assert CacheFolder.find(root, "ct", IDENTITY).path == folder.path
    wanted = {**IDENTITY, "weights_sha256": "ab", "recipe": {"spacing_mm": 1.0, "version": 1}}
    with pytest.raises(CacheError, match=r"run `mmfeat extract` first") as caught:
        CacheFolder.find(root, "ct", wanted)
    assert f"{folder.path.name} differs in recipe.spacing_mm (1.5 there, 1.0 here)" in str(
        caught.value
    )
    assert 'weights_sha256 (null there, "ab" here)' in str(caught.value)
    with pytest.raises(CacheError, match="no features of `pet` for these settings; run"):
        CacheFolder.find(root, "pet", IDENTITY)


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(CacheError, match="cannot be written to"):
        CacheFolder.open(tmp_path / "cache", "ct", IDENTITY)


def test_a_disk_that_refuses_a_shard_is_a_plain_error(folder):
    (folder.path / "recipe.json").unlink()
    folder.path.rmdir()
    folder.path.write_text("a file where the folder was")
    with pytest.raises(CacheError, match="cannot be written to"):
        folder.commit(make_rows(1))


def test_compacting_twice_changes_nothing_the_second_time(folder):
    for number in (3, 1, 2):
        folder.commit(make_rows(number))
    path = folder.compact()
    before = path.stat().st_mtime_ns
    assert folder.compact() == path
    assert _shards(folder) == [path]
    assert path.stat().st_mtime_ns == before


def test_the_same_rows_compact_to_the_same_bytes_however_they_came(root, tmp_path):
    rows = make_rows(*range(12))
    compacted = []
    for number, cuts in enumerate([[12], [3, 7], [1, 2, 3, 4, 5, 6], [5]]):
        folder = CacheFolder.open(tmp_path / str(number), "ct", IDENTITY)
        order = np.random.default_rng(number).permutation(12)
        for part in np.split(order, cuts):
            if len(part):
                folder.commit([rows[row] for row in part])
            folder.compact()
        compacted.append(folder.compact().read_bytes())
        time.sleep(0.3)  # a time of writing in the file would show
    assert len(set(compacted)) == 1


def test_a_crash_between_move_and_removal_leaves_only_identical_duplicates(folder):
    rows = make_rows(1, 2, 3)
    kept = {}
    for row in rows:
        path = folder.commit([row])
        kept[path] = path.read_bytes()
    big = folder.compact()
    for path, content in kept.items():  # as if the process had died before removing them
        path.write_bytes(content)
    features, found = folder.read([(row.case_id, None) for row in rows])
    assert found.all()
    np.testing.assert_array_equal(features, [row.feature for row in rows])
    content = big.read_bytes()
    assert folder.compact() == big
    assert _shards(folder) == [big]
    assert big.read_bytes() == content


def test_verify_finds_a_flipped_bit_in_a_feature_and_compact_refuses_it(folder):
    folder.commit(make_rows(2))
    path = folder.commit(make_rows(1))
    with h5py.File(path) as file:
        offset = file["feature"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[offset + 1] ^= 1
    path.write_bytes(content)
    (problem,) = folder.verify()
    assert f"{path}: the features of case-0001 are damaged" in problem
    with pytest.raises(CacheError, match="the features of case-0001 are damaged"):
        folder.compact()


def test_timings_go_beside_the_shards_one_line_for_each_case(folder):
    folder.commit(make_rows(1, 2))
    lines = [json.loads(line) for line in (folder.path / "timings.jsonl").read_text().splitlines()]
    assert lines == [
        {"case_id": "case-0001", "read": {"seconds": 0.1, "bytes": 7}},
        {"case_id": "case-0002", "read": {"seconds": 0.1, "bytes": 7}},
    ]


def test_failures_come_and_go(folder, root):
    assert folder.failures() == {}
    when = "2025-01-01T00:00:00+00:00"
    one = Failure("case-0001", "scans/1.nii.gz", 'is truncated, "half"\nof it', "s1", when)
    two = Failure("case-0002", "scans/ü.nii.gz", "is constant", "s2", when)
    folder.record_failures([two, one])
    again = CacheFolder.open(root, "ct", IDENTITY)
    assert again.failures() == {one.key: one.reason, two.key: "is constant"}
    assert again.failed_scans()[one.key] == one
    again.record_failures([Failure(*two.key, "is empty", "s3", when)], {one.key})
    assert folder.failures() == {two.key: "is empty"}
    header = (folder.path / "failures.csv").read_text().splitlines()[0]
    assert header == "case_id,path,reason,source_stat,when,quality"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\n1,2\n", r"columns \['a', 'b'\]"),
        (b"", "not enough values"),
        (b"case_id,path,reason,source_stat,when,quality\na,b\n", "shorter than argument 1"),
        (b"\xff\xfe", "codec can't decode"),
    ],
)
def test_a_foreign_or_torn_failures_file_is_refused(folder, content, reason):
    (folder.path / "failures.csv").write_bytes(content)
    with pytest.raises(CacheError, match=rf"failures.csv: not a list of failures .*{reason}"):
        folder.failures()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.errors import CacheError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write beyond the limit is an error
folder = CacheFolder.open(Path(sys.argv[1]), "ct", {"encoder": "mean"})
kept = folder.commit([FeatureRow("kept", "ab", "s", np.ones(9, np.float32))])
rows = [FeatureRow(f"case-{n}", "ab", "s", np.ones(9, np.float32)) for n in range(600)]
for limit in range(0, 24_000, 1_500):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for operation in (
        lambda: folder.commit(rows),
        lambda: folder.record_failures([Failure("a", "b", "c" * 30_000, "d", "e")]),
        lambda: folder.record_run({"n" * 30_000: 1}),
    ):
        try:
            operation()
        except CacheError as error:
            assert "cannot" in str(error) and "File too large" in str(error), error
        else:
            raise SystemExit(f"nothing was refused at {limit}")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert list(folder.path.glob("*.h5")) == [kept]
    assert not list(folder.path.glob(".*.partial*"))
    assert folder.failures() == {}
print("fine")
"""


def test_a_full_disk_is_a_plain_error_and_leaves_nothing_behind(root):
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(root)], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "fine\n", "")


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["v1", "v22"])), min_size=1))
@settings(max_examples=25, deadline=None)
def test_every_committed_feature_is_found_before_and_after_compaction(tmp_path_factory, commits):
    folder = CacheFolder.open(tmp_path_factory.mktemp("cache"), "ct", IDENTITY)
    expected = {}
    for number, source in commits:
        (row,) = make_rows(number, source=source)
        folder.commit([row])
        expected[row.case_id] = row
    for _ in range(2):
        wanted = [(case, row.source_sha256) for case, row in expected.items()]
        features, found = folder.read(wanted)
        assert found.all()
        np.testing.assert_array_equal(features, [row.feature for row in expected.values()])
        folder.compact()
    assert folder.verify() == []


def test_rows_far_apart_in_a_large_shard_are_read_in_any_order(folder):
    count = 1500
    matrix = np.arange(count * 3, dtype=np.float32).reshape(count, 3)
    folder.commit([FeatureRow(f"{n:05d}", "ab", "s", matrix[n]) for n in range(count)])
    order = np.random.default_rng(0).permutation(count)[:400]
    features, found = folder.read([(f"{number:05d}", "ab") for number in order])
    assert found.all()
    np.testing.assert_array_equal(features, matrix[order])


def test_leftovers_of_dead_processes_go_and_those_of_living_ones_stay(folder, root):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    host = process_table()
    dead = folder.path / f".shard-a.{process.pid}@{host}-0123abcd.partial.h5"
    alive = folder.path / f".shard-b.{os.getpid()}@{host}-0123abcd.partial.h5"
    elsewhere = folder.path / f".shard-c.{process.pid}@other.host-0123abcd.partial.h5"
    container = folder.path / f".shard-d.{process.pid}@{os.uname().nodename}.1-0123abcd.partial.h5"
    long_ago = folder.path / f".shard-e.{os.getpid()}@other.host-0123abcd.partial.h5"
    reused = folder.path / f".shard-f.{os.getpid()}@{host}-0123abcd.partial.h5"
    files = (dead, alive, elsewhere, container, long_ago, reused)
    for file in files:
        file.write_bytes(b"half of a shard")
    for file in (long_ago, reused):
        os.utime(file, (0, 0))
    assert CacheFolder.open(root, "ct", IDENTITY).index() == {}
    assert [file for file in files if file.exists()] == [alive, elsewhere, container]


WRITER = """
import sys
from pathlib import Path
import numpy as np
from mmfeat.cache import CacheFolder, Failure, FeatureRow

folder = CacheFolder.open(Path(sys.argv[1]), "ct", {"encoder": "mean"})
first = int(sys.argv[2])
for number in range(first, first + 15):
    feature = np.full(7, number, np.float32)
    folder.commit([FeatureRow(f"case-{number}", f"{number:064x}", "s", feature)])
    folder.record_failures([Failure(f"bad-{number}", "p", "r", "s", "w")])
    if number % 3 == 0:
        folder.compact()
"""


def test_writers_compactors_and_a_reader_at_once_lose_and_tear_nothing(root):
    folder = CacheFolder.open(root, "ct", {"encoder": "mean"})
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(root), str(first)])
        for first in (0, 100, 105)  # the last two write some of the same cases
    ]
    seen: set[str] = set()
    looks = 0
    while any(writer.poll() is None for writer in writers):
        now = set(folder.index())
        assert seen <= now
        seen = now
        if seen:
            features, found = folder.read([(case_id, None) for case_id in seen])
            assert found.all()
            assert [f"case-{value:.0f}" for value in features[:, 0]] == list(seen)
            looks += 1
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert looks > 3
    folder.compact()
    assert folder.verify() == []
    assert len(_shards(folder)) == 1
    numbers = [*range(15), *range(100, 120)]
    features, found = folder.read([(f"case-{number}", None) for number in numbers])
    assert found.all()
    np.testing.assert_array_equal(features, np.tile(np.array(numbers)[:, None], 7))
    assert {case for case, _ in folder.failures()} == {f"bad-{number}" for number in numbers}


def test_fifty_thousand_finished_cases_are_indexed_in_under_five_seconds(folder):
    feature = np.ones(8, np.float32)
    folder.commit(
        [FeatureRow(f"{n:06d}", f"{n:064x}", f"{n:064x}", feature) for n in range(50_000)]
    )
    start = time.perf_counter()
    assert len(folder.index()) == 50_000
    assert time.perf_counter() - start < 5
