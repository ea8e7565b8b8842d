import numpy as np
import pandas as pd
import pytest

from mmfeat.errors import FeaturesError
from mmfeat.tabular.embedding_tables import read_embedding_table

VECTORS = np.array([[1, 2], [3, 4]], np.float32)
NUMBERS = {"f0": VECTORS[:, 0], "f1": VECTORS[:, 1]}


@pytest.mark.parametrize("name", ["e.csv", "e.parquet"])
def test_the_first_name_that_is_there_names_the_rows_and_digests_are_kept(tmp_path, name):
    frame = pd.DataFrame({"uid": ["01", "01"], "source_sha256": ["1", "2"], **NUMBERS})
    frame.to_csv(tmp_path / name, index=False) if name == "e.csv" else frame.to_parquet(
        tmp_path / name
    )
    read = read_embedding_table(tmp_path / name, ["case_id", "uid"])
    assert read.ids == ("01", "01")
    assert read.sources == ("1", "2")
    np.testing.assert_array_equal(read.vectors, VECTORS)


def test_a_column_of_lists_is_the_vectors_and_the_others_are_left_out(tmp_path):
    frame = pd.DataFrame({"case_id": ["a", "b"], "label": [0, 1], "embedding": list(VECTORS)})
    frame.to_parquet(tmp_path / "e.parquet")
    read = read_embedding_table(tmp_path / "e.parquet", ["case_id"], ["feature", "embedding"])
    np.testing.assert_array_equal(read.vectors, VECTORS)
    assert read.left_out == ("label",)


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ([[1.0, 2.0], [3.0]], "`x` of `b` has 1 values, and of `a` 2"),
        ([["s"], ["t"]], "`x` of `a` must be a list of numbers"),
        ([[1.0], [np.inf]], "infinite or too large for `b`"),
    ],
)
def test_lists_that_are_no_vectors_are_refused_by_case(tmp_path, lists, message):
    pd.DataFrame({"case_id": ["a", "b"], "x": lists}).to_parquet(tmp_path / "e.parquet")
    with pytest.raises(FeaturesError, match=rf"e\.parquet: .*{message}"):
        read_embedding_table(tmp_path / "e.parquet", ["case_id"], ["x"])


def test_a_column_that_was_asked_for_must_be_there(tmp_path):
    pd.DataFrame({"case_id": ["a", "b"], **NUMBERS}).to_parquet(tmp_path / "e.parquet")
    with pytest.raises(FeaturesError, match="has no column `x` of lists of numbers"):
        read_embedding_table(tmp_path / "e.parquet", ["case_id"], ["x"], lists_only=True)


def test_a_cell_that_is_no_number_is_refused_by_case(tmp_path):
    (tmp_path / "e.csv").write_text("case_id,f0\na,1\nb,high\n")
    with pytest.raises(FeaturesError, match=r"column `f0` .* found \['high'\] for `b`"):
        read_embedding_table(tmp_path / "e.csv", ["case_id"])
