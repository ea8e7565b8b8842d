import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.fusion.networks.paper_network import PaperNetwork
from mmfeat.fusion.stacked.contrastive_architecture import (
    ContrastiveArchitecture,
    start_of_contrast,
)
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels
from mmfeat.fusion.training.contrastive_stage import (
    ContrastiveNetwork,
    bias_at_start,
    contrast_loss,
    network_part,
    temperature_of,
)
from mmfeat.fusion.training.network_jobs import Contrast, LoopOptions, NetworkJob
from mmfeat.fusion.training.seeding import seeded
from mmfeat.fusion.training.viewed_cases import viewed_cases
from mmfeat.fusion.views import every_view

LOOP = LoopOptions(epochs=6, patience=6, batch_size=64, learning_rate=3e-3, weight_decay=0.0)
PUBLISHED = Contrast(balanced_pairs=False, published_bias=True, clamps_temperature=False)
NETWORK = ContrastiveArchitecture(PaperArchitecture((6, 3), 1))


def _loss(network, data, rows, contrast):
    cases = viewed_cases(data, rows, every_view(2), "cpu")
    _, row, visible = cases.pairs()
    return contrast_loss(
        network,
        cases.spread(network(cases.features, row, visible)),
        cases.takes_part,
        contrast_labels(data.task, cases.labels),
        kind=contrast_kind(data.task),
        contrast=contrast,
    )


def _job(data, contrast=Contrast()):  # noqa: B008 - it is frozen
    bias = bias_at_start(data, data.train, contrast)
    return NetworkJob(
        "contrastive",
        NETWORK,
        data,
        1,
        data.train,
        data.val,
        every_view(2),
        LOOP,
        dropout=0.0,
        contrast=contrast,
        start=start_of_contrast(NETWORK, seed=1, bias=bias),
    )


def _train(job):
    return train_alone(job, device="cpu", should_stop=lambda: False)


@pytest.fixture
def contrastive():
    with seeded(0, "cpu"):
        return ContrastiveNetwork(PaperNetwork([6, 3], n_outputs=1, dropout=0.0), bias=-1.0).eval()


def test_it_starts_at_the_published_temperature_and_the_given_bias(contrastive):
    assert contrastive.log_temperature.exp().item() == pytest.approx(10)
    assert contrastive.bias.item() == -1


def test_cases_with_one_modality_have_no_pair_of_their_own_and_give_a_zero(made_fold, contrastive):
    data, _ = made_fold()
    alone = data.train[data.present[data.train].sum(axis=1) == 1]
    first = alone[data.present[alone, 0]]
    loss = _loss(contrastive, data, first, PUBLISHED)
    assert loss.item() == 0
    loss.backward()
    assert contrastive.projection[0].weight.grad.abs().max() == 0


def test_what_a_case_does_not_have_cannot_change_the_loss(made_fold, contrastive):
    data, _ = made_fold()
    before = _loss(contrastive, data, data.train, Contrast())
    garbage = {
        name: np.where(data.present[:, [position]], values, np.float32(100))
        for position, (name, values) in enumerate(data.features.items())
    }
    after = _loss(contrastive, dataclasses.replace(data, features=garbage), data.train, Contrast())
    assert after.item() == before.item()


def test_a_case_without_a_label_is_in_no_pair(made_fold, contrastive):
    data, _ = made_fold(missing=0.0)
    rows, labels = data.train, data.labels.copy()
    labels[rows[:3]] = np.nan
    data = dataclasses.replace(data, labels=labels)
    whole = _loss(contrastive, data, rows, PUBLISHED)
    without = _loss(contrastive, data, rows[3:], PUBLISHED)
    assert whole.item() == pytest.approx(without.item(), rel=1e-5)


def test_the_loss_reaches_every_part_but_the_last_layer(made_fold, contrastive):
    data, _ = made_fold()
    _loss(contrastive, data, data.train, Contrast()).backward()
    reached = {name for name, values in contrastive.named_parameters() if values.grad is not None}
    everything = {name for name, _ in contrastive.named_parameters()}
    assert everything - reached == {"network.classifier.weight", "network.classifier.bias"}


def test_training_brings_the_loss_of_unseen_cases_down(made_fold):
    data, _ = made_fold(n_cases=300, missing=0.0, signal=4.0)
    history = _train(_job(data)).history
    assert [record["epoch"] for record in history] == list(range(7))
    assert history[-1]["validation"] < history[0]["validation"] - 0.5


def test_the_last_layer_is_left_as_it_was_and_the_rest_is_carried_over(made_fold):
    data, _ = made_fold()
    job = _job(data)
    after = network_part(_train(job).state)
    before = network_part(job.start)
    assert torch.equal(after["classifier.weight"], before["classifier.weight"])
    assert not torch.equal(after["hidden.weight"], before["hidden.weight"])
    PaperArchitecture((6, 3), 1).build().load_state_dict(after)


def test_the_bias_starts_as_published_or_at_the_share_of_pairs_that_agree(made_fold):
    data, _ = made_fold()
    assert bias_at_start(data, data.train, PUBLISHED) == -10
    # Balanced pairs: half of them agree. Otherwise p**2 + (1 - p)**2 do.
    assert bias_at_start(data, data.train, Contrast()) == pytest.approx(0, abs=1e-5)
    prevalence = data.labels[data.train].mean()
    share = prevalence**2 + (1 - prevalence) ** 2
    found = bias_at_start(data, data.train, Contrast(balanced_pairs=False))
    assert found == pytest.approx(np.log(share / (1 - share)), rel=1e-4)


def test_the_temperature_is_clamped_unless_it_is_left_free():
    hot = torch.tensor(7.0)
    assert temperature_of(hot, Contrast()).item() == pytest.approx(100)
    assert temperature_of(hot, PUBLISHED).item() == pytest.approx(np.exp(7.0))


def test_a_network_without_a_representation_has_no_contrastive_stage():
    with pytest.raises(ValueError, match="a contrastive stage has no use for Linear"):
        ContrastiveNetwork(torch.nn.Linear(2, 1), bias=0.0)
