import dataclasses

import numpy as np
import pytest

from mmfeat.fusion.linear_models.anchor import (
    Anchor,
    AnchorDesign,
    Joint,
    choose_joint_share,
    fit_anchor,
    out_of_fold_logits,
)
from mmfeat.fusion.linear_models.joint_linear import joint_model
from mmfeat.fusion.linear_models.linear_model import LinearModel
from mmfeat.fusion.linear_models.stacking import Stack, mean_stack
from mmfeat.fusion.linear_models.unimodal import unimodal_models
from mmfeat.fusion.task import Task
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
        anchor.combine(of_modalities, visible, {}), anchor.logits(features, visible)
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


def test_a_joint_model_gives_its_share_of_the_answer(anchor):
    features = {"a": np.array([[2], [2]], "f4"), "b": np.array([[3], [3]], "f4")}
    joints = {(0, 1): Joint(_model(100.0, 1.0), 0.25)}
    both = dataclasses.replace(anchor, joints=joints)
    visible = np.array([[True, True], [True, False]])
    assert both.logits(features, visible)[:, 0].tolist() == [0.75 * 31.0 + 0.25 * 203.0, 2.0]


def test_what_only_both_modalities_say_together_is_found_by_the_joint_model(made_fold):
    data, _ = made_fold(missing=0.0)
    random = np.random.default_rng(0)
    size, score = random.standard_normal((2, len(data.labels), 1)).astype("f4")
    labels = (score + 0.3 * random.standard_normal(score.shape) > 0).astype(float)
    features = dict(zip(data.features, (score + 3 * size, size), strict=True))
    data = dataclasses.replace(data, features=features, labels=labels, cell_dropout={})
    anchor = fit_anchor(data, unimodal_models(data), every_view(2))
    assert anchor.joints[0, 1].share > 0.8
    ratio = (
        anchor.joints[0, 1].model.coefficients[1, 0] / anchor.joints[0, 1].model.coefficients[0, 0]
    )
    assert ratio == pytest.approx(-3, abs=0.2)


def test_an_anchor_can_do_without_joint_models(made_fold):
    data, _ = made_fold()
    design = AnchorDesign(joint_models=False)
    assert fit_anchor(data, unimodal_models(data), every_view(2), design).joints == {}


def test_an_anchor_can_do_without_products(made_fold):
    data, _ = made_fold()
    single = unimodal_models(data)
    for products in (True, False):
        anchor = fit_anchor(data, single, every_view(2), AnchorDesign(products=products))
        assert bool(anchor.stacks[0, 1].product_weights.any()) is products


def test_out_of_fold_logits_are_of_models_that_have_not_seen_the_case(made_fold):
    data, _ = made_fold(missing=0.0)
    single = unimodal_models(data)
    anchor = fit_anchor(data, single, every_view(2))
    seen = np.ones((1, len(single.rows), 2), dtype=bool)
    share = anchor.joints[0, 1].share
    stacked = anchor.stacks[0, 1].logits(single.out_of_fold)
    expected = stacked + share * (joint_model(data, (0, 1)).out_of_fold - stacked)
    np.testing.assert_allclose(out_of_fold_logits(anchor, data, single, seen)[0], expected)


def test_a_joint_model_gets_three_quarters_of_the_answer_where_the_cases_say_nothing():
    alike = np.zeros((50, 1))
    labels = np.tile([[0.0], [1.0]], (25, 1))
    assert choose_joint_share(alike, alike, labels, Task.single("binary")) == 0.75


@pytest.mark.parametrize(("better", "share"), [("joint", 1.0), ("stacked", 0.0)])
def test_many_cases_give_the_whole_answer_to_the_better_one(better, share):
    labels = np.tile([[0.0], [1.0]], (200, 1))
    right, wrong = labels * 2 - 1, 1 - labels * 2
    stacked, joint = (right, wrong) if better == "stacked" else (wrong, right)
    assert choose_joint_share(stacked, joint, labels, Task.single("binary")) == share
