import numpy as np
import pandas as pd
import pytest

from mmfeat.errors import FeaturesError
from mmfeat.tabular.embeddings import read_embeddings

IDS = ["01", "b", "c"]
VECTORS = np.array([[1, 2], [3, 4], [5, 0.5]], np.float32)


def _frame(ids=IDS, vectors=VECTORS, key="case_id"):
    return pd.DataFrame({key: ids} | {f"f{column}": vectors[:, column] for column in range(2)})


def _npz(tmp_path, **arrays):
    np.savez(tmp_path / "e.npz", **arrays)
    return tmp_path / "e.npz"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16])
def test_npz_is_read_in_any_number_type(tmp_path, dtype):
    vectors = VECTORS.astype(dtype)
    read = read_embeddings(_npz(tmp_path, case_id=np.array(IDS), feature=vectors), "case_id")
    assert read.ids == ("01", "b", "c")
    assert read.vectors.dtype == np.float32
    np.testing.assert_array_equal(read.vectors, vectors)


@pytest.mark.parametrize(
    ("ids", "texts"),
    [(np.array([7, 8, 9]), ("7", "8", "9")), (np.array([b"x", b"y ", b"z"]), ("x", "y", "z"))],
)
def test_ids_that_are_whole_numbers_or_bytes_become_text(tmp_path, ids, texts):
    read = read_embeddings(_npz(tmp_path, patient_id=ids, feature=VECTORS), "patient_id")
    assert read.ids == texts


def test_csv_keeps_leading_zeros_of_ids(tmp_path):
    _frame().to_csv(tmp_path / "e.csv", index=False)
    read = read_embeddings(tmp_path / "e.csv", "case_id")
    assert read.ids == ("01", "b", "c")
    np.testing.assert_array_equal(read.vectors, VECTORS)


@pytest.mark.parametrize("as_index", [False, True])
def test_parquet_is_read_with_the_key_as_column_or_index(tmp_path, as_index):
    frame = _frame().set_index("case_id") if as_index else _frame()
    frame.to_parquet(tmp_path / "e.parquet")
    read = read_embeddings(tmp_path / "e.parquet", "case_id")
    assert read.ids == ("01", "b", "c")
    np.testing.assert_array_equal(read.vectors, VECTORS)


def test_pickled_arrays_are_refused(tmp_path):
    file = _npz(tmp_path, case_id=np.array(IDS, dtype=object), feature=VECTORS)
    with pytest.raises(
        FeaturesError, match=r"e\.npz: cannot be read as NPZ .*save `case_id` as text"
    ):
        read_embeddings(file, "case_id")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"feature": VECTORS}, r"no array `case_id`, only \['feature'\]"),
        ({"case_id": IDS}, "no array `feature`"),
        (
            {"case_id": IDS, "feature": VECTORS[:, 0]},
            r"shape \(rows, width\), found float32 of shape \(3,\)",
        ),
        ({"case_id": IDS, "feature": [["a"]]}, "must be numbers"),
        ({"case_id": IDS, "feature": VECTORS > 1}, "must be numbers"),
        ({"case_id": IDS, "feature": VECTORS + 1j}, "must be real numbers"),
        ({"case_id": IDS[:2], "feature": VECTORS}, r"shape \(2,\), but `feature` has 3 rows"),
        ({"case_id": IDS, "feature": VECTORS[:, :0]}, "holds no features"),
        ({"case_id": np.array([], str), "feature": VECTORS[:0]}, "holds no features"),
        ({"case_id": [1.0, 2.0, 3.0], "feature": VECTORS}, "text or whole numbers, found float64"),
        ({"case_id": ["a", "", " "], "feature": VECTORS}, "`case_id` is empty in 2 rows"),
        (
            {"case_id": ["a", "b", "a"], "feature": VECTORS},
            "name each row once; twice or more: `a`",
        ),
    ],
)
def test_npz_of_another_form_is_refused(tmp_path, arrays, message):
    with pytest.raises(FeaturesError, match=message):
        read_embeddings(_npz(tmp_path, **arrays), "case_id")


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e39])
def test_vectors_that_are_not_finite_are_refused_by_id(tmp_path, wrong):
    vectors = VECTORS.astype(np.float64)
    vectors[1, 0] = wrong
    with pytest.raises(FeaturesError, match="missing, infinite or too large for `b`; leave"):
        read_embeddings(_npz(tmp_path, case_id=IDS, feature=vectors), "case_id")


def test_a_missing_number_in_a_csv_is_refused_by_id(tmp_path):
    (tmp_path / "e.csv").write_text("case_id,f0,f1\na,1,2\nb,,3\n")
    with pytest.raises(FeaturesError, match="missing, infinite or too large for `b`"):
        read_embeddings(tmp_path / "e.csv", "case_id")


def test_many_wrong_ids_are_shown_in_part(tmp_path):
    ids = [str(number) for number in range(10)] * 2
    file = _npz(tmp_path, case_id=ids, feature=np.ones((20, 2)))
    with pytest.raises(FeaturesError, match=r"`0`, `1`, `2`, `3`, `4`, \.\.\. \(10 in all\)"):
        read_embeddings(file, "case_id")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,f0\na,1\n", r"has no column `case_id`; its first columns are \['id', 'f0'\]"),
        (",case_id,f0\n0,a,1\n", "column `Unnamed: 0` is no feature"),
        ("case_id,patient_id,f0\na,1,1\n", "column `patient_id` is no feature"),
        ("case_id,f0\na,x\n", r"column `f0` must hold numbers only, found \['x'\]"),
        ("case_id,f0\na,True\n", r"column `f0` must hold numbers only, found \[True\]"),
        ("case_id,f0\n,1\n", "`case_id` is empty in 1 rows"),
        ("case_id,f0\n", "has no rows"),
        ("", "cannot be read as CSV"),
        ('case_id,f0\n"a,1\n', "cannot be read as CSV"),
    ],
)
def test_csv_of_another_form_is_refused(tmp_path, text, message):
    (tmp_path / "e.csv").write_text(text)
    with pytest.raises(FeaturesError, match=message):
        read_embeddings(tmp_path / "e.csv", "case_id")


@pytest.mark.parametrize("name", ["e.npz", "e.parquet"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\x80\x04K\x01."])
def test_broken_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FeaturesError, match=f"{name}: cannot be read as"):
        read_embeddings(tmp_path / name, "case_id")


def test_a_single_array_is_not_an_npz(tmp_path):
    with (tmp_path / "e.npz").open("wb") as stream:
        np.save(stream, VECTORS)
    with pytest.raises(FeaturesError, match=r"e\.npz: cannot be read as NPZ \(a single array"):
        read_embeddings(tmp_path / "e.npz", "case_id")


def test_missing_files_and_other_formats_are_refused(tmp_path):
    with pytest.raises(FeaturesError, match=r"nowhere\.npz: no such file"):
        read_embeddings(tmp_path / "nowhere.npz", "case_id")
    with pytest.raises(
        FeaturesError,
        match=r"from \.npz, \.parquet, \.csv files and cache folders, not from `\.pt`; `mmfeat ",
    ):
        read_embeddings(tmp_path / "e.pt", "case_id")


@pytest.mark.parametrize(("stain", "n_patients"), [("HE", 760), ("CD3", 746)])
def test_real_embeddings_are_read(shared_data, stain, n_patients):
    read = read_embeddings(shared_data / "hancock" / f"embedding_{stain}.npz", "patient_id")
    assert read.vectors.shape == (n_patients, 512)
    assert read.ids[:3] == ("001", "002", "003")
