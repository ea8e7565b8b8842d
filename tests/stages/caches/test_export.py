import hashlib
import json

import h5py
import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.cache.all_rows import content_sha256
from mmfeat.errors import CacheError
from mmfeat.provenance import fingerprint
from mmfeat.stages.caches.export import export_cache
from mmfeat.tabular import read_embeddings

IDENTITY = {"encoder": "mean", "weights_sha256": "ab" * 32, "recipe": {"spacing_mm": 1.5}}
VECTORS = np.random.default_rng(0).random((3, 4), np.float32)


@pytest.fixture
def folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "cache", "ct", IDENTITY)
    cases = [("b", "1" * 64), ("a", "3" * 64), ("a", "2" * 64)]
    folder.commit(
        [
            FeatureRow(case_id, source, "10 x", vector)
            for (case_id, source), vector in zip(cases, VECTORS, strict=True)
        ]
    )
    return folder.path


def test_rows_are_sorted_and_provenance_says_where_they_come_from(folder, tmp_path):
    report = export_cache(folder, tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz", allow_pickle=False) as archive:
        assert archive["case_id"].tolist() == ["a", "a", "b"]
        assert archive["source_sha256"].tolist() == ["2" * 64, "3" * 64, "1" * 64]
        np.testing.assert_array_equal(archive["feature"], VECTORS[[2, 1, 0]])
        provenance = json.loads(str(archive["provenance"]))
    assert provenance == report.provenance
    assert provenance["recipe"] == IDENTITY
    assert provenance["fingerprint"] == fingerprint(IDENTITY)
    assert provenance["weights_sha256"] == "ab" * 32
    assert provenance["versions"][0]["numpy"] == np.__version__
    assert (provenance["n_cases"], provenance["n_scans"]) == (2, 3)
    assert provenance["embedding_size"] == 4
    assert provenance["content_sha256"] == content_sha256(
        ["a", "a", "b"], ["2" * 64, "3" * 64, "1" * 64], VECTORS[[2, 1, 0]]
    )


def test_the_format_can_be_named_and_becomes_the_ending(folder, tmp_path):
    report = export_cache(folder.parent, tmp_path / "e.v1", file_format="Parquet")
    assert report.file == tmp_path / "e.v1.parquet"
    assert report.file.is_file()
    again = export_cache(folder, report.file, file_format="parquet", overwrite=True)
    assert again.file == report.file


@pytest.mark.parametrize("name", ["e.parquet", "e.csv"])
def test_nothing_is_overwritten_unless_asked_for(folder, tmp_path, name):
    export_cache(folder, tmp_path / name)
    (tmp_path / name).write_text("mine")
    with pytest.raises(CacheError, match=f"{name}: is there already; .*--overwrite"):
        export_cache(folder, tmp_path / name)
    assert (tmp_path / name).read_text() == "mine"
    export_cache(folder, tmp_path / name, overwrite=True)
    assert (tmp_path / name).read_bytes() != b"mine"


def test_the_sidecar_of_a_csv_is_not_overwritten_either(folder, tmp_path):
    sidecar = tmp_path / "e.csv.provenance.json"
    sidecar.write_text("mine")
    with pytest.raises(CacheError, match=r"e\.csv\.provenance\.json: is there already"):
        export_cache(folder, tmp_path / "e.csv")
    assert sorted(file.name for file in tmp_path.glob("e*")) == [sidecar.name]


def test_what_cannot_be_exported_is_said(folder, tmp_path):
    with pytest.raises(CacheError, match=r"ending does not say the format; .* parquet, npz"):
        export_cache(folder, tmp_path / "e.xlsx")
    with pytest.raises(CacheError, match="--format xlsx: there is no such; choose one of parquet"):
        export_cache(folder, tmp_path / "e", file_format="xlsx")
    with pytest.raises(CacheError, match="no such folder"):
        export_cache(tmp_path / "nowhere", tmp_path / "e.npz")
    (tmp_path / "nofolder").touch()
    with pytest.raises(CacheError, match=r"nofolder.*cannot be written"):
        export_cache(folder, tmp_path / "nofolder" / "e.npz")


def test_a_damaged_feature_is_not_exported(folder, tmp_path):
    (shard,) = folder.glob("shard-*.h5")
    content = shard.read_bytes()
    place = content.index(VECTORS[0].tobytes())
    shard.write_bytes(content[:place] + b"\x01" + content[place + 1 :])
    with pytest.raises(CacheError, match="the features of b are damaged"):
        export_cache(folder, tmp_path / "e.npz")
    assert not (tmp_path / "e.npz").exists()


@pytest.fixture
def token_folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "tokens", "ct", {**IDENTITY, "tokens": {"max_tokens": 3}})
    tokens = [np.full((n + 1, 2), n, np.float32) for n in range(3)]
    for case_id, vector, array in zip("bac", VECTORS, tokens, strict=True):
        folder.commit([FeatureRow(case_id, case_id * 64, "10 x", vector, tokens=array)])
    return folder.path, tokens


