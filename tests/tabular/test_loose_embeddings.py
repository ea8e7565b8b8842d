from pathlib import Path

import numpy as np
import pytest

from mmfeat.errors import FeaturesError
from mmfeat.tabular.loose_embeddings import Naming, find_embeddings

FILE = Path("somewhere/case-9.npz")
A, B = np.array([1, 2], np.float64), np.array([3, 4], np.float64)


def _found(content, **naming):
    return find_embeddings(FILE, content, Naming(**naming), lambda: "case-9")


@pytest.mark.parametrize(
    "value", [A, A[None], A[None, None], [1.0, 2.0], {"feature": A}, {"arr_0": A}]
)
def test_one_vector_is_of_the_case_of_the_file(value):
    found = _found(value)
    assert found.ids == ("case-9",)
    assert found.vectors.dtype == np.float32
    assert found.vectors.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "content",
    [
        {"case_id": ["a", "b"], "feature": np.stack([A, B])},
        {"ids": np.array([b"a", b"b"]), "embeddings": np.stack([A, B])},
        {"a": A, "b": B},
        {b"a": A.tolist(), b"b": B[None]},
        {"a": {"embedding": A, "cancer_in_1": 1}, "b": {"embedding": B, "cancer_in_1": 0}},
        {"arr_0": {"a": {"feature": A}, "b": {"feature": B}}},
        {"train": {"a": A, "b": B}},
        {"train": {"case_id": ["a", "b"], "feature": np.stack([A, B])}},
    ],
)
def test_ids_and_vectors_are_found_under_the_usual_names(content):
    found = _found(content)
    assert found.ids == ("a", "b")
    assert found.vectors.tolist() == [[1, 2], [3, 4]]
    assert found.sources is None
    assert found.left_out == (("cancer_in_1",) if "cancer_in_1" in str(content) else ())


@pytest.mark.parametrize("entry", [A, {"embedding": A, "cancer_in_1": 1}])
def test_a_mapping_of_one_case_is_of_that_case(entry):
    assert _found({"1.2.3": entry}).ids == ("1.2.3",)
    assert _found({"arr_0": {"1.2.3": entry}}).ids == ("1.2.3",)


def test_other_names_can_be_given():
    content = {"uid": [7, 8], "penultimate": np.stack([A, B]), "feature": np.ones((2, 9))}
    found = _found(content, ids=["uid"], vectors=["penultimate"])
    assert found.ids == ("7", "8")
    assert found.vectors.shape == (2, 2)
    assert found.left_out == ("feature",)
    assert _found({"logits": B, "x": A}, vectors=["x"]).vectors.tolist() == [[1, 2]]


def test_digests_of_scans_are_kept_and_provenance_is_not_left_out():
    rows = {"case_id": ["a", "a"], "feature": np.stack([A, B])}
    found = _found({**rows, "source_sha256": ["1", "2"], "provenance": "{}"})
    assert found.sources == ("1", "2")
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.ones((2, 3)), r"`case-9` must be one vector, found an array of shape \(2, 3\); pool"),
        (np.float32(1), "`case-9` must be a vector of numbers"),
        ("text", "`case-9` must be a vector of numbers, found <U4; say by --key"),
        (None, "`case-9` must be a vector of numbers, found NoneType"),
        ([[1, 2], [3]], "`case-9` must be a vector of numbers, found list"),
        ({"a": A, "b": A[:1]}, "`b` has 1 values, and `a` 2"),
        ({"a": A, "b": A > 1}, "`b` must be a vector of numbers, found bool"),
        ({"a": A, "b": A + 1j}, "`b` must be a vector of numbers, found complex128"),
        ({"a": A, "b": np.array([np.nan, 1])}, "missing, infinite or too large for `b`"),
        ({"a": A, "b": np.array([1e39, 1])}, "missing, infinite or too large for `b`"),
        ({1: A, "1": B}, "names `1` twice"),
        ({"a": A, "": B}, "`key` is empty in 1 rows"),
        ({}, "holds no features"),
        ({"a": np.array([])}, "holds no features"),
        ({"a": {"x": A}, "b": {"x": B}}, r"`a` has `x`, and none of them is feature or .*--key"),
        ({"case_id": ["a"], "x": A[None]}, "has ids in `case_id`, and vectors in none of"),
        ({"case_id": ["a"], "feature": A}, r"must be numbers of shape \(rows, width\)"),
        ({"case_id": ["a"], "feature": [["x"]]}, "must be numbers of shape"),
        (
            {"case_id": ["a"], "feature": np.ones((2, 2))},
            "`case_id` has 1 entries, but `feature` 2",
        ),
        ({"case_id": [0.5], "feature": A[None]}, "text or whole numbers, found float64"),
        (
            {"case_id": ["a"], "feature": A[None], "source_sha256": ["1", "2"]},
            "`source_sha256` has 2 entries",
        ),
        (dict.fromkeys(map(str, range(99)), A), "names one and the same vector for very many ids"),
    ],
)
def test_what_is_no_embeddings_is_refused_by_file_and_case(content, message):
    with pytest.raises(FeaturesError, match=rf"case-9\.npz: .*{message}"):
        _found(content)
