import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.fusion.stacked.cohort import stacked_cohort
from mmfeat.fusion.stacked.contrastive_architecture import (
    ContrastiveArchitecture,
    start_of_contrast,
)
from mmfeat.fusion.stacked.contrastive_stack import ContrastiveObjective
from mmfeat.fusion.stacked.flat_parameters import FlatLayout
from mmfeat.fusion.stacked.head_cases import head_cases
from mmfeat.fusion.stacked.head_numbers import head_numbers
from mmfeat.fusion.stacked.paper_stack import PaperArchitecture
from mmfeat.fusion.stacked.residual_stack import ResidualArchitecture
from mmfeat.fusion.stacked.training import train_stack
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels
from mmfeat.fusion.training.contrastive_stage import contrast_loss, network_part
from mmfeat.fusion.training.network_jobs import Contrast, StackOptions
from mmfeat.fusion.training.viewed_cases import viewed_cases


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
    return dataclasses.replace(fold, labels=labels, task=Task.single(kind, n_outputs))


@pytest.mark.parametrize("contrast", [Contrast(), Contrast(False, clamps_temperature=False)])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_every_head_has_the_loss_that_its_module_has_alone(real_folds, made_jobs, kind, contrast):
    folds = {fold: _of_kind(fold, kind) for fold in real_folds}
    cohort = stacked_cohort(list(folds.values()), device="cpu", precision="float64")
    jobs = [dataclasses.replace(job, data=folds[job.data]) for job in made_jobs(n_heads=3)]
    task = jobs[0].data.task
    architecture = ContrastiveArchitecture(PaperArchitecture((20, 10), task.n_outputs))
    starts = [start_of_contrast(architecture, seed=n, bias=0.5 * n) for n in range(3)]
    for start in starts:  # hotter than the clamp lets it be
        start["log_temperature"] += 3.0
    layout = FlatLayout.of(architecture.build())
    rows = torch.stack([layout.row(start) for start in starts]).double()
    batch_rows = torch.from_numpy(np.stack([job.train[:25] for job in jobs]))
    valid = (torch.arange(25) < 20).expand(3, -1)
    batch = head_cases(jobs, cohort, is_train=True).batch(cohort, batch_rows, valid)
    weights = head_numbers(jobs, cohort).train.weights
    objective = ContrastiveObjective(architecture, task, contrast)
    found = objective.losses(layout.views(rows), batch, None, weights)
    for head, job in enumerate(jobs):
        network = architecture.build().eval()
        network.load_state_dict(starts[head])
        cases = viewed_cases(job.data, batch_rows[head, :20].numpy(), job.views, "cpu")
        _, row, visible = cases.pairs()
        alone = contrast_loss(
            network,
            cases.spread(network(cases.features, row, visible)),
            cases.takes_part,
            contrast_labels(task, cases.labels),
            kind=contrast_kind(task),
            contrast=contrast,
        )
        assert found[head].item() == pytest.approx(alone.item(), rel=1e-4)


@pytest.mark.parametrize(
    "within", [PaperArchitecture((20, 10), 1), ResidualArchitecture((20, 10), 1)]
)
def test_both_stages_of_a_stacked_head_are_those_of_the_head_alone(made_jobs, within):
    architecture = ContrastiveArchitecture(within)
    first = [
        dataclasses.replace(
            job,
            architecture=architecture,
            contrast=Contrast(),
            start=start_of_contrast(architecture, seed=job.seed, bias=0.3),
        )
        for job in made_jobs(n_heads=3, epochs=2)
    ]
    finished = []
    for heads_at_once in (1, 3):
        options = StackOptions("float64", heads_at_once=heads_at_once)
        run = {"options": options, "device": "cpu", "should_stop": lambda: False}
        heads = train_stack(first, **run)
        assert all(head.history[2]["loss"] < head.history[1]["loss"] for head in heads)
        assert all(head.validation == -head.history[head.best_epoch]["score"] for head in heads)
        second = [
            dataclasses.replace(
                head.job, architecture=within, contrast=None, start=network_part(head.state)
            )
            for head in heads
        ]
        finished.append(train_stack(second, **run))
    for one, other in zip(*finished, strict=True):
        for name, values in one.state.items():
            torch.testing.assert_close(values, other.state[name], rtol=0, atol=1e-10)
