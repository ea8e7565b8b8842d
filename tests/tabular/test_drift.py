import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from mmfeat.tabular import RecordColumn, RecordTable
from mmfeat.tabular.drift import record_drift, table_drift

N = 200
FIRST, SECOND = np.arange(N), np.arange(N, 2 * N)


def _column(kind, values):
    if kind in ("categorical", "codes", "text"):
        column = np.empty(len(values), dtype=object)
        for place, value in enumerate(values):
            column[place] = value
        return RecordColumn(kind, column)
    return RecordColumn(kind, np.array(values, np.float64))


def _drift(**columns):
    found = record_drift(RecordTable(columns), FIRST, SECOND)
    return {drift.column: drift for drift in found}


def test_a_shift_of_numbers_is_the_kolmogorov_smirnov_distance():
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(0, 1, N), random.normal(1, 1, N)])
    drift = _drift(age=_column("numeric", values))["age"]
    expected = ks_2samp(values[:N], values[N:])
    assert drift.distance == expected.statistic
    assert drift.p == pytest.approx(2 * expected.pvalue)  # the other test is of missing cells
    outside = (values[N:] > values[:N].max()) | (values[N:] < values[:N].min())
    assert drift.outside == outside.sum() > 0


def test_categories_are_compared_by_their_shares_and_new_ones_are_named():
    values = ["a"] * 150 + ["b"] * 50 + ["a"] * 90 + ["b"] * 100 + ["z"] * 10
    drift = _drift(site=_column("categorical", values))["site"]
    assert drift.distance == pytest.approx((0.3 + 0.25 + 0.05) / 2)
    expected = chi2_contingency([[150, 50, 0], [90, 100, 10]]).pvalue
    assert drift.p == pytest.approx(2 * expected)
    assert drift.new == ("z",)


def test_cells_that_are_missing_in_one_set_alone_are_drift():
    values = np.ones(2 * N)
    values[N : N + 120] = np.nan
    drift = _drift(crp=_column("numeric", values))["crp"]
    assert drift.missing == pytest.approx((0.0, 0.6))
    assert drift.distance == 0
    assert drift.p == pytest.approx(2 * chi2_contingency([[200, 80], [0, 120]]).pvalue)


def test_codes_are_compared_one_by_one():
    values = [("I10",)] * N + [("I10", "C34")] * 60 + [("I10",)] * 140
    drift = _drift(icd=_column("codes", values))["icd"]
    assert drift.distance == pytest.approx(0.3)
    assert drift.new == ("C34",)
    assert drift.p < 1e-6


def test_the_same_cases_do_not_drift_and_nothing_is_found_among_many_columns_of_noise():
    random = np.random.default_rng(1)
    columns = {f"x{n}": _column("numeric", random.normal(0, 1, 2 * N)) for n in range(40)}
    assert all(drift.p > 0.05 for drift in _drift(**columns).values())
    same = record_drift(RecordTable(columns), FIRST, FIRST)
    assert all((drift.distance, drift.p, drift.outside) == (0, 1, 0) for drift in same)


def test_too_few_known_cells_say_nothing_of_values():
    values = np.full(2 * N, np.nan)
    values[:4] = 1
    drift = _drift(x=_column("numeric", values))["x"]
    assert drift.distance is None
    assert drift.p is not None


def test_a_column_that_is_never_known_and_an_empty_set_are_no_fault():
    columns = {"x": _column("categorical", [None] * (2 * N))}
    (drift,) = record_drift(RecordTable(columns), FIRST, np.arange(0))
    assert (drift.distance, drift.p, drift.new, drift.missing) == (None, None, (), (1.0, 0.0))


def test_of_text_only_the_gaps_are_compared():
    values = [f"text {number}" if number < N or number % 2 else None for number in range(2 * N)]
    drift = _drift(note=_column("text", values))["note"]
    assert (drift.missing, drift.distance, drift.new) == ((0, 0.5), None, ())
    assert drift.p < 1e-6


def test_new_labels_are_counted_by_cell_and_levels_are_named():
    first = {
        "icd": _column("codes", [("A",), ("A", "B"), None]),
        "stage": RecordColumn("ordinal", np.array([0.0, 1.0, 0.0]), ("I", "II", "III")),
        "sex": _column("categorical", ["f", "m", None]),
    }
    second = {
        "icd": _column("codes", [("C", "D"), ("A", "C")]),
        "stage": RecordColumn("ordinal", np.array([2.0, np.nan]), ("I", "II", "III")),
        "sex": _column("categorical", ["f", None]),
    }
    icd, stage, sex = table_drift(RecordTable(first), RecordTable(second))
    assert (icd.new, icd.n_new) == (("C", "D"), 2)
    assert (stage.new, stage.n_new) == (("III",), 1)
    assert (sex.new, sex.n_new, sex.ranges) == ((), 0, (None, None))


def test_ranges_and_what_lies_beyond_are_of_known_numbers():
    first = RecordTable({"x": _column("numeric", [1, 5, np.nan])})
    second = RecordTable({"x": _column("numeric", [np.nan, 0, 5, 7])})
    (drift,) = table_drift(first, second)
    assert (drift.ranges, drift.outside) == (((1.0, 5.0), (0.0, 7.0)), 2)
    (unknown,) = table_drift(RecordTable({"x": _column("numeric", [np.nan])}), second)
    assert (unknown.ranges[0], unknown.outside) == (None, 0)


def test_tables_of_other_columns_are_a_mistake():
    one, other = (RecordTable({name: _column("numeric", [1.0])}) for name in "ab")
    with pytest.raises(ValueError, match="both tables must have the columns"):
        table_drift(one, other)
