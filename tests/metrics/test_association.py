"""Labels and groups: agreement with scipy, and honest p-values where patients come twice."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, kruskal

from mmfeat.metrics.association import (
    association_of_classes,
    association_of_numbers,
    chi_square,
)


@pytest.fixture(scope="module")
def cases():
    """Groups, classes and numbers of 200 patients with a case each."""
    random = np.random.default_rng(0)
    groups = random.integers(0, 3, 200)
    return groups, (groups + random.integers(0, 4, 200)) % 4, np.round(random.normal(size=200), 1)


def _of_classes(groups, classes, patients=None, n_permutations=500):
    patients = np.arange(len(groups)) if patients is None else patients
    return association_of_classes(groups, classes, patients, n_permutations=n_permutations, seed=0)


def test_a_table_by_hand():
    # expected 20 x 20 / 40 = 10 in each cell, off by 5: 4 * 25 / 10
    assert chi_square([[15, 5], [5, 15]]) == pytest.approx(10.0)
    groups, classes = np.repeat([0, 1], 20), np.repeat([0, 1, 0, 1], [15, 5, 5, 15])
    found = _of_classes(groups, classes)
    assert found.statistic == pytest.approx(10.0)
    assert found.cramers_v == pytest.approx(0.5)
    assert found.degrees_of_freedom == 1


def test_chi_square_is_that_of_scipy(cases):
    groups, classes, _ = cases
    table = np.zeros((3, 4))
    np.add.at(table, (groups, classes), 1)
    expected = chi2_contingency(table, correction=False)
    found = _of_classes(groups, classes)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_asymptotic == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.degrees_of_freedom == expected.dof
    assert chi_square(table) == pytest.approx(expected.statistic, rel=1e-9)


def test_ranks_are_those_of_scipy_with_ties(cases):
    groups, _, numbers = cases
    expected = kruskal(*(numbers[groups == group] for group in range(3)))
    found = association_of_numbers(groups, numbers, np.arange(200), n_permutations=500, seed=0)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p_asymptotic == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.p == pytest.approx(expected.pvalue, abs=0.08)
    assert found.cramers_v is None


def test_without_repeated_patients_the_permutation_agrees_with_the_distribution():
    random = np.random.default_rng(3)
    found = _of_classes(random.integers(0, 2, 300), random.integers(0, 2, 300))
    assert found.p == pytest.approx(found.p_asymptotic, abs=0.12)


def test_patients_with_several_equal_cases_are_not_taken_for_several_patients():
    p, naive = [], []
    for seed in range(60):
        random = np.random.default_rng(seed)
        patients = np.repeat(np.arange(40), 4)
        found = _of_classes(
            np.repeat(random.integers(0, 2, 40), 4),
            np.repeat(random.integers(0, 2, 40), 4),
            patients,
            n_permutations=100,
        )
        p.append(found.p)
        naive.append(found.p_asymptotic)
    assert np.mean(np.array(p) < 0.05) < 0.12
    assert np.mean(np.array(naive) < 0.05) > 0.2


def test_patients_with_other_numbers_of_cases_do_not_exchange():
    # Each patient alone with a number of cases: every permutation is what it was.
    found = _of_classes([0, 1, 1], [0, 1, 1], ["a", "b", "b"])
    assert found.p == 1.0


def test_nothing_is_said_of_one_group_or_one_class():
    assert _of_classes([0, 0, 0], [0, 1, 0]) is None
    assert _of_classes([0, 1, 0], [1, 1, 1]) is None
    same = association_of_numbers([0, 1], [2.0, 2.0], ["a", "b"], n_permutations=10, seed=0)
    assert same is None
