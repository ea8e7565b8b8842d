import numpy as np
import pytest

from mmfeat.fusion.boosting_head import BoostingHead, joined, load_boosting_head
from mmfeat.fusion.task import Task
from mmfeat.fusion.tree_models.trees import Trees

BINARY = Task.single("binary")


def _always(logit):
    return (Trees.constant(np.array([logit])),)


def test_what_is_absent_is_unknown_to_the_trees():
    features = {"a": np.ones((3, 2), np.float32), "b": np.full((3, 1), 2, np.float32)}
    visible = np.array([[True, True], [False, True], [True, False]])
    together = joined(features, visible, np.array([1, 2]), (0, 1))
    np.testing.assert_array_equal(together, [[np.nan, np.nan, 2], [1, 1, np.nan]])


def test_a_set_without_trees_gets_the_mean_of_what_its_modalities_say():
    models = {(0,): _always(0.0), (1,): _always(2.0), (2,): _always(-1.0), (0, 2): _always(5.0)}
    head = BoostingHead("boosting", BINARY, {"a": 1, "b": 1, "c": 1}, models)
    features = {name: np.zeros((3, 1), np.float32) for name in "abc"}
    visible = np.array([[True, False, True], [True, True, False], [False, True, False]])
    answers = head.predict(features, visible)[:, 0]
    one_by_one = 1 / (1 + np.exp(-np.array([0.0, 2.0, 5.0])))
    assert answers == pytest.approx(
        [one_by_one[2], (one_by_one[0] + one_by_one[1]) / 2, one_by_one[1]]
    )


def test_a_saved_head_has_the_same_trees_and_loss(tmp_path):
    models = {(0,): _always(0.5), (0, 1): _always(1.5)}
    BoostingHead("boosting", BINARY, {"a": 1, "b": 2}, models, 0.25).save(tmp_path)
    again = load_boosting_head(tmp_path, "boosting")
    assert again.models[0, 1][0].start.tolist() == [1.5]
    assert again.validation == 0.25
