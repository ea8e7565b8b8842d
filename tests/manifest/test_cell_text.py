from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.manifest.cell_text import cell_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (Decimal("nan"), ""),
        (1.0, "1"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (Decimal("3.00"), "3"),
        (Decimal("3.10"), "3.10"),
        (True, "true"),
        (False, "false"),
        (12345678901234567890, "12345678901234567890"),
        (datetime(2024, 1, 31), "2024-01-31"),
        (datetime(2024, 1, 31, 8, 30), "2024-01-31 08:30:00"),
        (date(2024, 1, 31), "2024-01-31"),
        (time(8, 30), "08:30:00"),
        (b" a ", "a"),
        (" a\u00a0", "a"),
    ],
)
def test_each_kind_of_cell_is_written_as_a_csv_file_would_hold_it(cell, text):
    assert cell_text(cell) == text


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_whole_numbers_stored_as_floats_read_as_whole_numbers(number):
    assert cell_text(float(number)) == str(number)
