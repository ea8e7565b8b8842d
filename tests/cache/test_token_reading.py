"""Tokens come back bit for bit in any order, from any shards, and never damaged."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache import token_reading as reading
from mmfeat.cache.shared_disk import ShardGoneError
from mmfeat.cache.token_reading import check_tokens, read_tokens, stored_tokens
from mmfeat.errors import CacheError

from .conftest import TOKEN_IDENTITY, TOKEN_SIZE, make_rows, make_token_rows


@pytest.fixture
def shards(token_folder):
    """Shards of one, three and two rows, and the tokens of each row."""
    rows = [make_token_rows(0), make_token_rows(1, 2, 3), make_token_rows(4, 5)]
    paths = [token_folder.commit(part).name for part in rows]
    by_name = {shard.path.name: shard for shard in token_folder.shards()}
    return [by_name[name] for name in paths], [[row.tokens for row in part] for part in rows]


def _changed(path):
    """Change the last number of a shard's tokens."""
    with h5py.File(path, "r+") as file:
        file["tokens/feature"][-1, -1] += 1


@given(
    st.lists(
        st.one_of(st.none(), st.sampled_from([(0, 0), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]))
    )
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the shards are only read
)
def test_rows_come_in_the_order_asked_for_whatever_it_is(shards, places):
    indexes, stored = shards
    found = read_tokens(indexes, places)
    wanted = [np.empty((0, TOKEN_SIZE)) if p is None else stored[p[0]][p[1]] for p in places]
    assert found.counts.tolist() == [len(tokens) for tokens in wanted]
    np.testing.assert_array_equal(found.tokens, np.concatenate([np.empty((0, 3)), *wanted]))


@pytest.mark.parametrize("most_bytes", [1, 64, 10_000])
def test_the_size_of_what_is_read_at_once_changes_nothing(shards, monkeypatch, most_bytes):
    monkeypatch.setattr(reading, "_RUN_BYTES", most_bytes)
    indexes, stored = shards
    places = [(1, 0), (1, 1), (1, 2), (0, 0), (2, 1)]
    expected = np.concatenate([stored[number][row] for number, row in places])
    np.testing.assert_array_equal(read_tokens(indexes, places).tokens, expected)
    rows = stored_tokens(indexes, places)
    pieces = list(rows.pieces())
    np.testing.assert_array_equal(np.concatenate(pieces), expected)
    assert len(pieces) == {1: 5, 64: 4, 10_000: 3}[most_bytes]
    assert rows.counts.tolist() == [len(stored[number][row]) for number, row in places]


def test_only_what_is_damaged_is_refused_and_the_case_named(shards):
    indexes, stored = shards
    _changed(indexes[1].path)
    np.testing.assert_array_equal(read_tokens(indexes, [(1, 1)]).tokens, stored[1][1])
    with pytest.raises(CacheError, match="the tokens of case-0003 are damaged; delete this file"):
        read_tokens(indexes, [(0, 0), (1, 1), (1, 2)])
    with pytest.raises(CacheError, match="the tokens of case-0003 are damaged"):
        list(stored_tokens(indexes, [(1, 2)]).pieces())
    with pytest.raises(CacheError, match="the tokens of case-0003 are damaged"):
        check_tokens(indexes[1])
    check_tokens(indexes[0])


def test_a_shard_that_ends_within_its_tokens_is_torn(shards):
    indexes, _ = shards
    path = indexes[2].path
    path.write_bytes(path.read_bytes()[: indexes[2].tokens.first_byte + 5])
    with pytest.raises(CacheError, match=r"is torn or damaged \(it ends within its tokens\)"):
        read_tokens(indexes, [(2, 0)])


def test_a_shard_that_has_gone_is_told_apart_from_a_torn_one(shards):
    indexes, _ = shards
    indexes[0].path.unlink()
    for read in (
        lambda: read_tokens(indexes, [(0, 0)]),
        lambda: list(stored_tokens(indexes, [(0, 0)]).pieces()),
        lambda: check_tokens(indexes[0]),
    ):
        with pytest.raises(ShardGoneError, match=r"shard-\w+\.h5"):
            read()


def test_tokens_that_are_not_finite_are_found(token_folder):
    (row,) = make_token_rows(1)
    row.tokens[0, 0] = np.inf
    with pytest.raises(CacheError, match="features of case-0001 are NaN or infinite; not stored"):
        token_folder.commit([row])
    row.tokens[0, 0] = 1
    path = token_folder.commit([row])
    strange = replace(token_folder.shards()[0])
    row.tokens[0, 0] = np.nan
    with h5py.File(path, "r+") as file:
        file["tokens/feature"][:] = row.tokens
    strange.tokens.digests[0] = reading.token_digest(row.tokens)
    with pytest.raises(CacheError, match=r"torn or damaged \(some tokens are not finite\)"):
        check_tokens(strange)


def test_shards_without_tokens_have_none_to_copy_or_check_and_none_to_read(folder):
    folder.commit(make_rows(1))
    shards = folder.shards()
    assert stored_tokens(shards, [(0, 0)]) is None
    assert stored_tokens([], []) is None
    check_tokens(shards[0])
    with pytest.raises(ValueError, match="has no tokens"):
        read_tokens(shards, [(0, 0)])


@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=12), data=st.data())
@settings(max_examples=20, deadline=None)
def test_any_numbers_of_tokens_come_back_from_any_shards(tmp_path_factory, counts, data):
    folder = CacheFolder.open(tmp_path_factory.mktemp("cache"), "ct", TOKEN_IDENTITY)
    tokens = [
        np.random.default_rng([number, count]).random((count, 2), np.float32)
        for number, count in enumerate(counts)
    ]
    rows = [
        FeatureRow(f"{number:02d}", "ab", "s", np.ones(2, np.float32), tokens=array)
        for number, array in enumerate(tokens)
    ]
    cuts = data.draw(st.sets(st.integers(1, len(rows)), max_size=3))
    for part in np.split(np.arange(len(rows)), sorted(cuts)):
        if len(part):
            folder.commit([rows[row] for row in part])
    order = data.draw(st.permutations(range(len(rows))))
    for _ in range(2):
        found = folder.read_tokens([(f"{row:02d}", None) for row in order])
        assert found.counts.tolist() == [counts[row] for row in order]
        np.testing.assert_array_equal(found.tokens, np.concatenate([tokens[row] for row in order]))
        folder.compact()
    assert folder.verify() == []
