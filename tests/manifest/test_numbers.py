import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.manifest.numbers import plain_number


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18))
def test_what_python_writes_is_read_as_it_was(number):
    assert plain_number(str(number)) == float(number)


@pytest.mark.parametrize(
    "text", ["", "a", "1,5", "1 5", "1_000", "inf", "-Infinity", "nan", "1e999", "0x1F", "٣", "1\n"]
)
def test_other_texts_are_no_numbers(text):
    assert plain_number(text) is None


def test_a_point_may_stand_first_or_last():
    assert plain_number(".5") == plain_number("+0.5") == 0.5
    assert math.isclose(plain_number("5."), 5)
