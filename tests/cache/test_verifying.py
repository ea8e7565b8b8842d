"""Whatever is wrong with a cache folder is found, and said with what to do about it."""

import os
import subprocess
import sys

import h5py
import pytest

from mmfeat.cache import CacheFolder
from mmfeat.cache.verifying import verify_folder
from mmfeat.provenance import process_table

from .conftest import IDENTITY, make_rows


def _verified(folder, told=None):
    return verify_folder(folder.path, (told if told is not None else []).append)


def test_a_sound_folder_has_no_problems_and_every_byte_is_read(folder):
    paths = [folder.commit(make_rows(1, 2)), folder.commit(make_rows(3))]
    told = []
    found = _verified(folder, told)
    assert (found.problems, found.leftovers) == ((), ())
    assert (found.n_shards, found.n_rows) == (2, 3)
    assert sorted(told) == sorted(path.stat().st_size for path in paths)
    assert found.n_bytes == sum(told)


def test_an_empty_folder_is_sound(folder):
    found = _verified(folder)
    assert (found.problems, found.n_rows, found.n_bytes) == ((), 0, 0)


def test_each_damaged_shard_is_a_problem_of_its_own(folder):
    torn, flipped, sound = (folder.commit(make_rows(number)) for number in (1, 2, 3))
    torn.write_bytes(torn.read_bytes()[:-40])
    with h5py.File(flipped, "r+") as file:
        file["feature"][0, 0] += 1
    found = _verified(folder)
    assert len(found.problems) == 2
    text = "\n".join(found.problems)
    assert f"{torn}: is torn or damaged" in text
    assert f"{flipped}: the features of case-0002 are damaged" in text
    assert str(sound) not in text
    assert (found.n_shards, found.n_rows) == (3, 1)


def test_a_renamed_folder_is_a_problem(folder):
    folder.commit(make_rows(1))
    renamed = folder.path.with_name("machine-a")
    folder.path.rename(renamed)
    (problem,) = verify_folder(renamed, [].append).problems
    assert (
        f"its recipe has the fingerprint {folder.path.name}, so no extraction finds it" in problem
    )


@pytest.mark.parametrize("content", [None, "{half"])
def test_a_lost_or_torn_recipe_is_a_problem(folder, content):
    folder.commit(make_rows(1))
    (folder.path / "recipe.json").unlink()
    if content is not None:
        (folder.path / "recipe.json").write_text(content)
    (problem,) = _verified(folder).problems
    assert "recipe.json: cannot be read" in problem


def test_a_shard_of_another_recipe_is_a_problem(folder, root):
    other = CacheFolder.open(root, "ct", {**IDENTITY, "encoder": "median"})
    path = other.commit(make_rows(1))
    path.rename(folder.path / path.name)
    (problem,) = _verified(folder).problems
    assert (
        'belongs to another recipe: encoder ("median" there, "mean" here); move it out' in problem
    )


def test_failures_that_cannot_be_read_are_a_problem(folder):
    (folder.path / "failures.csv").write_text("a,b\n")
    (problem,) = _verified(folder).problems
    assert "failures.csv: not a list of failures" in problem


def test_leftovers_are_named_but_are_no_problem(folder):
    folder.commit(make_rows(1))
    folder.record_failures([])
    folder.record_run({})
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = folder.path / f".shard-a.{process.pid}@{process_table()}-0123abcd.partial.h5"
    alive = folder.path / f".shard-b.{os.getpid()}@{process_table()}-0123abcd.partial.h5"
    foreign = folder.path / "notes.txt"
    for file in (dead, alive, foreign):
        file.write_text("x")
    found = _verified(folder)
    assert found.problems == ()
    assert found.leftovers == (
        f"{dead}: left by a process that was killed; the next `mmfeat extract` removes it",
        f"{foreign}: is not a file of mmfeat; move it out of the cache folder",
    )
