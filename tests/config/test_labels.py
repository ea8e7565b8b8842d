import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.labels import label_text


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        ("1.0", "1"),
        ("1.", "1"),
        ("+1", "1"),
        (-2, "-2"),
        ("-0.0", "0"),
        (0.5, "0.5"),
        ("0.50", "0.5"),
        ("01", "01"),
        ("1e3", "1e3"),
        (True, "true"),
        ("False", "false"),
        ("Stage II", "Stage II"),
        (" x ", "x"),
        ("1,0", "1,0"),
        ("\u0663", "\u0663"),
    ],
)
def test_equal_labels_have_one_text(label, text):
    assert label_text(label) == text


@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)))
def test_the_text_of_a_text_is_itself(label):
    assert label_text(label_text(label)) == label_text(label)


@given(st.integers())
def test_a_whole_number_reads_as_itself_whether_written_with_decimals_or_not(number):
    assert label_text(number) == label_text(f"{number}.0") == str(number)
