import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

from mmfeat.errors import RecordError
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.hidden_cells import hide_cells
from mmfeat.tabular.records import RecordColumn, RecordTable

NAN = np.nan
LEVELS = ("low", "mid", "high")


def _column(kind, values):
    dtype = object if kind == "categorical" else np.float64
    return RecordColumn(kind, np.array(values, dtype=dtype), LEVELS if kind == "ordinal" else ())


def _table(**columns):
    return RecordTable({name: _column(kind, values) for name, (kind, values) in columns.items()})


def _as_indicator(values, train):
    return (values - values[train].mean(axis=0)) / np.maximum(values[train].std(axis=0), 0.2)


def _named(encoder, records):
    return dict(zip(encoder.feature_names, encoder.transform(records).T.tolist(), strict=True))


KINDS = {
    "numeric": st.floats(-1e100, 1e100) | st.just(NAN),
    "date_difference": st.integers(-40000, 40000).map(float) | st.just(NAN),
    "ordinal": st.sampled_from([0.0, 1.0, 2.0, NAN]),
    "boolean": st.sampled_from([0.0, 1.0, NAN]),
    "categorical": st.sampled_from(["a", "b", "c", "other", "", None]),
}


@st.composite
def tables(draw, smallest=1, largest=12):
    size = draw(st.integers(smallest, largest))
    cells = {kind: st.lists(values, min_size=size, max_size=size) for kind, values in KINDS.items()}
    return RecordTable({kind: _column(kind, draw(values)) for kind, values in cells.items()})


SETTINGS = {
    "scaling": st.sampled_from(["standard", "quantile"]),
    "rare_below": st.sampled_from([0.0, 0.01, 0.3, 0.9]),
}


@settings(deadline=None)
@given(table=tables(), chosen=st.sets(st.integers(0, 11)), **SETTINGS)
def test_encoded_records_are_always_finite_and_zero_where_absent(
    table, chosen, scaling, rare_below
):
    rows = sorted(row for row in chosen if row < len(table))
    encoder = RecordEncoder.fit(table, rows, scaling=scaling, rare_below=rare_below)
    encoded = encoder.transform(table)
    assert encoded.shape == (len(table), encoder.width)
    assert encoded.dtype == np.float32
    assert np.isfinite(encoded).all()
    assert (np.abs(encoded) <= 10).all()
    assert not encoded[~table.present].any()
    training = encoded[[row for row in rows if table.present[row]]]
    constant = (training == training[:1]).all(axis=0)
    assert not encoded[:, constant].any()


@settings(deadline=None)
@given(train=tables(), others=tables(smallest=6, largest=6), **SETTINGS)
def test_fitting_never_sees_the_other_rows(train, others, scaling, rare_below):
    joined = RecordTable(
        {
            name: RecordColumn(
                column.kind,
                np.concatenate([column.values, others.columns[name].values]),
                column.levels,
            )
            for name, column in train.columns.items()
        }
    )
    alone = RecordEncoder.fit(train, range(len(train)), scaling=scaling, rare_below=rare_below)
    among = RecordEncoder.fit(joined, range(len(train)), scaling=scaling, rare_below=rare_below)
    assert json.dumps(alone.to_json()) == json.dumps(among.to_json())


@settings(deadline=None)
@given(table=tables(), random=st.randoms(use_true_random=False), **SETTINGS)
def test_the_order_of_the_cases_makes_no_difference(table, random, scaling, rare_below):
    order = list(range(len(table)))
    random.shuffle(order)
    shuffled = RecordTable(
        {name: RecordColumn(c.kind, c.values[order], c.levels) for name, c in table.columns.items()}
    )
    first = RecordEncoder.fit(table, order, scaling=scaling, rare_below=rare_below)
    second = RecordEncoder.fit(shuffled, range(len(table)), scaling=scaling, rare_below=rare_below)
    assert first == second
    np.testing.assert_array_equal(first.transform(table)[order], second.transform(shuffled))


