import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.fusion.stacked.contrastive_architecture import ContrastiveArchitecture
from mmfeat.fusion.stacked.grouping import can_be_stacked, stackable, stacks_of
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.network_jobs import Contrast, LossTerms, StackOptions


def _names(jobs, **options):
    return [[job.name for job in part] for part in stacks_of(jobs, StackOptions(**options), "cpu")]


def test_jobs_of_one_shape_share_a_stack_until_it_is_full(made_jobs):
    paper, residual = made_jobs("paper"), made_jobs("residual")
    mixed = [job for pair in zip(paper, residual, strict=True) for job in pair]
    assert _names(mixed, heads_at_once=3) == [
        ["paper-0", "paper-1", "paper-2"],
        ["paper-3"],
        ["residual-0", "residual-1", "residual-2"],
        ["residual-3"],
    ]


def test_what_changes_the_program_parts_them_and_numbers_do_not(made_jobs):
    first, second, third, fourth = made_jobs("paper")
    other_batch = dataclasses.replace(second.loop, batch_size=32)
    weighted = LossTerms(sample_weights=np.ones(569))
    jobs = [
        first,
        dataclasses.replace(second, loop=other_batch),
        dataclasses.replace(third, terms=weighted),
        dataclasses.replace(fourth, dropout=0.7, seed=99),
    ]
    assert _names(jobs) == [["paper-0", "paper-3"], ["paper-1"], ["paper-2"]]


def test_on_a_cpu_large_heads_are_trained_one_by_one(made_jobs):
    jobs = made_jobs("paper")
    large = dataclasses.replace(jobs[0].loop, batch_size=2**15)
    assert _names(jobs) == [[job.name for job in jobs]]
    assert [len(part) for part in _names([dataclasses.replace(j, loop=large) for j in jobs])] == [
        1,
        1,
        1,
        1,
    ]


@dataclasses.dataclass(frozen=True)
class _OnlyAlone:
    """An architecture that cannot compute many networks at once."""

    def build(self, dropout=0.0):
        return torch.nn.Linear(1, 1)


def _add_nothing(logits, labels, weights, task):
    return logits.sum() * 0.0


def test_what_a_stack_cannot_do_is_trained_alone(made_jobs):
    job = made_jobs("paper", n_heads=1)[0]
    assert can_be_stacked(job)
    times = dataclasses.replace(
        job.data, task=Task.single("cox"), labels=np.ones((len(job.data.labels), 2))
    )
    for changes in (
        {"architecture": _OnlyAlone()},
        {"architecture": ContrastiveArchitecture(_OnlyAlone()), "contrast": Contrast()},
        {"reads_sets": True},
        {"terms": LossTerms(extra=_add_nothing)},
        {"data": times},
    ):
        assert not can_be_stacked(dataclasses.replace(job, **changes))
    with pytest.raises(ValueError, match="`paper-0` cannot be stacked: _OnlyAlone"):
        stackable(dataclasses.replace(job, architecture=_OnlyAlone()))


def test_targets_of_two_kinds_are_in_two_stacks(made_jobs):
    jobs = made_jobs("residual", n_heads=2)
    as_number = dataclasses.replace(jobs[1].data, task=Task.single("regression"))
    jobs[1] = dataclasses.replace(jobs[1], data=as_number)
    assert _names(jobs) == [["residual-0"], ["residual-1"]]
