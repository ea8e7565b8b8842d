import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.stacked.contrastive_architecture import ContrastiveArchitecture
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.network_jobs import (
    Contrast,
    LoopOptions,
    LossTerms,
    NetworkJob,
    StepRules,
)
from mmfeat.fusion.training.seeding import seeded
from mmfeat.fusion.views import every_view

PAPER = PaperArchitecture((6, 3), 1)
EVERYTHING = StepRules(largest_norm=1.0, warmup_epochs=1.0, cosine=True, averaging=0.8)


@pytest.fixture(scope="module")
def job(made_fold):
    data, _ = made_fold()
    cells = {"m1": CellDropout(np.arange(3), np.zeros(3, np.float32), 0.5)}
    data = dataclasses.replace(data, cell_dropout=cells)
    loop = LoopOptions(epochs=5, patience=5, batch_size=32, learning_rate=3e-3, weight_decay=0.1)
    views = every_view(2)
    return NetworkJob(
        "head/target", PAPER, data, 3, data.train, data.val, views, loop, 0.2, hides_cells=True
    )


def _train(job, **kwargs):
    kwargs.setdefault("should_stop", lambda: False)
    return train_alone(job, device="cpu", **kwargs)


def _assert_equal(one, other):
    assert one.best_epoch == other.best_epoch
    for record, wanted in zip(one.history, other.history, strict=True):
        assert record == pytest.approx(wanted, rel=0, abs=0, nan_ok=True)
    assert one.state.keys() == other.state.keys()
    for name, values in one.state.items():
        assert torch.equal(values, other.state[name])


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": EVERYTHING},
        {"draws_views": True, "views": every_view(2)[-1:], "val_views": every_view(2)},
        {
            "architecture": ContrastiveArchitecture(PAPER),
            "contrast": Contrast(),
            "hides_cells": False,
        },
        {"architecture": ContrastiveArchitecture(PAPER), "contrast": Contrast(bank=64)},
    ],
)
@pytest.mark.parametrize("n_epochs", [0, 2])
def test_an_interrupted_network_goes_on_to_the_very_bits(job, tmp_path, changes, n_epochs):
    job = dataclasses.replace(job, **changes)
    whole = _train(job)
    asked = iter([False] * n_epochs + [True])
    with pytest.raises(Interrupted, match="unless its state is kept"):
        _train(job, should_stop=lambda: next(asked), unfinished=tmp_path)
    torch.rand(5)  # what others draw does not matter
    told = []
    resumed = _train(job, unfinished=tmp_path, on_epoch=lambda _, record: told.append(record))
    _assert_equal(resumed, whole)
    assert [record["epoch"] for record in told] == list(range(n_epochs + 1, len(whole.history)))
    _assert_equal(_train(job, unfinished=tmp_path, should_stop=lambda: True), whole)


def test_the_state_of_other_data_is_refused(job, tmp_path):
    _train(job, unfinished=tmp_path)
    features = {**job.data.features, "m0": job.data.features["m0"] + 1}
    other = dataclasses.replace(job, data=dataclasses.replace(job.data, features=features))
    with pytest.raises(TrainError, match="`head/target` was made with another data; remove it"):
        _train(other, unfinished=tmp_path)


def test_every_epoch_has_its_validation_loss_and_the_best_one_is_the_networks(job):
    trained = _train(job)
    assert trained.validation == trained.history[trained.best_epoch]["validation"]
    by_loss = _train(dataclasses.replace(job, score="loss"))
    for record in by_loss.history:  # the sum over three views, and their mean
        assert record["score"] == pytest.approx(-3 * record["validation"], rel=1e-5)