@settings(deadline=None)
@given(table=tables(), **SETTINGS)
def test_json_round_trip_is_exact(table, scaling, rare_below):
    encoder = RecordEncoder.fit(table, range(len(table)), scaling=scaling, rare_below=rare_below)
    again = RecordEncoder.from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)))
    assert again == encoder
    np.testing.assert_array_equal(again.transform(table), encoder.transform(table))


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
@pytest.mark.parametrize("kind", ["numeric", "ordinal", "date_difference"])
def test_numbers_agree_with_scikit_learn(kind, scaling):
    rng = np.random.default_rng(0)
    values = (
        rng.integers(0, 3, 500).astype(float) if kind == "ordinal" else rng.gamma(2.0, size=500)
    )
    values[rng.random(500) < 0.2] = NAN
    table = _table(x=(kind, values), always=("boolean", np.arange(500) % 2))
    encoded = _named(RecordEncoder.fit(table, range(300), scaling=scaling), table)
    known = values[:300][~np.isnan(values[:300])][:, None]
    filled = SimpleImputer(strategy="median").fit(known).transform(values[:, None])
    if scaling == "standard":
        reference = StandardScaler()
    else:
        reference = QuantileTransformer(
            n_quantiles=len(known), output_distribution="normal", subsample=None
        )
    expected = reference.fit(known).transform(filled)[:, 0]
    np.testing.assert_allclose(encoded["x"], expected, rtol=1e-6, atol=1e-6)
    flags = _as_indicator(np.isnan(values).astype(float), slice(300))
    np.testing.assert_allclose(encoded["x:missing"], flags, rtol=1e-6)


def test_booleans_agree_with_scikit_learn():
    values = np.array([1.0, 0, 1, NAN, 1, NAN, 0, 0])
    table = _table(x=("boolean", values), always=("numeric", np.arange(8.0)))
    encoded = _named(RecordEncoder.fit(table, range(5)), table)
    reference = make_pipeline(SimpleImputer(strategy="mean", add_indicator=True))
    expected = reference.fit(values[:5, None]).transform(values[:, None])
    standardised = _as_indicator(expected, slice(5))
    np.testing.assert_allclose(encoded["x"], standardised[:, 0], rtol=1e-6)
    np.testing.assert_allclose(encoded["x:missing"], standardised[:, 1], rtol=1e-6)


