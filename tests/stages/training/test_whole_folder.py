import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from mmfeat.provenance import process_table
from mmfeat.stages.training.whole_folder import (
    passing_folder,
    remove_abandoned_copies,
    remove_abandoned_folders,
    whole_folder,
)


def _fail_half_way(place):
    with whole_folder(place) as partial:
        partial.mkdir()
        (partial / "half.txt").write_text("half")
        raise RuntimeError("power")


def test_a_finished_folder_takes_the_place_of_the_old_one(tmp_path):
    place = tmp_path / "made" / "here"
    for text in ("old", "new"):
        with whole_folder(place) as partial:
            partial.mkdir()
            (partial / f"{text}.txt").write_text(text)
    assert [file.name for file in place.iterdir()] == ["new.txt"]
    assert [file.name for file in place.parent.iterdir()] == ["here"]


def test_what_was_there_stays_when_the_work_fails(tmp_path):
    place = tmp_path / "here"
    place.mkdir()
    (place / "old.txt").write_text("old")
    with pytest.raises(RuntimeError, match="power"):
        _fail_half_way(place)
    assert [file.name for file in tmp_path.rglob("*.txt")] == ["old.txt"]


def test_a_passing_folder_is_gone_after_the_block_however_it_ends(tmp_path):
    with passing_folder(tmp_path, "arrays") as folder:
        folder.mkdir()
        (folder / "a.npy").touch()
    assert not list(tmp_path.iterdir())
    with passing_folder(tmp_path, "arrays"):
        pass  # nothing was ever put there


def test_only_copies_of_one_folder_that_killed_processes_left_are_removed(tmp_path):
    gone = f"{2**22 + 1}@{process_table()}-0123abcd.partial"
    theirs = [tmp_path / f".model.{gone}", tmp_path / f".model.old.{gone}"]
    kept = [
        tmp_path / f".other.{gone}",
        tmp_path / f".model.{os.getpid()}@{process_table()}-0123abcd.partial",
    ]
    for folder in (*theirs, *kept):
        folder.mkdir()
    remove_abandoned_copies(tmp_path / "model")
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    remove_abandoned_copies(tmp_path / "nowhere" / "model")


def test_only_folders_of_processes_that_are_gone_are_removed(tmp_path):
    gone = 2**22 + 1  # above the largest process number of Linux
    ours = tmp_path / f".arrays.{os.getpid()}@{process_table()}-0123abcd.partial"
    theirs = tmp_path / "heads" / f".fold0-seed0.{gone}@{process_table()}-0123abcd.partial"
    for folder in (ours, theirs):
        folder.mkdir(parents=True)
    remove_abandoned_folders(tmp_path)
    assert ours.exists()
    assert not theirs.exists()
    remove_abandoned_folders(tmp_path / "not-there")


def test_of_processes_that_put_one_folder_in_place_the_last_one_wins(tmp_path):
    place = tmp_path / "here"
    with whole_folder(place) as partial:
        partial.mkdir()
        (partial / "mine.txt").touch()
        with whole_folder(place) as others:  # as another process would, meanwhile
            others.mkdir()
            (others / "theirs.txt").touch()
    assert [file.name for file in place.iterdir()] == ["mine.txt"]
    assert [file.name for file in tmp_path.iterdir()] == ["here"]


def test_folders_that_are_put_in_place_at_the_same_time_are_always_whole(tmp_path):
    place = tmp_path / "here"

    def put(number):
        for _ in range(40):
            with whole_folder(place) as partial:
                partial.mkdir()
                for name in ("a", "b"):
                    (partial / name).write_text(str(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(4)))
    assert {file.name for file in place.iterdir()} == {"a", "b"}
    assert (place / "a").read_text() == (place / "b").read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["here"]
