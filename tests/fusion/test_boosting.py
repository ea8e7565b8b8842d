import dataclasses

import numpy as np
import pytest

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.boosting_head import joined
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.running import fit_head
from mmfeat.fusion.tree_models.boosted_trees import Examples, boost, logits


def _fit(name, data):
    return fit_head(get_method(name), data, seed=0, options=FitOptions())


@pytest.fixture(scope="module")
def fold(made_fold):
    return made_fold(n_cases=300, widths=(4, 3))


@pytest.fixture(scope="module")
def boosted(fold):
    return _fit("boosting", fold[0])


def _features(data, rows):
    return {name: values[rows] for name, values in data.features.items()}


def test_each_set_is_answered_by_trees_of_the_cases_that_have_some_of_it(fold, boosted):
    data, test = fold
    for members in ((0,), (1,), (0, 1)):
        train, val = (
            rows[data.present[rows][:, list(members)].any(axis=1)]
            for rows in (data.train, data.val)
        )
        expected = boost(
            Examples(joined(data.features, data.present, train, members), data.labels[train]),
            Examples(joined(data.features, data.present, val, members), data.labels[val]),
            data.task.parts[0],
        )
        of_set = joined(data.features, data.present, test, members)
        np.testing.assert_array_equal(
            logits(boosted.models[members], of_set), logits(expected.final, of_set)
        )


def test_the_average_is_the_mean_of_what_single_modalities_say(fold, boosted):
    data, test = fold
    average, everything = _fit("boosting-average", data), np.ones((len(test), 2), dtype=bool)
    singles = [
        boosted.predict(_features(data, test), everything & (np.arange(2) == m)) for m in (0, 1)
    ]
    np.testing.assert_allclose(
        average.predict(_features(data, test), everything), np.mean(singles, axis=0)
    )


def test_a_set_that_hardly_any_case_has_whole_gets_the_mean_of_its_modalities(made_fold):
    data, test = made_fold(n_cases=200)
    present = data.present.copy()
    present[:190, 1] = ~present[:190, 0]
    head = _fit("boosting", dataclasses.replace(data, present=present))
    assert set(head.models) == {(0,), (1,)}
    assert np.isfinite(head.predict(_features(data, test), np.ones((len(test), 2), bool))).all()


def test_of_many_modalities_only_the_whole_is_boosted_beside_the_single_ones(made_fold):
    data, _ = made_fold(n_cases=120, widths=(2,) * 5, missing=0.0)
    assert list(_fit("boosting", data).models) == [(0,), (1,), (2,), (3,), (4,), (0, 1, 2, 3, 4)]


def test_a_time_to_event_for_networks_is_refused(fold):
    data, _ = fold
    times = np.hstack([np.abs(data.labels) + 1, data.labels])
    cox = dataclasses.replace(data, labels=times, task=Task.single("cox"))
    with pytest.raises(TrainError, match="boosting has no Cox model"):
        _fit("boosting", cox)
