from dataclasses import replace

import numpy as np
import pytest

from mmfeat.calibration import (
    RECALIBRATIONS,
    Identity,
    Isotonic,
    Temperature,
    fit_recalibrator,
)
from mmfeat.report.recalibrated import FEWEST_CASES, fit_all, fitted_recalibrator, recalibrated

from .decision_cases import made_pairs


@pytest.fixture(scope="module")
def pairs(made_predictions):
    return made_pairs(made_predictions, n_patients=260)


@pytest.fixture(scope="module")
def fitted(pairs):
    return fit_all(pairs)


def test_each_fold_and_view_is_fitted_to_its_validation_part(pairs, fitted):
    cases = pairs[1].validation_cases(2)
    for name in RECALIBRATIONS:
        expected = fit_recalibrator(name, cases.probabilities, cases.labels, kind="binary")
        assert fitted["mmfeat"][name][2]["ct"].to_json() == expected.to_json()
    assert isinstance(fitted["mmfeat"]["isotonic"][2]["ct"], Isotonic)


def test_test_cases_are_recalibrated_by_their_fold_and_by_what_they_have(pairs, fitted):
    natural, of_method = pairs[3], fitted["mmfeat"]["isotonic"]
    found = recalibrated(natural, of_method)
    assert found.case_ids.tolist() == natural.cases.case_ids.tolist()
    for name, part in natural.test.items():
        rows = np.flatnonzero(np.isin(found.case_ids, part.case_ids))
        for fold in range(5):
            one = rows[found.folds[rows] == fold]
            expected = of_method[fold][name].apply(natural.cases.probabilities[one])
            np.testing.assert_array_equal(found.probabilities[one], expected)


def test_a_fold_that_nothing_was_fitted_for_stays_as_it_is(pairs):
    pair = pairs[0]
    found = recalibrated(pair, {0: {pair.name: Temperature("binary", (2.0,))}})
    changed = (found.probabilities != pair.cases.probabilities)[:, 0]
    assert set(found.folds[changed]) == {0}


def test_a_view_of_few_cases_takes_all_cases_as_they_come(pairs):
    whole = pairs[3].validation_cases(0)
    few = pairs[0].validation_cases(0).take(np.arange(FEWEST_CASES - 1))
    found = fitted_recalibrator("temperature", few, whole)
    expected = fit_recalibrator("temperature", whole.probabilities, whole.labels, kind="binary")
    assert found == expected
    assert fitted_recalibrator("temperature", few, few) == Identity(
        "fewer than 20 cases with a label in the validation part"
    )
    assert isinstance(fitted_recalibrator("isotonic", None, None), Identity)


def test_an_output_with_four_positive_cases_is_left_as_it_is(pairs):
    cases = pairs[3].validation_cases(0)
    labels = np.zeros_like(cases.labels)
    labels[np.argsort(-cases.probabilities[:, 0])[:4]] = 1
    found = fitted_recalibrator("temperature", replace(cases, labels=labels), None)
    assert isinstance(found, Identity)


def test_numbers_are_not_recalibrated(pairs):
    numbers = replace(pairs[0].validation_cases(0), kind="regression")
    assert (
        fitted_recalibrator("temperature", numbers, None).reason == "numbers are not recalibrated"
    )
    of_number = replace(pairs[0], test={"ct": replace(pairs[0].cases, kind="regression")})
    assert fit_all([of_number]) == {}


def test_of_a_time_only_the_risks_until_horizons_change(pairs):
    def as_times(cases):
        return replace(
            cases,
            kind="time_to_event",
            outputs=("by 1", "risk"),
            probabilities=np.hstack([cases.probabilities, 7 + cases.probabilities]),
            labels=np.hstack([cases.labels, 3 * cases.labels]),
        )

    pair = pairs[0]
    times = replace(
        pair,
        test={name: as_times(one) for name, one in pair.test.items()},
        validation={
            fold: {name: as_times(one) for name, one in parts.items()}
            for fold, parts in pair.validation.items()
        },
    )
    found = recalibrated(times, fit_all([times])["mmfeat"]["isotonic"])
    np.testing.assert_array_equal(found.probabilities[:, 1], 7 + pair.cases.probabilities[:, 0])
    assert (found.probabilities[:, 0] != pair.cases.probabilities[:, 0]).any()
