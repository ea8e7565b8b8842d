import dataclasses

import numpy as np

from mmfeat.fusion.network_jobs import LossTerms, StackOptions
from mmfeat.fusion.stacked.grouping import stacks_of


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
