"""A folder with tokens keeps them with their vectors, through everything that is done to shards."""

import errno
from dataclasses import replace

import h5py
import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache import shard_writing as writing
from mmfeat.cache.removing import drop_rows
from mmfeat.cache.shared_disk import ShardGoneError
from mmfeat.cache.wanted_rows import read_wanted, read_wanted_tokens
from mmfeat.errors import CacheError

from .conftest import TOKEN_IDENTITY, TOKEN_SIZE, make_rows, make_token_rows
from .dying import killed_before_each_write


def _same(folder, rows):
    wanted = [(row.case_id, row.source_sha256) for row in rows]
    found = folder.read_tokens(wanted)
    np.testing.assert_array_equal(found.tokens, np.concatenate([row.tokens for row in rows]))
    features, there = folder.read(wanted)
    assert there.all()
    np.testing.assert_array_equal(features, [row.feature for row in rows])
    assert folder.verify() == []


def test_cases_are_found_by_their_source_and_missing_ones_have_no_tokens(token_folder):
    old, new = make_token_rows(1)[0], make_token_rows(1, source="version 2")[0]
    token_folder.commit([old, *make_token_rows(2)])
    token_folder.commit([new])
    shards = token_folder.shards()
    wanted = [("case-0001", new.source_sha256), ("case-0009", None), ("case-0002", None)]
    found = read_wanted_tokens(shards, wanted)
    assert found.counts.tolist() == [2, 0, 3]
    np.testing.assert_array_equal(found.tokens[:2], new.tokens)
    assert read_wanted(shards, wanted)[1].tolist() == [True, False, True]
    with pytest.raises(CacheError, match="has features of 2 versions of its scan"):
        read_wanted_tokens(shards, [("case-0001", None)])


def test_an_empty_folder_finds_no_tokens(token_folder):
    found = token_folder.read_tokens([("case-0001", None)])
    assert (found.tokens.shape, found.counts.tolist()) == ((0, 0), [0])


def test_a_folder_of_vectors_says_how_to_get_tokens(folder):
    folder.commit(make_rows(1))
    with pytest.raises(CacheError, match="holds vectors and no tokens; set `features: tokens`"):
        folder.read_tokens([("case-0001", None)])


def test_rows_that_the_recipe_does_not_fit_are_a_mistake(folder, token_folder):
    with pytest.raises(ValueError, match="rows must have tokens where the recipe has `tokens`"):
        folder.commit(make_token_rows(1))
    with pytest.raises(ValueError, match="rows must have tokens where the recipe has `tokens`"):
        token_folder.commit([*make_token_rows(1), *make_rows(2)])
    assert token_folder.shards() == []


def test_the_same_rows_compact_to_the_same_bytes_however_they_came(tmp_path):
    rows = make_token_rows(*range(10))
    compacted = []
    for number, cuts in enumerate([[10], [3, 7], [1, 2, 3, 4, 5, 6]]):
        folder = CacheFolder.open(tmp_path / str(number), "ct", TOKEN_IDENTITY)
        order = np.random.default_rng(number).permutation(10)
        for part in np.split(order, cuts):
            if len(part):
                folder.commit([rows[row] for row in part])
        path = folder.compact()
        compacted.append((path.name if number else "", path.read_bytes()))
        _same(folder, rows)
    assert len({content for _, content in compacted}) == 1
    assert compacted[1] == compacted[2]


def test_a_duplicate_with_other_tokens_is_refused_everywhere(token_folder):
    (row,) = make_token_rows(1)
    token_folder.commit([row])
    token_folder.commit([replace(row, tokens=row.tokens + 1)])
    wanted = [("case-0001", None)]
    for operation in (
        token_folder.index,
        token_folder.compact,
        lambda: token_folder.read(wanted),
        lambda: token_folder.read_tokens(wanted),
    ):
        with pytest.raises(CacheError, match="case `case-0001` has another feature here than in"):
            operation()


