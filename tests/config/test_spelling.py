import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.spelling import did_you_mean

KEYS = ["epochs", "learning_rate", "batch_size", "Seed"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("learning_rte", "learning_rate"),
        ("LEARNING_RATE", "learning_rate"),
        ("learningrate", "learning_rate"),
        ("batchsize", "batch_size"),
        ("seed", "Seed"),
        ("epoch", "epochs"),
    ],
)
def test_the_nearest_name_is_suggested_as_it_is_written(name, meant):
    assert did_you_mean(name, KEYS) == f"; did you mean `{meant}`?"


@pytest.mark.parametrize("name", ["", "dropout", "x", "rate_of_something_else"])
def test_nothing_is_suggested_for_a_name_unlike_all_others(name):
    assert did_you_mean(name, KEYS) == ""


def test_nothing_is_suggested_where_nothing_is_known():
    assert did_you_mean("epochs", []) == ""


@given(st.lists(st.text("abcDEF_", min_size=1), min_size=1), st.data())
def test_a_name_is_recognised_in_any_case(known, data):
    meant = data.draw(st.sampled_from(known))
    same = [name for name in known if name.lower() == meant.lower()]
    found = did_you_mean(data.draw(st.sampled_from([meant.upper(), meant.lower()])), iter(known))
    assert found in [f"; did you mean `{name}`?" for name in same]
