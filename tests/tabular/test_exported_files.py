"""What is exported is read by plain pandas, NumPy and safetensors, bit for bit."""

import json

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet
from safetensors import safe_open

from mmfeat.errors import FeaturesError
from mmfeat.tabular.embeddings import read_embeddings
from mmfeat.tabular.exported_files import EXPORTERS, ExportedRows, sidecar, write_exported
from mmfeat.tabular.exported_provenance import read_provenance

IDS = ("01", 'a,"b"', "é")
SOURCES = ("f" * 64, "0" * 64, "1" * 64)
PROVENANCE = {"recipe": {"encoder": "mean"}, "n_scans": 3, "note": "é"}


def _awkward(rows=3, width=11):
    """Any float32 there is but NaN and infinity, the smallest and largest, and a negative zero."""
    bits = np.random.default_rng(0).integers(0, 2**32, (rows, width), dtype=np.uint32)
    vectors = bits.view(np.float32)
    vectors[~np.isfinite(vectors)] = np.float32(0.1)
    limits = np.finfo(np.float32)
    vectors[0, :4] = limits.max, limits.smallest_subnormal, -0.0, 16777217
    return vectors


@pytest.fixture
def rows():
    return ExportedRows(IDS, SOURCES, _awkward(), PROVENANCE)


def _same_bits(left, right):
    assert left.dtype == right.dtype == np.float32
    np.testing.assert_array_equal(left.view(np.uint32), right.view(np.uint32))


def test_parquet_is_read_by_pandas(tmp_path, rows):
    file = tmp_path / "e.parquet"
    write_exported(file, rows)
    frame = pd.read_parquet(file)
    assert frame.columns[:3].tolist() == ["case_id", "source_sha256", "feature_00"]
    assert frame["case_id"].tolist() == list(IDS)
    assert frame["source_sha256"].tolist() == list(SOURCES)
    _same_bits(frame.iloc[:, 2:].to_numpy(), rows.vectors)
    assert json.loads(parquet.read_schema(file).metadata[b"mmfeat"]) == PROVENANCE


def test_npz_is_read_by_numpy_without_pickle(tmp_path, rows):
    write_exported(tmp_path / "e.npz", rows)
    with np.load(tmp_path / "e.npz", allow_pickle=False) as archive:
        assert archive["case_id"].tolist() == list(IDS)
        assert archive["source_sha256"].tolist() == list(SOURCES)
        _same_bits(archive["feature"], rows.vectors)
        assert json.loads(str(archive["provenance"])) == PROVENANCE


def test_safetensors_is_read_by_safetensors(tmp_path, rows):
    write_exported(tmp_path / "e.safetensors", rows)
    with safe_open(tmp_path / "e.safetensors", framework="np") as opened:
        assert list(opened.keys()) == ["feature"]
        _same_bits(opened.get_tensor("feature"), rows.vectors)
        told = json.loads(opened.metadata()["mmfeat"])
    assert told["case_id"] == list(IDS)
    assert told["source_sha256"] == list(SOURCES)
    assert told["provenance"] == PROVENANCE


def test_csv_is_read_by_pandas(tmp_path, rows):
    write_exported(tmp_path / "e.csv", rows)
    texts = {"case_id": str, "source_sha256": str}
    frame = pd.read_csv(tmp_path / "e.csv", dtype=texts)
    assert frame["case_id"].tolist() == list(IDS)
    assert frame["source_sha256"].tolist() == list(SOURCES)
    _same_bits(frame.iloc[:, 2:].to_numpy().astype(np.float32), rows.vectors)
    assert json.loads(sidecar(tmp_path / "e.csv").read_text()) == PROVENANCE


@pytest.mark.parametrize("ending", EXPORTERS)
def test_the_same_rows_give_the_same_bytes_that_others_may_read(tmp_path, rows, ending):
    (tmp_path / "plain").touch()
    for name in ("one", "two"):
        write_exported(tmp_path / f"{name}{ending}", rows)
    one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    assert one.read_bytes() == two.read_bytes()
    assert one.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("ending", EXPORTERS)
def test_provenance_is_read_back(tmp_path, rows, ending):
    write_exported(tmp_path / f"e{ending}", rows)
    assert read_provenance(tmp_path / f"e{ending}") == PROVENANCE


@pytest.mark.parametrize("ending", [".parquet", ".npz", ".csv"])
def test_settings_can_name_the_file(tmp_path, rows, ending):
    write_exported(tmp_path / f"e{ending}", rows)
    read = read_embeddings(tmp_path / f"e{ending}", "case_id")
    assert read.ids == IDS
    _same_bits(read.vectors, rows.vectors)


def test_more_names_than_safetensors_has_room_for_are_refused(tmp_path):
    names = ("x" * 1_000_000,) * 91
    rows = ExportedRows(names, ("",) * 91, np.ones((91, 1), np.float32), {})
    with pytest.raises(FeaturesError, match="no room for the names of 91 scans; choose Parquet"):
        write_exported(tmp_path / "e.safetensors", rows)
    assert list(tmp_path.iterdir()) == []
