"""Cells of a download's table: what they mean, or one line with file, row, column and value."""

import numpy as np
import pandas as pd
import pytest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.source_table import SourceTable

COLUMNS = {
    "pid": ["1", "2", "3"],
    "sex": ["1", "2", np.nan],
    "age": ["61", np.nan, "7O"],
    "day": ["20010131", np.nan, "20010230"],
}


@pytest.fixture
def table(tmp_path):
    frame = pd.DataFrame(COLUMNS, index=[2, 3, 5], dtype=object)
    return SourceTable(tmp_path / "people.csv", frame)


def test_codes_become_what_they_mean_and_unknown_ones_are_refused(table):
    assert table.coded("sex", {"1": "M", "2": None}).tolist() == ["M", np.nan, np.nan]
    with pytest.raises(
        CohortError, match=r"people.csv: row 3, column `sex`: `2` is none of the codes.*\(`1`\)"
    ):
        table.coded("sex", {"1": "M"})


def test_a_code_is_the_same_with_and_without_decimals_but_not_with_a_zero_before_it(tmp_path):
    cells = pd.DataFrame({"stage": ["1", "1.0", np.nan, "-1.00", "TRUE"]}, dtype=object)
    table = SourceTable(tmp_path / "stages.csv", cells)
    meanings = table.coded("stage", {"1": "I", "-1": None, "true": "yes"}).tolist()
    assert meanings == ["I", "I", np.nan, np.nan, "yes"]
    with pytest.raises(CohortError, match="`01` is none of the codes"):
        SourceTable(table.file, cells.replace("1", "01")).coded("stage", {"1": "I"})


def test_numbers_are_numbers_within_bounds(table):
    first = table.where(table["pid"] != "3")
    assert first.number("age", minimum=0).dropna().to_dict() == {2: 61.0}
    with pytest.raises(CohortError, match=r"row 5, column `age`: `7O` is no number$"):
        table.number("age")
    with pytest.raises(CohortError, match="row 2, column `age`: `61` is not between 70 and inf"):
        first.number("age", minimum=70)


def test_dates_are_iso_and_days_that_do_not_exist_are_refused(table):
    first = table.where(table["pid"] != "3")
    assert first.date("day", form="%Y%m%d").tolist() == ["2001-01-31", np.nan]
    with pytest.raises(CohortError, match="row 5, column `day`: `20010230` is no date written as"):
        table.date("day", form="%Y%m%d")


def test_a_key_must_be_known_and_stand_once(table):
    assert table.known("pid").unique("pid") is table
    with pytest.raises(CohortError, match="row 5, column `sex`: is empty; every row needs it"):
        table.unique("sex")
    twice = SourceTable(table.file, table.frame.assign(pid=["1", "1", "1"]))
    with pytest.raises(
        CohortError, match=r"row 3, column `pid`: `1` stands in an earlier row.*\(and 1 more row\)"
    ):
        twice.unique("pid")


def test_texts_can_be_checked_by_a_rule_of_the_cohort(table):
    assert table.checked("pid", str.isdigit, must="must be digits").tolist() == ["1", "2", "3"]
    with pytest.raises(CohortError, match="row 5, column `age`: `7O` must be digits"):
        table.checked("age", str.isdigit, must="must be digits")
