import dataclasses

import numpy as np
import pytest

from mmfeat.fusion.anchor import Anchor, fit_anchor
from mmfeat.fusion.linear import LinearModel
from mmfeat.fusion.stacking import Stack, mean_stack
from mmfeat.fusion.unimodal import unimodal_models
from mmfeat.fusion.views import every_view


def _model(*weights):
    return LinearModel(np.array(weights)[:, None], np.array([0.0]))


def _sum_stack(n_members, bias=0.0):
    return dataclasses.replace(
        mean_stack(n_members, 1), weights=np.ones((n_members, 1)), biases=np.array([bias])
    )


@pytest.fixture
def anchor():
    """Two modalities whose logits are 1 and 10 times their one value; together they add up."""
    stacks = {(0,): _sum_stack(1), (1,): _sum_stack(1, 0.5), (0, 1): _sum_stack(2, -1.0)}
    return Anchor((_model(1.0), _model(10.0)), stacks)


def test_each_set_of_modalities_is_answered_by_its_own_stack(anchor):
    features = {"a": np.array([[2], [2], [2]], "f4"), "b": np.array([[3], [3], [3]], "f4")}
    visible = np.array([[True, False], [False, True], [True, True]])
    assert anchor.logits(features, visible)[:, 0].tolist() == [2.0, 30.5, 31.0]


def test_what_is_not_visible_is_not_read(anchor):
    features = {"a": np.array([[2], [np.nan]], "f4"), "b": np.array([[np.nan], [3]], "f4")}
    assert anchor.logits(features, np.eye(2, dtype=bool))[:, 0].tolist() == [2.0, 30.5]


def test_logits_made_before_combine_as_those_made_here(anchor):
    features = {"a": np.array([[2], [5]], "f4"), "b": np.array([[3], [7]], "f4")}
    visible = np.array([[True, True], [True, False]])
    of_modalities = np.array([[[2.0], [30.0]], [[5.0], [70.0]]])
    np.testing.assert_array_equal(
        anchor.combine(of_modalities, visible), anchor.logits(features, visible)
    )


def test_no_cases_have_no_logits(anchor):
    features = {"a": np.empty((0, 1), "f4"), "b": np.empty((0, 1), "f4")}
    assert anchor.logits(features, np.empty((0, 2), bool)).shape == (0, 1)


def test_every_view_that_enough_cases_have_whole_gets_a_stack(made_fold):
    data, _ = made_fold()
    anchor = fit_anchor(data, unimodal_models(data), every_view(2))
    assert anchor.stacks.keys() == {(0,), (1,), (0, 1)}
    assert all(isinstance(stack, Stack) for stack in anchor.stacks.values())


@pytest.mark.parametrize(("n_complete", "has_stack"), [(19, False), (20, True)])
def test_a_view_that_fewer_than_twenty_cases_have_whole_gets_none(made_fold, n_complete, has_stack):
    data, _ = made_fold(missing=0.0)
    learnt = data.usable(np.union1d(data.train, data.val))
    present = np.zeros_like(data.present)
    present[learnt[:50], 0] = present[learnt[50:], 1] = True
    present[learnt[:n_complete]] = True
    data = dataclasses.replace(data, present=present)
    anchor = fit_anchor(data, unimodal_models(data), every_view(2))
    assert {(0,), (1,)} <= anchor.stacks.keys()
    assert ((0, 1) in anchor.stacks) is has_stack


def test_a_set_without_a_stack_is_the_mean_of_its_members(anchor):
    bare = dataclasses.replace(anchor, stacks={})
    features = {"a": np.array([[2]], "f4"), "b": np.array([[3]], "f4")}
    assert bare.logits(features, np.array([[True, True]])).item() == 16.0
