import numpy as np
import pytest
import torch

from mmfeat.errors import Interrupted
from mmfeat.fusion.contrastive_stage import ContrastiveNetwork, pretrain
from mmfeat.fusion.fitting import LoopOptions, seeded
from mmfeat.fusion.paper_network import PaperNetwork
from mmfeat.fusion.viewed_cases import viewed_cases
from mmfeat.fusion.views import every_view
from mmfeat.losses.contrastive import label_agreement, pair_weights, starting_bias

LOOP = LoopOptions(epochs=6, patience=6, batch_size=64, learning_rate=3e-3, weight_decay=0.0)


def _cases(data, rows):
    return viewed_cases(data, rows, every_view(2), "cpu")


def _network():
    with seeded(0, "cpu"):
        return PaperNetwork([6, 3], n_outputs=1, dropout=0.0)


def _pretrain(network, data, *, published_bias=False, should_stop=lambda: False):
    with seeded(1, "cpu") as generator:
        return pretrain(
            network,
            _cases(data, data.train),
            _cases(data, data.val),
            kind="binary",
            published_bias=published_bias,
            balanced_pairs=not published_bias,
            options=LOOP,
            generator=generator,
            should_stop=should_stop,
        )


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
    loss = contrastive.loss(_cases(data, first), "binary", balanced_pairs=False)
    assert loss.item() == 0
    loss.backward()
    assert contrastive.projection[0].weight.grad.abs().max() == 0


def test_what_a_case_does_not_have_cannot_change_the_loss(made_fold, contrastive):
    data, _ = made_fold()
    before = contrastive.loss(_cases(data, data.train), "binary", balanced_pairs=True)
    for position, values in enumerate(data.features.values()):
        values[~data.present[:, position]] = 100.0
    after = contrastive.loss(_cases(data, data.train), "binary", balanced_pairs=True)
    assert after.item() == before.item()


def test_a_case_without_a_label_is_in_no_pair(made_fold, contrastive):
    data, _ = made_fold(missing=0.0)
    rows = data.train
    data.labels[rows[:3]] = np.nan
    whole = contrastive.loss(_cases(data, rows), "binary", balanced_pairs=False)
    without = contrastive.loss(_cases(data, rows[3:]), "binary", balanced_pairs=False)
    assert whole.item() == pytest.approx(without.item(), rel=1e-5)


def test_the_loss_reaches_every_part_but_the_classifier(made_fold, contrastive):
    data, _ = made_fold()
    contrastive.loss(_cases(data, data.train), "binary", balanced_pairs=True).backward()
    reached = {name for name, values in contrastive.named_parameters() if values.grad is not None}
    everything = {name for name, _ in contrastive.named_parameters()}
    assert everything - reached == {"network.classifier.weight", "network.classifier.bias"}


def test_training_brings_the_loss_of_unseen_cases_down(made_fold):
    data, _ = made_fold(n_cases=300, missing=0.0, signal=4.0)
    history = _pretrain(_network(), data)
    assert [record["epoch"] for record in history] == list(range(7))
    assert history[-1]["score"] > history[0]["score"] + 0.5  # a score is minus the loss


def test_the_classifier_is_left_as_it_was(made_fold):
    data, _ = made_fold()
    network = _network()
    before = network.classifier.weight.clone()
    hidden = network.hidden.weight.clone()
    _pretrain(network, data)
    assert torch.equal(network.classifier.weight, before)
    assert not torch.equal(network.hidden.weight, hidden)


@pytest.mark.parametrize("published", [True, False])
def test_the_bias_starts_as_published_or_at_the_share_of_pairs_that_agree(made_fold, published):
    data, _ = made_fold()
    history = _pretrain(_network(), data, published_bias=published)
    labels = torch.from_numpy(data.labels[data.train]).float()
    agreement = label_agreement(labels, "binary")
    balanced = starting_bias(agreement, pair_weights(labels, agreement, "binary"))
    assert balanced == pytest.approx(0, abs=1e-5)  # balanced pairs: half of them agree
    with seeded(1, "cpu"):
        start = ContrastiveNetwork(_network(), bias=-10.0 if published else balanced)
    loss = start.loss(_cases(data, data.val), "binary", balanced_pairs=not published)
    assert history[0]["score"] == pytest.approx(-loss.item(), rel=1e-5)


def test_a_request_to_stop_is_followed(made_fold):
    data, _ = made_fold()
    with pytest.raises(Interrupted, match="finished ones are kept"):
        _pretrain(_network(), data, should_stop=lambda: True)
