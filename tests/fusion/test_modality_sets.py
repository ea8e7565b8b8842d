import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.fusion.modality_sets import members_in, members_of, name_of, sets_of

_MASKS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1)
)


@pytest.mark.parametrize(
    ("members", "name"), [((0,), "0"), ((0, 2), "0+2"), ((1, 10, 11), "1+10+11")]
)
def test_a_set_and_its_name_lead_to_each_other(members, name):
    assert name_of(members) == name
    assert members_of(name) == members


@given(st.sets(st.integers(0, 99), min_size=1).map(lambda found: tuple(sorted(found))))
def test_every_name_leads_back_to_its_set(members):
    assert members_of(name_of(members)) == members


def test_members_are_plain_positions_in_rising_order():
    members = members_in(np.array([True, False, True]))
    assert members == (0, 2)
    assert all(type(member) is int for member in members)


@given(_MASKS)
def test_every_row_that_shows_something_is_in_exactly_one_set(mask):
    visible = np.array(mask)
    found = sets_of(visible)
    rows = [row for _, part in found for row in part.tolist()]
    assert sorted(rows) == np.flatnonzero(visible.any(axis=1)).tolist()
    assert len({members for members, _ in found}) == len(found)
    for members, part in found:
        for row in part:
            assert members_in(visible[row]) == members


def test_rows_that_show_nothing_are_in_no_set():
    assert sets_of(np.zeros((3, 2), bool)) == []
    assert sets_of(np.zeros((0, 2), bool)) == []
