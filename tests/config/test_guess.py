import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.guess import Evidence, Guess


@pytest.mark.parametrize(
    ("evidence", "confidence"),
    [
        (Evidence(98, 98), 0.99),
        (Evidence(3, 3), 0.8),  # few cells are little to go by
        (Evidence(90, 98), 0.91),
        (Evidence(98, 98, ("ordinal",)), 0.49),
        (Evidence(98, 98, ("ordinal", "numeric")), 0.33),
        (Evidence(0, 0), 0.5),
        (Evidence(10**6, 10**6), 0.99),  # nothing is certain
    ],
)
def test_confidence_is_that_one_more_cell_fits_shared_with_what_fits_as_well(evidence, confidence):
    assert evidence.confidence == confidence


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 4))
def test_more_cells_that_fit_never_lower_it_and_rivals_always_do(n_fitting, n_others, n_rivals):
    rivals = tuple(map(str, range(n_rivals)))
    one = Evidence(n_fitting, n_fitting + n_others, rivals).confidence
    assert 0 <= one < 1
    assert Evidence(n_fitting + 1, n_fitting + 1 + n_others, rivals).confidence >= one
    assert Evidence(n_fitting, n_fitting + n_others, (*rivals, "x")).confidence <= one


def test_what_a_rival_fits_as_well_is_doubtful_and_a_choice_is_not():
    assert Guess(1, "", Evidence(10**6, 10**6, ("another",))).doubtful
    assert not Guess(1, "", Evidence(1, 1)).doubtful
    assert not Guess({"folds": 5}, "a choice").doubtful
    assert Guess({"folds": 5}, "a choice").confidence is None


def test_more_cells_that_fit_than_there_are_is_a_mistake():
    with pytest.raises(ValueError, match="n_fitting must be 0 to 3, got 4"):
        Evidence(4, 3)
