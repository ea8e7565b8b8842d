import numpy as np

from mmfeat.report import ScoredCases
from mmfeat.stages.predicting.base_rates import base_rates


def _cases(kind, labels, probabilities=None):
    labels = np.asarray(labels, np.float64)
    ids = np.array([f"c{number}" for number in range(len(labels))], dtype=object)
    answers = np.zeros_like(labels) if probabilities is None else np.asarray(probabilities)
    outputs = tuple(f"o{number}" for number in range(labels.shape[1]))
    folds = np.zeros(len(labels), np.int64)
    return ScoredCases(kind, outputs, ids, ids, folds, answers, labels)


def test_of_classes_it_is_their_share_of_the_known_cases_over_all_availabilities():
    parts = [_cases("multilabel", [[1, np.nan], [0, np.nan]]), _cases("multilabel", [[1, np.nan]])]
    shares = base_rates(parts)
    assert shares[0] == 2 / 3
    assert np.isnan(shares[1])


def test_of_times_it_counts_those_who_were_not_followed_as_kaplan_and_meier_do():
    # Events at 1 (of 4 at risk) and 3 (of 2 at risk); follow-up of the others ended at 2 and 5.
    labels = [[1, 1, 1.0], [np.nan, np.nan, -2.0], [0, 1, 3.0], [0, 0, -5.0]]
    answers = [[0.1, 0.2, 10.0], [0.1, 0.2, 20.0], [0.1, 0.2, 30.0], [0.1, 0.2, 40.0]]
    rates = base_rates([_cases("time_to_event", labels, answers)], horizons=(2.0, 4.0))
    np.testing.assert_allclose(rates, [1 - 3 / 4, 1 - 3 / 4 * 1 / 2, 25.0])


def test_an_event_on_the_day_of_the_scan_is_an_event():
    rates = base_rates([_cases("time_to_event", [[1, 0.0], [0, 9.0]])], horizons=(1.0,))
    assert rates[0] == 0.5


def test_times_of_which_nothing_is_known_have_no_base_rate():
    labels = [[np.nan, np.nan]]
    rates = base_rates([_cases("time_to_event", labels, [[0.5, 2.0]])], horizons=(1.0,))
    assert np.isnan(rates[0])
    assert rates[1] == 2.0
