import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.validation_part import validation_part

PATIENTS = [f"p{number}" for number in range(40)]
ids = st.lists(st.text(min_size=1, max_size=6), min_size=2, max_size=40, unique=True)


def test_a_share_of_the_patients_is_set_aside():
    assert len(validation_part(PATIENTS, 0.25)) == 10


def test_at_least_one_patient_is_set_aside():
    assert len(validation_part(PATIENTS[:3], 0.01)) == 1


@settings(max_examples=30)
@given(ids, st.randoms())
def test_neither_the_order_of_rows_nor_repeated_rows_matter(patients, random):
    shuffled = [*patients, *patients[:3]]
    random.shuffle(shuffled)
    assert validation_part(shuffled, 0.3) == validation_part(patients, 0.3)


def test_one_more_patient_moves_at_most_one_other():
    before, after = validation_part(PATIENTS, 0.25), validation_part([*PATIENTS, "new"], 0.25)
    assert len(before - after) <= 1


def test_one_patient_alone_cannot_be_divided():
    with pytest.raises(CohortError, match="has 1 patients here; at least 2"):
        validation_part(["p", "p"], 0.2)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2])
def test_a_share_is_between_zero_and_one(share):
    with pytest.raises(ValueError, match=f"got {share}"):
        validation_part(PATIENTS, share)