def test_offsets_alone_are_the_answer_of_a_network_that_adds_nothing(job):
    random = np.random.default_rng(0)
    offsets = random.normal(size=(3, 160, 1))
    job = dataclasses.replace(
        job,
        architecture=ResidualArchitecture((6, 3), 1),
        score="loss",
        start_competes=True,
        terms=LossTerms(offsets=offsets),
        loop=dataclasses.replace(job.loop, epochs=0),
    )
    trained = _train(job)
    losses = []
    for view, seen in enumerate(job.views):
        has = job.data.present[job.val][:, seen].all(axis=1)
        only = (job.data.present[job.val] & seen).any(axis=1)
        # A case that lacks something of a view is counted under the smaller set.
        rows = job.val[has if seen.sum() == 2 else only]
        logits, labels = offsets[view, rows], job.data.labels[rows]
        losses.append(np.mean(np.logaddexp(0, logits) - labels * logits))
    assert trained.validation == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.parametrize(
    "terms",
    [
        {"sample_weights": np.arange(160.0)},
        {"view_weights": np.array([0.0, 0.0, 1.0])},
    ],
)
def test_weights_change_what_is_learnt(job, terms):
    weighted = _train(dataclasses.replace(job, terms=LossTerms(**terms)))
    assert weighted.history[1]["loss"] != _train(job).history[1]["loss"]


def test_something_beside_the_loss_is_added_to_it(job):
    def one(logits, labels, weights, task):
        assert logits.shape == (3, len(labels), 1)
        assert not logits[weights == 0].any()
        return logits.new_ones(())

    more = _train(dataclasses.replace(job, terms=LossTerms(extra=one)))
    _assert_equal_weights(more, plain := _train(job))
    assert more.history[1]["loss"] == pytest.approx(plain.history[1]["loss"] + 1)


def _assert_equal_weights(one, other):
    for name, values in one.state.items():
        assert torch.equal(values, other.state[name])


def test_a_moving_average_stays_nearer_to_the_start(job):
    def moved(averaging):
        rules = StepRules(averaging=averaging)
        state = _train(dataclasses.replace(job, rules=rules)).state
        return sum(float((state[n] - values).square().sum()) for n, values in start.items())

    with seeded(job.seed, "cpu"):
        start = job.architecture.build().state_dict()
    assert 0 < moved(0.99) < moved(0.9) < moved(0.0)


def test_biases_norms_and_tokens_are_not_decayed(job):
    still = dataclasses.replace(
        job,
        terms=LossTerms(view_weights=np.zeros(3)),  # no gradient: what moves has decayed
        loop=dataclasses.replace(job.loop, learning_rate=0.1, weight_decay=1.0),
    )
    state = _train(still).state
    with seeded(job.seed, "cpu"):
        start = job.architecture.build().state_dict()
    moved = {name for name, values in start.items() if not torch.equal(values, state[name])}
    assert moved == {"hidden.weight", "classifier.weight"}


def test_a_loss_that_is_no_number_is_a_failure_with_its_epoch(job):
    trained = _train(
        dataclasses.replace(job, loop=dataclasses.replace(job.loop, learning_rate=1e30))
    )
    assert trained.failure is not None
    assert "of epoch" in trained.failure
    assert all(bool(values.isfinite().all()) for values in trained.state.values())


def test_numbers_and_times_are_learnt_too(job):
    random = np.random.default_rng(0)
    signal = job.data.features["m0"][:, :1] + job.data.features["m1"][:, :1]
    number = dataclasses.replace(
        job.data, labels=signal.astype(float), task=Task.single("regression")
    )
    job = dataclasses.replace(
        job, score="loss", loop=dataclasses.replace(job.loop, epochs=30, patience=30)
    )
    trained = _train(dataclasses.replace(job, data=number))
    assert trained.validation < 0.6 * trained.history[0]["validation"]
    pytest.importorskip("torchsurv")
    times = np.hstack([np.exp(-signal + 0.1 * random.normal(size=signal.shape)), np.ones((160, 1))])
    hazard = dataclasses.replace(job.data, labels=times, task=Task.single("cox"))
    trained = _train(dataclasses.replace(job, data=hazard))
    assert trained.validation < trained.history[0]["validation"] - 0.1
