"""A shard is read whole or refused."""

import hashlib

import h5py
import numpy as np
import pytest

from mmfeat.cache.shard import checksum, read_features, read_index, row_digests
from mmfeat.cache.shard_writing import write_shard
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json

RECIPE = canonical_json({"encoder": "mean", "weights_sha256": "ab" * 32, "recipe": {"v": 1}})
KEYS = [("a", "11", "s", "{}"), ("b", "22", "t", ""), ("çé", "33", "", '{"kernel":"lung"}')]
FEATURES = np.arange(12, dtype=np.float32).reshape(3, 4)
VERSIONS = [{"numpy": "2.0"}]


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "shard-1.h5"
    write_shard(path, KEYS, FEATURES, recipe=RECIPE, versions=VERSIONS)
    return path


def _read_all(path):
    index = read_index(path, RECIPE)
    out = np.full((3, 4), -1, np.float32)
    read_features(path, np.arange(3), out, np.array([2, 0, 1]))
    return index, out


def test_what_was_written_is_read(shard):
    index, out = _read_all(shard)
    assert index.keys == KEYS
    assert index.width == 4
    assert index.versions == VERSIONS
    assert index.digests == row_digests(FEATURES)
    np.testing.assert_array_equal(out, FEATURES[[1, 2, 0]])


def test_the_layout_is_the_documented_one_and_plain_h5py_reads_it(shard):
    with h5py.File(shard) as file:
        texts = {"case_id", "source_sha256", "source_stat", "quality"}
        assert set(file) == texts | {"feature_sha256", "feature"}
        assert file["quality"].asstr()[:].tolist() == ["{}", "", '{"kernel":"lung"}']
        assert file["feature"].dtype == np.dtype("<f4")
        assert file["feature"].chunks is None
        assert file["feature"].compression is None
        assert file["case_id"].asstr()[:].tolist() == ["a", "b", "çé"]
        assert file.attrs["encoder"] == b"mean"
        assert file.attrs["recipe"].decode() == RECIPE
        assert file.attrs["checksum"].decode() == checksum(KEYS, row_digests(FEATURES))
        offset = file["feature"].id.get_offset()
    raw = np.memmap(shard, "<f4", "r", offset, (3, 4))
    np.testing.assert_array_equal(raw, FEATURES)


def test_a_shard_cut_at_any_byte_is_refused(shard, tmp_path):
    content = shard.read_bytes()
    lengths = {*range(0, len(content), 97), *range(len(content) - 64, len(content)), 1, 7, 8}
    torn = tmp_path / "torn.h5"
    for length in sorted(lengths):
        torn.write_bytes(content[:length])
        with pytest.raises(CacheError, match=r"torn.h5: is torn or damaged .* `mmfeat extract`"):
            read_index(torn, RECIPE)
        with pytest.raises(CacheError, match=r"torn.h5: is torn or damaged"):
            read_features(torn, np.arange(3), np.empty((3, 4), np.float32), np.arange(3))


def test_a_lost_page_is_refused_or_touches_nothing_that_the_index_says(shard):
    content = shard.read_bytes()
    with h5py.File(shard) as file:
        features_at = file["feature"].id.get_offset()
    refused = 0
    for start in range(0, features_at, 512):
        shard.write_bytes(content[:start] + bytes(512) + content[start + 512 :])
        try:
            index = read_index(shard, RECIPE)
        except CacheError:
            refused += 1
        else:
            assert (index.keys, index.digests) == (KEYS, row_digests(FEATURES))
    assert refused > 3


def test_a_file_that_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "shard-x.h5").write_text("hello")
    with pytest.raises(CacheError, match=r"shard-x.h5: is torn or damaged"):
        read_index(tmp_path / "shard-x.h5", RECIPE)


def test_a_foreign_hdf5_file_is_refused(tmp_path):
    with h5py.File(tmp_path / "shard-x.h5", "w") as file:
        file["feature"] = FEATURES
    with pytest.raises(CacheError, match=r"shard-x.h5: is not a shard of mmfeat; move it"):
        read_index(tmp_path / "shard-x.h5", RECIPE)


def test_a_later_format_is_refused_by_its_number(shard):
    with h5py.File(shard, "r+") as file:
        file.attrs["format_version"] = 7
    with pytest.raises(CacheError, match="has format version 7, and this mmfeat reads 1 and 2"):
        read_index(shard, RECIPE)


@pytest.mark.parametrize(
    "name", ["case_id", "source_sha256", "quality", "feature_sha256", "feature"]
)
def test_a_shard_without_one_of_its_parts_is_refused(shard, name):
    with h5py.File(shard, "r+") as file:
        del file[name]
    with pytest.raises(CacheError, match="is torn or damaged"):
        read_index(shard, RECIPE)


def test_a_shard_with_an_id_changed_by_hand_is_refused(shard):
    with h5py.File(shard, "r+") as file:
        file["case_id"][0] = "b"
    with pytest.raises(CacheError, match="its parts do not fit together"):
        read_index(shard, RECIPE)


def test_a_shard_that_has_gone_is_told_apart_from_a_torn_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        read_index(tmp_path / "gone.h5", RECIPE)


def test_an_id_that_hdf5_cannot_hold_is_not_stored_in_silence(tmp_path):
    keys = [("a\0", "11", "s", "")]
    with pytest.raises(CacheError, match=r"did not give back|do not fit together"):
        write_shard(tmp_path / "s.h5", keys, FEATURES[:1], recipe=RECIPE, versions=VERSIONS)
    assert list(tmp_path.iterdir()) == []


def test_a_shard_without_tokens_is_what_it_was_before_there_were_any(tmp_path):
    """Written here step by step in the first layout; it is read, and still written to the byte."""
    old, now = tmp_path / "shard-old.h5", tmp_path / "shard-now.h5"
    columns = list(zip(*KEYS, strict=True))
    digests = [hashlib.sha256(row.tobytes()).digest() for row in FEATURES]
    said = hashlib.sha256()
    for column in columns:
        said.update("\0".join(column).encode())
    said.update(b"".join(digests))
    with old.open("w+b") as raw, h5py.File(raw, "w", libver=("v110", "v110")) as file:
        file.attrs["format_version"] = 1
        for name, text in {
            "format": "mmfeat feature shard",
            "recipe": RECIPE,
            "encoder": "mean",
            "weights_sha256": "ab" * 32,
            "dtype": "float32",
            "versions": canonical_json(VERSIONS),
            "checksum": said.hexdigest(),
        }.items():
            file.attrs[name] = np.bytes_(text.encode())
        names = ("case_id", "source_sha256", "source_stat", "quality")
        for name, column in zip(names, columns, strict=True):
            texts = [text.encode() for text in column]
            dtype = h5py.string_dtype("utf-8", max(map(len, texts)))
            file.create_dataset(name, data=np.array(texts, dtype), track_times=False)
        table = np.frombuffer(b"".join(digests), np.uint8).reshape(3, 32)
        file.create_dataset("feature_sha256", data=table, track_times=False)
        file.create_dataset("feature", data=FEATURES, dtype="<f4", track_times=False)
    index, found = _read_all(old)
    assert (index.keys, index.digests, index.tokens) == (KEYS, digests, None)
    np.testing.assert_array_equal(found, FEATURES[[1, 2, 0]])
    write_shard(now, KEYS, FEATURES, recipe=RECIPE, versions=VERSIONS)
    assert now.read_bytes() == old.read_bytes()
