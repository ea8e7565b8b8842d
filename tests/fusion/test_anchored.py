"""What sets the default method apart from the linear models that it stands on."""

import dataclasses

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score

from mmfeat.fusion import get_method
from mmfeat.fusion.anchored_head import AnchoredHead
from mmfeat.fusion.contract import FitOptions
from mmfeat.fusion.linear_models.anchor import Anchor
from mmfeat.fusion.linear_models.linear import LinearModel
from mmfeat.fusion.linear_models.stacking import mean_stack
from mmfeat.fusion.networks.network_inputs import NetworkInputs
from mmfeat.fusion.networks.residual_network import ResidualNetwork
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.running import fit_head

SHORT = {"epochs": 30, "patience": 6, "batch_size": 128, "learning_rate": 3e-3}


def _fit(name, data, **options):
    return fit_head(get_method(name), data, seed=0, options=FitOptions(**options))


def _predict(head, data, rows):
    features = {name: values[rows] for name, values in data.features.items()}
    return head.predict(features, data.present[rows])[:, 0]


def _with_labels(data, logits, seed=0):
    tossed = np.random.default_rng(seed).random(len(logits)) < 1 / (1 + np.exp(-logits))
    return dataclasses.replace(data, labels=tossed.astype(float)[:, None])


def test_without_a_share_the_answer_is_the_anchors(made_fold):
    data, test = made_fold()
    head = dataclasses.replace(_fit("mmfeat", data, epochs=1), shares={}, networks=())
    features = {name: values[test] for name, values in data.features.items()}
    expected = to_answers(head.anchor.logits(features, data.present[test]), data.task)
    np.testing.assert_array_equal(head.predict(features, data.present[test]), expected)


def test_a_set_that_was_never_seen_whole_is_answered_by_the_mean_of_its_logits():
    models = tuple(LinearModel(np.array([[weight]]), np.array([0.0])) for weight in (1.0, 3.0))
    anchor = Anchor(models, {(0,): mean_stack(1, 1), (1,): mean_stack(1, 1)})
    features = {"a": np.ones((2, 1), np.float32), "b": np.ones((2, 1), np.float32)}
    visible = np.array([[True, True], [False, True]])
    assert anchor.logits(features, visible)[:, 0].tolist() == [2.0, 3.0]


def test_a_head_with_networks_is_read_as_it_was_saved(tmp_path):
    torch.manual_seed(0)
    networks = tuple(ResidualNetwork([2, 3], n_outputs=1, dropout=0.2).eval() for _ in range(2))
    for network in networks:  # the last layers start at zero, and would add nothing
        for values in network.parameters():
            torch.nn.init.normal_(values)
    random = np.random.default_rng(0)
    models = tuple(LinearModel(random.normal(size=(n, 1)), np.array([0.1])) for n in (2, 3))
    head = AnchoredHead(
        "mmfeat",
        Task.single("binary"),
        NetworkInputs({"a": 2, "b": 3}),
        Anchor(models, {(0, 1): mean_stack(2, 1)}),
        networks,
        {(0, 1): 0.5, (1,): 0.0},
        validation=0.4,
    )
    features = {
        name: random.normal(size=(6, n)).astype("f4") for name, n in head.inputs.widths.items()
    }
    visible = np.array([[True, True], [True, False], [False, True]] * 2)
    head.save(tmp_path)
    again = get_method("mmfeat").load(tmp_path)
    assert (again.shares, again.validation) == (head.shares, 0.4)
    np.testing.assert_array_equal(again.predict(features, visible), head.predict(features, visible))
    alone = dataclasses.replace(again, shares={}).predict(features, visible)
    changed = (again.predict(features, visible) != alone)[:, 0]
    np.testing.assert_array_equal(changed, visible.all(axis=1))


def test_an_interaction_of_modalities_is_found_where_averages_cannot(made_fold):
    data, test = made_fold(n_cases=900, widths=(4, 3), missing=0.0)
    first, second = (values[:, 0] for values in data.features.values())
    data = _with_labels(data, first + second + 2 * first * second)
    labels = data.labels[test, 0]
    ours = _predict(_fit("mmfeat", data, **SHORT), data, test)
    average = _predict(_fit("average", data), data, test)
    assert roc_auc_score(labels, ours) > roc_auc_score(labels, average) + 0.05


def test_a_bend_within_one_modality_is_found_by_the_residual(made_fold):
    data, test = made_fold(n_cases=900, widths=(4, 3), missing=0.0)
    first, second = (values[:, 0] for values in data.features.values())
    data = _with_labels(data, 2 * np.abs(first) + second - 1.5)
    head = _fit("mmfeat", data, **SHORT | {"learning_rate": 5e-3})
    assert head.shares[0, 1] > 0
    assert head.shares[0,] > 0
    labels = data.labels[test, 0]
    average = _predict(_fit("average", data), data, test)
    assert roc_auc_score(labels, _predict(head, data, test)) > roc_auc_score(labels, average) + 0.05


@pytest.mark.parametrize("seed", [0, 1])
def test_where_there_is_nothing_to_gain_it_is_as_good_as_the_average(made_fold, seed):
    data, test = made_fold(n_cases=600, widths=(40, 3), missing=0.1, seed=seed)
    data = _with_labels(data, 1.5 * data.features["m1"][:, 0], seed)
    labels = data.labels[test, 0]
    ours = _predict(_fit("mmfeat", data, **SHORT), data, test)
    average = _predict(_fit("average", data), data, test)
    assert log_loss(labels, ours) < log_loss(labels, average) + 0.01
    assert roc_auc_score(labels, ours) > roc_auc_score(labels, average) - 0.02


def test_probabilities_are_calibrated_in_the_large(made_fold):
    data, test = made_fold(n_cases=1000, missing=0.2)
    probabilities = _predict(_fit("mmfeat", data, **SHORT), data, test)
    assert probabilities.mean() == pytest.approx(data.labels[test, 0].mean(), abs=0.06)
