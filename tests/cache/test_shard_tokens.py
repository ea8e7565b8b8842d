"""A shard with tokens is laid out as documented, and refused whatever of it is torn."""

import h5py
import numpy as np
import pytest

from mmfeat.cache.shard import checksum, read_index, row_digests
from mmfeat.cache.shard_tokens import write_tokens
from mmfeat.cache.shard_writing import write_shard
from mmfeat.cache.token_reading import check_tokens, read_tokens
from mmfeat.cache.token_rows import TokenRows
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json

RECIPE = canonical_json({"encoder": "mean", "tokens": {"max_tokens": 3}})
KEYS = [("a", "11", "s", "{}"), ("b", "22", "t", ""), ("çé", "33", "", '{"kernel":"lung"}')]
FEATURES = np.arange(12, dtype=np.float32).reshape(3, 4)
TOKENS = np.random.default_rng(0).random((6, 5), np.float32)
OFFSETS = [0, 2, 3, 6]
ROWS = TokenRows.of_arrays(np.split(TOKENS, [2, 3]))


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "shard-1.h5"
    write_shard(path, KEYS, FEATURES, recipe=RECIPE, versions=[{"numpy": "2.0"}], tokens=ROWS)
    return path


def test_the_index_says_where_the_tokens_of_each_row_lie(shard):
    index = read_index(shard, RECIPE)
    assert index.tokens.offsets.tolist() == OFFSETS
    assert [index.tokens.n_tokens(row) for row in range(3)] == [2, 1, 3]
    assert (index.tokens.width, index.tokens.n_bytes) == (5, 6 * 5 * 4)
    assert index.digests == row_digests(FEATURES, ROWS)
    assert index.feature_digest(1) == row_digests(FEATURES)[1]


def test_the_layout_is_the_documented_one_and_plain_h5py_reads_it(shard):
    with h5py.File(shard) as file:
        assert int(file.attrs["format_version"]) == 2
        assert file["tokens/feature"].dtype == np.dtype("<f4")
        assert file["tokens/feature"].chunks is None
        assert file["tokens/feature"].compression is None
        assert file["tokens/offset"].dtype == np.dtype("<i8")
        assert file["tokens/offset"][:].tolist() == OFFSETS
        assert file["tokens/sha256"].shape == (3, 32)
        np.testing.assert_array_equal(file["tokens/feature"][:], TOKENS)
        wanted = checksum(KEYS, row_digests(FEATURES, ROWS), ROWS.offsets)
        assert file.attrs["checksum"].decode() == wanted
        first_byte = file["tokens/feature"].id.get_offset()
    np.testing.assert_array_equal(np.memmap(shard, "<f4", "r", first_byte, (6, 5)), TOKENS)


def test_a_shard_cut_at_any_byte_or_with_a_lost_page_is_refused(shard, tmp_path):
    content = shard.read_bytes()
    torn = tmp_path / "torn.h5"
    refused = []
    for start in range(0, len(content), 61):
        for damaged in (content[:start], content[:start] + bytes(61) + content[start + 61 :]):
            if damaged == content:
                continue
            torn.write_bytes(damaged)
            try:
                index = read_index(torn, RECIPE)
                check_tokens(index)
            except CacheError as error:
                refused.append(str(error))
            else:  # some bytes of an HDF5 file are not in use
                np.testing.assert_array_equal(read_tokens([index], [(0, 2)]).tokens, TOKENS[3:])
                assert index.tokens.offsets.tolist() == OFFSETS
    assert len(refused) > len(content) / 61
    assert all("delete this file and run `mmfeat extract`" in message for message in refused)


@pytest.mark.parametrize("name", ["tokens", "tokens/feature", "tokens/offset", "tokens/sha256"])
def test_a_shard_without_one_of_its_parts_is_refused(shard, name):
    with h5py.File(shard, "r+") as file:
        del file[name]
    with pytest.raises(CacheError, match="is torn or damaged"):
        read_index(shard, RECIPE)


@pytest.mark.parametrize("offsets", [[0, 1, 3, 6], [0, 2, 2, 6], [0, 2, 3, 5], [1, 2, 3, 6]])
def test_offsets_changed_by_hand_are_refused(shard, offsets):
    with h5py.File(shard, "r+") as file:
        file["tokens/offset"][:] = offsets
    with pytest.raises(CacheError, match="do not fit together"):
        read_index(shard, RECIPE)


def test_a_shard_whose_format_is_not_that_of_its_recipe_is_refused(shard):
    with h5py.File(shard, "r+") as file:
        file.attrs["format_version"] = 1
    with pytest.raises(CacheError, match="its format is not that of its recipe"):
        read_index(shard, RECIPE)


def test_other_pieces_than_promised_are_not_stored_in_silence(tmp_path):
    short = TokenRows(ROWS.counts, ROWS.digests, 5, lambda: [TOKENS[:4]])
    with (
        h5py.File(tmp_path / "a.h5", "w") as file,
        pytest.raises(ValueError, match="6 tokens were promised, and 4 came"),
    ):
        write_tokens(file, short)
    other = TokenRows(ROWS.counts, ROWS.digests, 5, lambda: [TOKENS + 1])
    with pytest.raises(CacheError, match="the disk did not give back the shard as it was written"):
        write_shard(tmp_path / "b.h5", KEYS, FEATURES, recipe=RECIPE, versions=[], tokens=other)
    assert not (tmp_path / "b.h5").exists()
