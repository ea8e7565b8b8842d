import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.fusion.network_jobs import Contrast, StackOptions
from mmfeat.fusion.stacked.cohort import stacked_cohort
from mmfeat.fusion.stacked.contrastive_stack import (
    ContrastiveArchitecture,
    ContrastiveObjective,
    network_part,
    start_of_contrast,
)
from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.stacked.head_cases import head_cases
from mmfeat.fusion.stacked.head_numbers import head_numbers
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.viewed_cases import viewed_cases


def _of_kind(fold, kind):
    random = np.random.default_rng(5)
    n_cases = len(fold.labels)
    if kind == "multilabel":
        labels, n_outputs = random.integers(0, 2, size=(n_cases, 3)).astype(float), 3
    elif kind == "multiclass":
        labels, n_outputs = random.integers(0, 3, size=(n_cases, 1)).astype(float), 3
    else:
        labels, n_outputs = fold.labels.copy(), 1
    labels[random.random(labels.shape) < 0.1] = np.nan
    return dataclasses.replace(fold, labels=labels, kind=kind, n_outputs=n_outputs)


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_every_head_has_the_loss_that_its_module_has_alone(real_folds, made_jobs, kind, balanced):
    folds = {number: _of_kind(fold, kind) for number, fold in enumerate(real_folds)}
    cohort = stacked_cohort(folds, device="cpu", precision="float64")
    jobs = made_jobs(n_heads=3)
    architecture = ContrastiveArchitecture(PaperArchitecture((20, 10), folds[0].n_outputs))
    starts = [start_of_contrast(architecture, seed=n, bias=0.5 * n) for n in range(3)]
    layout = FlatLayout.of(architecture.build())
    rows = torch.stack([layout.row(start) for start in starts]).double()
    batch_rows = torch.from_numpy(np.stack([job.train[:25] for job in jobs]))
    valid = (torch.arange(25) < 20).expand(3, -1)
    batch = head_cases(jobs, cohort, is_train=True).batch(cohort, batch_rows, valid)
    objective = ContrastiveObjective(architecture, kind, Contrast(balanced))
    found = objective.losses(layout.views(rows), batch, None, head_numbers(jobs, cohort).weights)
    for head, job in enumerate(jobs):
        network = architecture.build().eval()
        network.load_state_dict(starts[head])
        cases = viewed_cases(folds[job.fold], batch_rows[head, :20].numpy(), job.views, "cpu")
        alone = network.loss(cases, kind, balanced_pairs=balanced)
        assert found[head].item() == pytest.approx(alone.item(), rel=1e-4)


def test_both_stages_of_a_stacked_head_are_those_of_the_head_alone(real_folds, made_jobs):
    paper = PaperArchitecture((20, 10), 1)
    first = [
        dataclasses.replace(
            job,
            architecture=ContrastiveArchitecture(paper),
            contrast=Contrast(),
            start=start_of_contrast(ContrastiveArchitecture(paper), seed=job.seed, bias=0.3),
        )
        for job in made_jobs(n_heads=3, epochs=2)
    ]
    finished = []
    for heads_at_once in (1, 3):
        options = StackOptions("float64", heads_at_once=heads_at_once)
        run = {"options": options, "device": "cpu", "should_stop": lambda: False}
        heads = train_stack(first, real_folds, **run)
        assert all(head.history[2]["loss"] < head.history[1]["loss"] for head in heads)
        second = [
            dataclasses.replace(
                head.job, architecture=paper, contrast=None, start=network_part(head.state)
            )
            for head in heads
        ]
        finished.append(train_stack(second, real_folds, **run))
    for one, other in zip(*finished, strict=True):
        for name, values in one.state.items():
            torch.testing.assert_close(values, other.state[name], rtol=0, atol=1e-10)


def test_another_network_has_no_contrastive_stage(real_folds, made_jobs):
    jobs = made_jobs(n_heads=1, contrast=Contrast())
    with pytest.raises(ValueError, match="a contrastive stage has no use for PaperArchitecture"):
        train_stack(
            jobs, real_folds, options=StackOptions(), device="cpu", should_stop=lambda: False
        )
