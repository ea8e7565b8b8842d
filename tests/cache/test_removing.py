"""What is removed goes, what is to stay stays, whenever the process is killed."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from mmfeat.cache import CacheFolder
from mmfeat.cache.removing import drop_rows, remove_cache_folder
from mmfeat.errors import CacheError

from .conftest import IDENTITY, digest_of, make_rows
from .dying import killed_before_each_write

STALE = {("case-0002", digest_of("2v1")), ("case-0004", digest_of("4v1"))}
KEPT = make_rows(1, 3, 5)


@pytest.fixture
def filled(folder):
    folder.commit(make_rows(1, 2, 3))
    folder.commit(make_rows(4))
    folder.commit(make_rows(5))
    return folder


def _check_kept(folder) -> None:
    features, found = folder.read([(row.case_id, None) for row in KEPT])
    assert found.all()
    np.testing.assert_array_equal(features, [row.feature for row in KEPT])
    assert folder.verify() == []


def test_stale_rows_go_and_the_others_stay_bit_for_bit(filled):
    untouched = filled.commit(make_rows(3, 5, stat="touched"))
    drop_rows(filled, STALE)
    _check_kept(filled)
    assert sorted(filled.index()) == ["case-0001", "case-0003", "case-0005"]
    assert untouched.exists()
    before = {path: path.stat().st_mtime_ns for path in filled.path.glob("*.h5")}
    drop_rows(filled, STALE)
    assert {path: path.stat().st_mtime_ns for path in filled.path.glob("*.h5")} == before


def test_an_older_version_of_a_scan_goes_without_the_newer(folder):
    old, new = make_rows(1)[0], make_rows(1, source="version 2")[0]
    folder.commit([old, new])
    drop_rows(folder, {(old.case_id, old.source_sha256)})
    features, found = folder.read([("case-0001", None)])
    assert found.all()
    np.testing.assert_array_equal(features[0], new.feature)


def test_a_damaged_shard_is_not_rewritten(filled):
    feature = KEPT[0].feature.tobytes()
    (path,) = [one for one in filled.path.glob("*.h5") if feature in one.read_bytes()]
    content = bytearray(path.read_bytes())
    content[content.index(feature)] ^= 1
    path.write_bytes(content)
    with pytest.raises(CacheError, match="the features of case-0001 are damaged"):
        drop_rows(filled, STALE)
    assert path.read_bytes() == content


def test_a_kill_before_any_write_keeps_what_is_to_stay(filled, root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    deaths = 0
    for _ in killed_before_each_write(lambda: drop_rows(filled, STALE)):
        deaths += 1
        _check_kept(filled)
        drop_rows(CacheFolder.open(root, "ct", IDENTITY), STALE)
        _check_kept(filled)
        assert sorted(filled.index()) == ["case-0001", "case-0003", "case-0005"]
        shutil.rmtree(root)
        shutil.copytree(copy, root)
    assert deaths >= 4


def test_a_folder_is_removed_with_all_that_is_in_it(filled, root):
    filled.record_failures([])
    assert remove_cache_folder(filled.path) == []
    assert list((root / "ct").iterdir()) == []


def test_foreign_files_in_a_removed_folder_stay_and_are_named(filled):
    foreign = filled.path / "notes.txt"
    foreign.write_text("x")
    assert remove_cache_folder(filled.path) == [foreign]
    assert list(filled.path.iterdir()) == [foreign]


def test_a_kill_before_any_removal_leaves_a_folder_that_can_be_removed_again(
    filled, root, tmp_path
):
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    deaths = 0
    for _ in killed_before_each_write(lambda: remove_cache_folder(filled.path)):
        deaths += 1
        if (filled.path / "recipe.json").exists():
            assert filled.verify() == []
        else:
            assert list(filled.path.iterdir()) == []
        remove_cache_folder(filled.path)
        assert not filled.path.exists()
        shutil.rmtree(root)
        shutil.copytree(copy, root)
    assert deaths >= 4


def test_a_folder_that_has_gone_is_a_plain_error(tmp_path):
    with pytest.raises(CacheError, match=r"cannot be written to .* bring the folder back"):
        remove_cache_folder(tmp_path / "gone")


WRITER = """
import sys
from pathlib import Path
import numpy as np
from mmfeat.cache import CacheFolder, FeatureRow

folder = CacheFolder.open(Path(sys.argv[1]), "ct", {"encoder": "mean"})
for number in range(30):
    feature = np.full(7, number, np.float32)
    folder.commit([FeatureRow(f"{name}-{number}", "ab", "s", feature) for name in ("good", "bad")])
    if number % 3 == 0:
        folder.compact()
"""


def test_rows_to_keep_survive_writers_and_compactions_at_the_same_time(root):
    folder = CacheFolder.open(root, "ct", {"encoder": "mean"})
    stale = {(f"bad-{number}", "ab") for number in range(30)}
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(root)])
    seen: set[str] = set()
    while writer.poll() is None:
        drop_rows(folder, stale)
        now = {case for case in folder.index() if case.startswith("good")}
        assert seen <= now
        seen = now
    assert writer.returncode == 0
    drop_rows(folder, stale)
    assert sorted(folder.index()) == sorted(f"good-{number}" for number in range(30))
    assert folder.verify() == []