def test_categories_agree_with_scikit_learn():
    train = ["a"] * 10 + ["b"] * 6 + ["c"] * 3 + ["d"]
    values = np.array([*train, "a", "d", "never seen", "b"], dtype=object)
    table = _table(x=("categorical", values))
    encoder = RecordEncoder.fit(table, range(20), rare_below=0.1)
    assert encoder.feature_names == ("x=a", "x=b", "x=c", "x:other", "x:missing")
    reference = OneHotEncoder(
        min_frequency=0.1, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    expected = reference.fit(values[:20, None]).transform(values[:, None])
    standardised = _as_indicator(expected, slice(20))
    np.testing.assert_allclose(encoder.transform(table)[:, :4], standardised, rtol=1e-6)


def test_the_share_of_a_category_is_of_all_records_also_those_that_lack_it():
    values = ["a", "a", "b", None, None, None, None, None, None, None]
    table = _table(x=("categorical", values), age=("numeric", np.arange(10.0)))
    encoder = RecordEncoder.fit(table, range(10), rare_below=0.2)
    assert encoder.feature_names[:3] == ("x=a", "x:other", "x:missing")
    alone = RecordEncoder.fit(_table(x=("categorical", values)), range(10), rare_below=0.2)
    assert alone.n_records == 3
    assert alone.feature_names[:2] == ("x=a", "x=b")


def test_a_flag_that_was_never_set_in_training_stays_zero_later():
    table = _table(age=("numeric", [60, 70, NAN]), sex=("categorical", ["f", "m", "x"]))
    encoder = RecordEncoder.fit(table, [0, 1])
    assert [spread > 0 for spread in encoder.spreads] == [True, False, True, True, False, False]
    encoded = _named(encoder, table)
    assert [encoded[name][2] for name in ("age", "age:missing", "sex:other", "sex:missing")] == [
        0
    ] * 4
    assert encoded["sex=f"] == [1, -1, -1], "the last is neither f nor m"


def test_only_rows_with_a_record_count():
    table = _table(age=("numeric", [60, 70, NAN, NAN]), sex=("categorical", ["f", "m", None, "m"]))
    encoder = RecordEncoder.fit(table, [3, 2, 1, 0, 0])
    assert encoder.n_records == 3
    root = np.sqrt(2)  # of three records one lacks the age: mean 1/3, deviation sqrt(2)/3
    expected = [-1 / root, -1 / root, 0, 2 / root]
    np.testing.assert_allclose(_named(encoder, table)["age:missing"], expected, rtol=1e-6)


def test_records_of_other_columns_are_refused_by_name():
    encoder = RecordEncoder.fit(_table(a=("numeric", [1, 2]), b=("ordinal", [0, 1])), [0, 1])
    with pytest.raises(RecordError, match=r"differing: \['a', 'c'\]; declare them as before"):
        encoder.transform(_table(a=("boolean", [1]), b=("ordinal", [1]), c=("boolean", [1])))
    other_levels = RecordTable(
        {"a": _column("numeric", [1]), "b": RecordColumn("ordinal", np.ones(1), ("x", "y"))}
    )
    with pytest.raises(RecordError, match=r"differing: \['b'\]"):
        encoder.transform(other_levels)
    with pytest.raises(RecordError, match="differing: their order"):
        encoder.transform(_table(b=("ordinal", [1]), a=("numeric", [1])))


def test_rare_flags_are_not_blown_up():
    smoker = [1.0] + [0.0] * 99
    encoder = RecordEncoder.fit(_table(smoker=("boolean", smoker)), range(100))
    encoded = _named(encoder, _table(smoker=("boolean", [1, 0])))
    np.testing.assert_allclose(encoded["smoker"], [0.99 / 0.2, -0.01 / 0.2], rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spreads": [1.0]}, r"differ in number: \(2, 2, 1\)"),
        ({"spreads": [1.0, -1.0]}, "spreads"),
        ({"columns": [{"kind": "numeric", "name": "a"}]}, "scaling"),
        ({"surprise": 1}, "surprise"),
        ({"columns": [{"kind": "pickle"}]}, "pickle"),
    ],
)
def test_json_of_another_form_is_refused(change, message):
    value = RecordEncoder.fit(_table(a=("numeric", [1, 2])), [0, 1]).to_json()
    with pytest.raises(ValueError, match=message):
        RecordEncoder.from_json(value | change)


def test_what_stands_for_an_unknown_cell_is_what_hiding_it_gives():
    random = np.random.default_rng(0)
    codes = np.empty(40, dtype=object)
    codes[:] = [("C34",), (), None, ("I10", "J44")] * 10
    records = RecordTable(
        {
            "age": RecordColumn("numeric", random.normal(60, 8, 40)),
            "crp": RecordColumn(
                "numeric", random.exponential(size=40), sides=np.int8([-1, 0, 0, 1] * 10)
            ),
            "smoker": RecordColumn("boolean", np.array([0.0, 1, np.nan, 1] * 10)),
            "sex": RecordColumn("categorical", np.array(["f", "m", None, "f"] * 10, dtype=object)),
            "icd": RecordColumn("codes", codes),
        }
    )
    for scaling in ("standard", "quantile"):
        encoder = RecordEncoder.fit(records, np.arange(30), scaling=scaling)
        for place in range(5):
            hidden = np.tile(np.arange(5) == place, (40, 1))
            encoded = encoder.transform(hide_cells(records, hidden))
            of_column = encoder.column_of == place
            expected = np.broadcast_to(encoder.when_unknown[of_column], (40, of_column.sum()))
            np.testing.assert_array_equal(encoded[:, of_column], expected)
            whole = encoder.transform(records)
            np.testing.assert_array_equal(encoded[:, ~of_column], whole[:, ~of_column])
