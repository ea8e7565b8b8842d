"""A table that came later is read by the settings, whatever columns it has and in what order."""

import numpy as np
import pandas as pd
import pytest

from mmfeat.config.settings import Settings
from mmfeat.tabular import RecordEncoder, read_records
from mmfeat.tabular.later_records import read_later_records

COLUMNS = (
    Settings.model_validate(
        {
            "cohort": {"manifest": "t.csv", "targets": {"y": {"kind": "binary", "column": "y"}}},
            "modalities": {
                "clinical": {
                    "kind": "table",
                    "columns": {
                        "age": {"type": "numeric"},
                        "crp": {"type": "numeric", "limits": "half"},
                        "sex": {"type": "categorical"},
                        "stage": {"type": "ordinal", "levels": ["I", "II", "III"]},
                        "smoker": {"type": "boolean"},
                        "icd": {"type": "codes"},
                        "birth": {"type": "date_difference", "until": "scan"},
                    },
                }
            },
        }
    )
    .modalities["clinical"]
    .columns
)


def _table(n_rows=40):
    random = np.random.default_rng(0)
    cells = {
        "age": random.integers(40, 90, n_rows).astype(str),
        "crp": random.choice(["<0.5", "1.5", "7"], n_rows),
        "sex": random.choice(["f", "m"], n_rows),
        "stage": random.choice(["I", "II", "III"], n_rows),
        "smoker": random.choice(["yes", "no"], n_rows),
        "icd": random.choice(["C34;I10", "J44"], n_rows),
        "birth": [f"19{40 + n % 50}-01-31" for n in range(n_rows)],
        "scan": "2020-06-30",
    }
    return pd.DataFrame(cells, dtype=object)


@pytest.fixture(scope="module")
def encoder():
    records, faults = read_records(_table(), COLUMNS)
    assert not faults
    return RecordEncoder.fit(records, np.arange(40))


def _same(one, other):
    for name, column in one.columns.items():
        np.testing.assert_array_equal(column.values, other.columns[name].values)


def test_the_table_that_was_trained_on_is_read_as_it_was(encoder):
    later = read_later_records(_table(), COLUMNS)
    assert (later.absent, later.notes, later.faults) == ((), (), ())
    _same(later.records, read_records(_table(), COLUMNS)[0])


def test_the_order_of_columns_and_of_rows_plays_no_part(encoder):
    table = _table()
    order = np.random.default_rng(1).permutation(len(table))
    turned = table.iloc[order, ::-1].reset_index(drop=True)
    later = read_later_records(turned, COLUMNS)
    assert later.notes == ()
    expected = encoder.transform(read_records(table, COLUMNS)[0])
    np.testing.assert_array_equal(encoder.transform(later.records), expected[order])


@pytest.mark.parametrize("name", [*COLUMNS, "scan"])
def test_a_column_that_is_not_there_is_as_one_without_any_cell(encoder, name):
    lacking = read_later_records(_table().drop(columns=name), COLUMNS)
    empty = read_later_records(_table().assign(**{name: np.nan}).astype(object), COLUMNS)
    assert lacking.notes == (f"not in the table, so unknown in every row: `{name}`",)
    assert lacking.absent == ("birth" if name == "scan" else name,)
    assert lacking.faults == empty.faults == ()
    assert empty.notes == ()
    vectors = encoder.transform(lacking.records)
    np.testing.assert_array_equal(vectors, encoder.transform(empty.records))
    assert np.isfinite(vectors).all()
    assert not lacking.records.columns[lacking.absent[0]].known.any()


def test_a_table_without_any_column_has_a_record_of_no_case(encoder):
    later = read_later_records(pd.DataFrame({"ward": ["A", "B"]}), COLUMNS)
    assert later.absent == tuple(COLUMNS)
    assert not later.records.present.any()
    np.testing.assert_array_equal(encoder.transform(later.records), 0.0)


def test_more_columns_are_noted_unless_they_are_known_and_change_nothing(encoder):
    more = _table().assign(ward="A", case_id="c", y="1")
    later = read_later_records(more, COLUMNS, known=["case_id", "y"])
    assert later.notes == ("not in the settings, so not looked at: `ward`",)
    _same(later.records, read_records(_table(), COLUMNS)[0])


def test_a_column_that_may_be_the_one_that_lacks_is_named():
    later = read_later_records(_table().rename(columns={"smoker": "Smoker"}), COLUMNS)
    assert later.notes == (
        "not in the table, so unknown in every row: `smoker`, did you mean `Smoker`?",
        "not in the settings, so not looked at: `Smoker`",
    )


def test_of_many_columns_the_first_are_named_and_all_counted():
    more = pd.DataFrame({f"x{n}": ["1"] for n in range(12)})
    (_, note) = read_later_records(more, COLUMNS).notes
    assert note.endswith("`x9`, ... (12 in all)")


def test_cells_that_do_not_fit_are_faults_as_in_the_manifest():
    table = _table()
    table.loc[3, ["age", "stage"]] = "old", "IV"
    later = read_later_records(table.drop(columns="sex"), COLUMNS)
    assert [(fault.row, fault.column, fault.value) for fault in later.faults] == [
        (5, "age", "old"),
        (5, "stage", "IV"),
    ]
    assert not later.records.columns["age"].known[3]


def test_a_name_that_stands_twice_is_a_fault_only_where_it_is_read():
    table = pd.concat([_table(), _table()[["age"]]], axis=1)
    table.insert(0, "x", "a")
    table.insert(0, "x", "b", allow_duplicates=True)
    later = read_later_records(table, COLUMNS)
    assert list(map(str, later.faults)) == ["column `age`: stands more than once; rename"]
    assert later.notes == ("not in the settings, so not looked at: `x`",)


def test_one_row_is_read_as_it_is_among_many(encoder):
    table = _table()
    together = encoder.transform(read_later_records(table, COLUMNS).records)
    for row in (0, 17, 39):
        alone = read_later_records(table.iloc[[row]], COLUMNS)
        np.testing.assert_array_equal(encoder.transform(alone.records), together[[row]])
