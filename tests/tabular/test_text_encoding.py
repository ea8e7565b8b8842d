import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from mmfeat.errors import RecordError
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.hidden_cells import hide_cells
from mmfeat.tabular.principal_components import CASES_PER_COMPONENT, MOST_COMPONENTS
from mmfeat.tabular.records import RecordColumn, RecordTable, TextVectors
from mmfeat.tabular.text_encoding import TextEncoding

WIDTH = 48


def text_column(n_cases, *, unknown=(), seed=0, model="a model", width=WIDTH):
    """Texts whose vectors vary along a few directions more than along others."""
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((n_cases, width)) * np.linspace(1, 0.1, width)
    texts = np.array([f"text {number}" for number in range(n_cases)], dtype=object)
    texts[list(unknown)] = None
    return RecordColumn("text", texts, vectors=TextVectors(vectors.astype(np.float32), model))


def test_texts_are_the_principal_components_of_their_vectors():
    column = text_column(400, unknown=[3, 7])
    encoding = TextEncoding.fit("note", column)
    known = column.known
    vectors = column.vectors.values[known].astype(np.float64)
    expected = PCA(MOST_COMPONENTS, svd_solver="full").fit_transform(vectors)
    found = encoding.encode(column)
    assert encoding.feature_names[:2] == ("note:1", "note:2")
    assert encoding.feature_names[-1] == "note:missing"
    np.testing.assert_allclose(
        np.abs(found[known, :-1]), np.abs(expected) / expected[:, 0].std(), atol=1e-5
    )
    np.testing.assert_allclose(found[known, 0].std(), 1, atol=1e-5)
    assert (np.diff(found[known, :-1].std(axis=0)) < 0).all()
    np.testing.assert_array_equal(found[[3, 7], :-1], 0)
    np.testing.assert_array_equal(found[:, -1], ~known)


@pytest.mark.parametrize(
    ("n_texts", "n_kept"), [(0, 0), (1, 0), (2, 1), (19, 1), (20, 2), (319, 31), (320, 32)]
)
def test_few_texts_keep_few_components(n_texts, n_kept):
    encoding = TextEncoding.fit("note", text_column(n_texts))
    assert len(encoding.space.components) == n_kept
    assert n_kept in (min(MOST_COMPONENTS, n_texts // CASES_PER_COMPONENT), n_texts - 1, 0)
    assert encoding.is_indicator == (*[False] * n_kept, True)
    assert np.isfinite(encoding.encode(text_column(30, seed=1))).all()


def test_texts_that_are_all_the_same_say_only_whether_they_are_known():
    column = text_column(40)
    same = TextVectors(np.ones((40, WIDTH), np.float32), "a model")
    encoding = TextEncoding.fit("note", RecordColumn("text", column.values, vectors=same))
    assert encoding.feature_names == ("note:missing",)


@given(seed=st.integers(0, 2**20))
def test_neither_the_order_nor_other_cases_change_a_bit(seed):
    column = text_column(60, unknown=[5])
    order = np.random.default_rng(seed).permutation(60)
    encoding = TextEncoding.fit("note", column)
    assert TextEncoding.fit("note", column.taken(order)) == encoding
    encoded = encoding.encode(column)
    np.testing.assert_array_equal(encoding.encode(column.taken(order[:7])), encoded[order[:7]])


def test_the_largest_number_of_each_component_is_positive():
    components = np.array(TextEncoding.fit("note", text_column(100)).space.components)
    assert (np.abs(components).max(axis=1) == components.max(axis=1)).all()


def test_vectors_of_another_encoder_are_refused():
    encoding = TextEncoding.fit("note", text_column(30))
    with pytest.raises(RecordError, match="column `note`: its texts are embedded by another"):
        encoding.encode(text_column(30, model="another"))


def test_texts_without_vectors_are_a_mistake():
    with pytest.raises(ValueError, match="column `note` holds texts that are not embedded yet"):
        TextEncoding.fit("note", RecordColumn("text", np.array(["a"], dtype=object)))


def test_a_record_with_text_goes_through_json_and_comes_back_the_same():
    records = RecordTable({"note": text_column(50, unknown=[2])})
    encoder = RecordEncoder.fit(records, range(40))
    stored = RecordEncoder.from_json(json.loads(json.dumps(encoder.to_json())))
    np.testing.assert_array_equal(stored.transform(records), encoder.transform(records))
    assert encoder.width == 4  # of 39 known texts three components; and the flag
    assert not encoder.transform(records)[2].any()  # a case without a record


def test_a_hidden_text_is_an_unknown_one():
    age = RecordColumn("numeric", np.arange(50.0))
    records = RecordTable({"age": age, "note": text_column(50, unknown=[4])})
    encoder = RecordEncoder.fit(records, range(50))
    hidden = np.zeros((50, 2), dtype=bool)
    hidden[1, 1] = True
    encoded = encoder.transform(hide_cells(records, hidden))
    np.testing.assert_array_equal(encoded[1, 2:], encoder.transform(records)[4, 2:])
