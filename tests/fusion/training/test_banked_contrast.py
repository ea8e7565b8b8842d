from dataclasses import replace

import pytest
import torch

from mmfeat.errors import Interrupted
from mmfeat.fusion.stacked.contrastive_architecture import (
    ContrastiveArchitecture,
    start_of_contrast,
)
from mmfeat.fusion.stacked.grouping import can_be_stacked
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.training.alone import train_alone
from mmfeat.fusion.training.banked_contrast import BankedContrast
from mmfeat.fusion.training.job_objectives import ContrastObjective
from mmfeat.fusion.training.network_jobs import Contrast, LoopOptions, NetworkJob
from mmfeat.fusion.training.seeding import seeded
from mmfeat.fusion.training.viewed_cases import viewed_cases
from mmfeat.fusion.views import every_view

VIEWS = every_view(2)
ARCHITECTURE = ContrastiveArchitecture(PaperArchitecture((6, 3), 1))
LOOP = LoopOptions(epochs=4, patience=4, batch_size=16, learning_rate=3e-3, weight_decay=0.0)


def _job(data, *, bank):
    return NetworkJob(
        "contrastive",
        ARCHITECTURE,
        data,
        0,
        data.train,
        data.val,
        VIEWS,
        LOOP,
        0.1,
        score="loss",
        contrast=Contrast(bank=bank),
        start=start_of_contrast(ARCHITECTURE, seed=0, bias=0.0),
    )


def _train(job, **options):
    return train_alone(job, device="cpu", **({"should_stop": lambda: False} | options))


def test_the_first_batch_of_a_training_meets_an_empty_bank(made_fold):
    data, _ = made_fold()
    cases = viewed_cases(data, data.train, VIEWS, "cpu")
    first, second = (cases.part(torch.arange(start, start + 20)) for start in (0, 20))
    with seeded(0, "cpu"):
        network = ARCHITECTURE.build().train()
    contrast = Contrast(bank=64)
    banked = BankedContrast(data.task, contrast, n_views=3, device="cpu")
    plain = ContrastObjective(data.task, contrast)
    losses = [banked.loss(network, part).item() for part in (first, second)]
    alone = [plain.loss(network, part, torch.Generator()).item() for part in (first, second)]
    assert losses[0] == pytest.approx(alone[0], rel=1e-5)
    assert losses[1] != pytest.approx(alone[1], rel=1e-3)
    filled = {name: values for name, values in banked.state().items() if name.endswith("cases")}
    for view, values in enumerate(filled.values()):
        takes = cases.takes_part[view, :40]
        assert values[values >= 0].tolist() == takes.nonzero()[:, 0].tolist()


def test_a_bank_changes_what_is_learnt_and_the_score_stays_that_of_the_cases(made_fold):
    data, _ = made_fold()
    with_bank, without = _train(_job(data, bank=48)), _train(_job(data, bank=0))
    assert with_bank.history[0]["score"] == without.history[0]["score"]
    assert with_bank.history[-1]["score"] > with_bank.history[0]["score"]
    name = "network.hidden.weight"
    assert not torch.equal(with_bank.state[name], without.state[name])


def test_an_interrupted_training_goes_on_with_its_bank(made_fold, tmp_path):
    data, _ = made_fold()
    job = _job(data, bank=48)
    expected = _train(job)
    asked = []

    def after_two_epochs():
        asked.append(True)
        return len(asked) > 2

    with pytest.raises(Interrupted, match="head in training"):
        _train(job, unfinished=tmp_path, should_stop=after_two_epochs)
    found = _train(job, unfinished=tmp_path)
    assert found.history[1:] == expected.history[1:]
    for key, values in expected.state.items():
        assert torch.equal(found.state[key], values), key


def test_networks_with_a_bank_are_trained_alone(made_fold):
    data, _ = made_fold()
    job = _job(data, bank=0)
    assert can_be_stacked(job)
    assert not can_be_stacked(replace(job, contrast=Contrast(bank=1)))