def test_tokens_go_into_npz_with_offsets_and_a_digest(token_folder, tmp_path):
    folder, tokens = token_folder
    report = export_cache(folder, tmp_path / "e.npz")
    assert not report.tokens_left_out
    with np.load(tmp_path / "e.npz", allow_pickle=False) as archive:
        assert archive["case_id"].tolist() == ["a", "b", "c"]
        assert archive["token_offset"].tolist() == [0, 2, 3, 6]
        assert archive["token_offset"].dtype == np.int64
        stored = archive["token"]
        provenance = json.loads(str(archive["provenance"]))
    np.testing.assert_array_equal(stored, np.concatenate([tokens[1], tokens[0], tokens[2]]))
    assert stored.dtype == np.float32
    assert (provenance["n_tokens"], provenance["token_size"]) == (6, 2)
    total = hashlib.sha256()
    for start, stop in ((0, 2), (2, 3), (3, 6)):
        own = hashlib.sha256(stored[start:stop].tobytes()).digest()
        total.update((stop - start).to_bytes(8, "little") + own)
    assert provenance["tokens_sha256"] == total.hexdigest()
    first = (tmp_path / "e.npz").read_bytes()
    export_cache(folder, tmp_path / "e.npz", overwrite=True)
    assert (tmp_path / "e.npz").read_bytes() == first


@pytest.mark.parametrize("ending", ["parquet", "safetensors", "csv"])
def test_other_formats_leave_the_tokens_out_and_say_so(token_folder, tmp_path, ending):
    report = export_cache(token_folder[0], tmp_path / f"e.{ending}")
    assert report.tokens_left_out
    assert report.to_json()["tokens_left_out"]
    assert "n_tokens" not in report.provenance


def test_an_export_of_vectors_leaves_nothing_out(folder, tmp_path):
    assert not export_cache(folder, tmp_path / "e.csv").tokens_left_out
    export_cache(folder, tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz") as archive:
        assert set(archive) == {"case_id", "source_sha256", "feature", "provenance"}


def test_a_damaged_token_is_not_exported(token_folder, tmp_path):
    shard = sorted(token_folder[0].glob("shard-*.h5"))[0]
    with h5py.File(shard, "r+") as file:
        file["tokens/feature"][-1, -1] += 1
    with pytest.raises(CacheError, match=r"the tokens of \w are damaged"):
        export_cache(token_folder[0], tmp_path / "e.npz")
    assert not (tmp_path / "e.npz").exists()


def test_an_exported_file_with_tokens_is_read_as_its_vectors(token_folder, tmp_path):
    export_cache(token_folder[0], tmp_path / "e.npz")
    embeddings = read_embeddings(tmp_path / "e.npz", "case_id")
    np.testing.assert_array_equal(embeddings.vectors, VECTORS[[1, 0, 2]])
