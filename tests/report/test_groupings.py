"""Groups of cases by text and by bands."""

import numpy as np
import pytest

from mmfeat.report.groupings import MOST_GROUPS, UNKNOWN, by_bands, by_text, thirds


def test_texts_are_groups_and_unknown_comes_last():
    found = by_text("site", "column `site`", ["south", None, "north", "south"])
    assert found.groups == ("north", "south", UNKNOWN)
    assert found.group_of.tolist() == ["south", UNKNOWN, "north", "south"]
    assert found.taken(np.array([2, 1])).group_of.tolist() == ["north", UNKNOWN]


def test_many_groups_leave_the_largest_and_count_the_others():
    texts = [f"kernel {number:02d}" for number in range(30) for _ in range(30 - number)]
    found = by_text("kernel", "header", texts)
    assert len(found.groups) == MOST_GROUPS
    assert found.groups[-1] == "11 others"
    assert (found.group_of == "11 others").sum() == sum(range(1, 12))
    assert "kernel 18" in found.groups
    assert "kernel 19" not in found.groups


def test_a_cut_belongs_to_the_band_above_it():
    found = by_bands("age", "column `age`", [49.9, 50.0, 64.9, 65.0, np.nan], [50, 65])
    assert found.groups == ("below 50", "50 to below 65", "65 and above", UNKNOWN)
    assert found.group_of.tolist() == [*found.groups[:2], found.groups[1], *found.groups[2:]]
    assert found.bands == (50.0, 65.0)


def test_thirds_are_whole_numbers_that_divide_the_known_ones():
    ages = np.random.default_rng(0).normal(60, 8, 300)
    cuts = thirds([*ages, np.nan])
    assert cuts == tuple(np.round(np.quantile(ages, [1 / 3, 2 / 3])))
    assert thirds([np.nan]) == ()
    assert thirds([60.0, 60.0, 60.2]) == ()  # nothing to be cut


@pytest.mark.parametrize("bands", [[], [2, 1], [1, 1]])
def test_bands_that_do_not_rise_are_refused(bands):
    with pytest.raises(ValueError, match="one or more and rise"):
        by_bands("age", "column", [1.0], bands)
