import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.report.wording import availability_name, output_name, p_value, with_interval


def _estimate(point, low=None, high=None):
    return {"point": point, "low": low, "high": high}


@pytest.mark.parametrize(
    ("estimate", "options", "text"),
    [
        (_estimate(0.8125, 0.75, 0.9), {}, "0.812 [0.750, 0.900]"),
        (_estimate(0.8125, 0.75, 0.9), {"digits": 1}, "0.8 [0.8, 0.9]"),
        (_estimate(0.8125), {}, "0.812"),
        (_estimate(None), {}, "-"),
        (_estimate(None), {"signed": True}, "-"),
        (_estimate(0.02, -0.01, 0.05), {"signed": True}, "+0.020 [-0.010, 0.050]"),
        (_estimate(-0.02), {"signed": True}, "-0.020"),
        (_estimate(-0.0001, -0.0004, 0.0), {}, "0.000 [0.000, 0.000]"),
        (_estimate(-0.0001), {"signed": True}, "+0.000"),
        (_estimate(0.5, 0.4, 0.6), {"separator": "\n", "digits": 2}, "0.50\n[0.40, 0.60]"),
        (_estimate(1e6, 0, 1e7), {"digits": 0}, "1000000 [0, 10000000]"),
    ],
)
def test_a_value_stands_with_its_interval_and_digits(estimate, options, text):
    assert with_interval(estimate, **options) == text


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_what_is_written_is_the_value_to_three_digits(point, below, above):
    text = with_interval(_estimate(point, point - below, point + above))
    for sign in "[],":
        text = text.replace(sign, "")
    written = [float(number) for number in text.split()]
    assert written == pytest.approx([point, point - below, point + above], abs=0.00051)
    assert "-0.000" not in text


@pytest.mark.parametrize(
    ("availability", "modalities", "text"),
    [
        ("ct", ["ct", "clinical"], "ct alone"),
        ("ct+clinical", ["ct", "clinical"], "ct+clinical"),
        ("ct", ["ct"], "ct"),
        ("ct+pet", ["ct", "pet", "clinical"], "ct+pet"),
    ],
)
def test_one_of_several_modalities_is_alone(availability, modalities, text):
    assert availability_name(availability, modalities) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < 0.001"),
        (0.00099, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0499, "p = 0.050"),
        (1.0, "p = 1.000"),
    ],
)
def test_a_p_value_has_three_digits_and_is_never_zero(p, text):
    assert p_value(p) == text


def test_the_output_of_a_target_is_named_where_there_are_several():
    assert output_name("cancer", "binary", "1") == "cancer"
    assert output_name("stage", "multiclass", "II") == "stage: II"
    assert output_name("findings", "multilabel", "nodule") == "findings: nodule"
