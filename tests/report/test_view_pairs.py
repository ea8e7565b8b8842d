import numpy as np
import pytest

from mmfeat.report.view_pairs import by_method

from .decision_cases import made_pairs


@pytest.fixture(scope="module")
def pairs(made_predictions):
    return made_pairs(made_predictions)


def test_each_method_has_its_views_from_the_most_modalities_on_and_then_the_natural_cases(pairs):
    assert [(pair.method, pair.name) for pair in pairs] == [
        (method, name)
        for method in ("mmfeat", "logistic")
        for name in ("ct+clinical", "ct", "clinical", "natural")
    ]


def test_natural_cases_are_together_and_each_has_its_own_modalities(pairs):
    natural = pairs[3]
    assert list(natural.test) == ["ct+clinical", "ct", "clinical"]
    assert len(natural.cases) == sum(len(part) for part in natural.test.values())
    assert len(set(natural.cases.case_ids)) == len(natural.cases)


def test_validation_cases_are_those_of_one_fold_in_the_same_view(pairs):
    both = pairs[0].validation_cases(2)
    assert set(both.folds) == {2}
    assert len(both) == len(pairs[4].validation_cases(2))
    assert not np.array_equal(both.probabilities, pairs[1].validation_cases(2).probabilities)
    assert pairs[0].validation_cases(9) is None


def test_what_was_made_of_pairs_goes_to_its_method_and_regime(pairs):
    placed = by_method([(pair, len(pair.cases)) for pair in pairs])
    assert placed["logistic"]["simulated"]["ct"] == len(pairs[5].cases)
    assert placed["mmfeat"]["natural"] == len(pairs[3].cases)