def test_compaction_refuses_a_flipped_bit_and_leaves_everything(token_folder):
    token_folder.commit(make_token_rows(2))
    path = token_folder.commit(make_token_rows(1))
    with h5py.File(path) as file:
        first_byte = file["tokens/feature"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[first_byte + 1] ^= 1
    path.write_bytes(content)
    before = sorted(token_folder.path.iterdir())
    with pytest.raises(CacheError, match=f"{path}: the tokens of case-0001 are damaged"):
        token_folder.compact()
    assert sorted(token_folder.path.iterdir()) == before
    (problem,) = token_folder.verify()
    assert f"{path}: the tokens of case-0001 are damaged" in problem


def test_rows_that_stay_keep_their_tokens_when_others_are_removed(token_folder):
    rows = make_token_rows(1, 2, 3, 4)
    token_folder.commit(rows)
    drop_rows(token_folder, {("case-0002", rows[1].source_sha256)})
    assert "case-0002" not in token_folder.index()
    _same(token_folder, [rows[0], *rows[2:]])


def test_a_shard_that_goes_while_its_tokens_are_copied_is_looked_for_again(
    token_folder, monkeypatch
):
    """Another process compacts just then: the copy begins anew, and leaves no half of a file."""
    rows = make_token_rows(1, 2, 3)
    for row in rows:
        token_folder.commit([row])
    again = CacheFolder(token_folder.path, TOKEN_IDENTITY)
    write, n_writes = writing.write_tokens, []

    def compacted_meanwhile(file, tokens):
        n_writes.append(1)
        if len(n_writes) == 1:
            again.compact()
        write(file, tokens)

    monkeypatch.setattr(writing, "write_tokens", compacted_meanwhile)
    token_folder.compact()
    assert len(n_writes) == 2  # of both processes: the first copy found its sources gone
    _same(token_folder, rows)
    assert len(list(token_folder.path.glob("*.h5"))) == 1
    assert not list(token_folder.path.glob(".*.partial*"))


def test_a_source_that_cannot_be_read_is_not_taken_for_a_disk_that_refuses(
    token_folder, monkeypatch
):
    token_folder.commit(make_token_rows(1))
    token_folder.commit(make_token_rows(2))

    def gone(file, tokens):
        raise ShardGoneError("shard-x.h5")

    monkeypatch.setattr(writing, "write_tokens", gone)
    with pytest.raises(CacheError, match="shards keep vanishing while they are read"):
        token_folder.compact()

    def full(file, tokens):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "write_tokens", full)
    with pytest.raises(CacheError, match=r"cannot be written to .* make room there"):
        token_folder.compact()
    assert len(token_folder.shards()) == 2


def test_a_kill_before_any_write_of_a_compaction_loses_no_token(tmp_path):
    rows = make_token_rows(*range(6))

    def fresh(number):
        folder = CacheFolder.open(tmp_path / str(number), "ct", TOKEN_IDENTITY)
        for start in range(0, 6, 2):
            folder.commit(rows[start : start + 2])
        return folder

    folders = [fresh(0)]
    for number in killed_before_each_write(lambda: folders[-1].compact()):
        _same(folders[-1], rows)
        folders.append(fresh(number))
    assert len(folders) > 4
    _same(folders[-1], rows)
    assert len(folders[-1].shards()) == 1


def test_tokens_of_a_large_folder_are_copied_in_little_memory(tmp_path):
    """48 MB of tokens in three shards become one; a piece of 16 MiB is in memory at a time."""
    import tracemalloc

    folder = CacheFolder.open(tmp_path, "ct", TOKEN_IDENTITY)
    for shard in range(3):
        array = np.full((32, 4096), shard, np.float32)
        folder.commit(
            [
                FeatureRow(f"{n:02d}-{shard}", "ab", "s", np.ones(2, np.float32), tokens=array)
                for n in range(32)
            ]
        )
    tracemalloc.start()
    folder.compact()
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 3 * 16 * 2**20
    assert folder.read_tokens([("07-2", None)]).tokens.mean() == 2
    assert TOKEN_SIZE != 4096  # the recipe's number is for people; the shards say what is there
