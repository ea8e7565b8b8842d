import dataclasses

import numpy as np
import pytest
import torch

from mmfeat.fusion.stacked.cohort import stacked_cohort
from mmfeat.fusion.stacked.head_cases import head_cases
from mmfeat.fusion.training.network_jobs import LossTerms
from mmfeat.fusion.training.viewed_cases import viewed_cases


@pytest.fixture
def cohort(real_folds):
    return stacked_cohort(real_folds, device="cpu")


def test_folds_with_the_same_arrays_hold_them_once(real_folds):
    first, second = real_folds[:2]
    of_another_target = dataclasses.replace(first, labels=1 - first.labels)
    again = dataclasses.replace(first, features={n: v.copy() for n, v in first.features.items()})
    cohort = stacked_cohort([first, second, of_another_target, again], device="cpu")
    assert cohort.features_of == {first: 0, second: 1, of_another_target: 0, again: 0}
    assert cohort.labels_of == {first: 0, second: 0, of_another_target: 1, again: 0}
    assert [values.shape[0] for values in cohort.features] == [2, 2]


def test_folds_of_two_shapes_are_refused(real_folds):
    narrow = {"a": real_folds[1].features["a"][:, :3], "b": real_folds[1].features["b"]}
    other = dataclasses.replace(real_folds[1], features=narrow)
    with pytest.raises(ValueError, match="folds of a stack must be of one shape"):
        stacked_cohort([real_folds[0], other], device="cpu")


def test_a_batch_holds_what_each_head_would_see_alone(made_jobs, cohort):
    jobs = made_jobs(n_heads=4)
    random = np.random.default_rng(0)
    rows = np.stack([random.choice(job.train, 30) for job in jobs])
    valid = torch.ones(4, 30, dtype=torch.bool)
    valid[1, 20:] = False
    batch = head_cases(jobs, cohort, is_train=True).batch(cohort, torch.from_numpy(rows), valid)
    for head, job in enumerate(jobs):
        alone = viewed_cases(job.data, rows[head], job.views, "cpu")
        for found, expected in zip(batch.features, alone.features, strict=True):
            torch.testing.assert_close(found[head], expected)
        torch.testing.assert_close(batch.visible[head], alone.visible)
        torch.testing.assert_close(batch.weights[head], (alone.takes_part & valid[head]).float())
        torch.testing.assert_close(batch.labels[head], alone.labels)


def test_offsets_and_weights_of_cases_are_each_heads_own(made_jobs, cohort):
    n_cases = cohort.n_cases
    random = np.random.default_rng(1)
    terms = [
        LossTerms(
            offsets=random.normal(size=(3, n_cases, 1)), sample_weights=random.random(n_cases)
        )
        for _ in range(2)
    ]
    jobs = [
        dataclasses.replace(job, terms=own)
        for job, own in zip(made_jobs(n_heads=2), terms, strict=True)
    ]
    rows = torch.tensor([[4, 9, 2], [7, 7, 0]])
    valid = torch.ones(2, 3, dtype=torch.bool)
    train = head_cases(jobs, cohort, is_train=True).batch(cohort, rows, valid)
    val = head_cases(jobs, cohort, is_train=False).batch(cohort, rows, valid)
    for head, own in enumerate(terms):
        expected = torch.from_numpy(own.offsets[:, rows[head].numpy()]).float()
        torch.testing.assert_close(train.offsets[head], expected)
        weights = torch.from_numpy(own.sample_weights[rows[head].numpy()]).float()
        torch.testing.assert_close(train.weights[head], val.weights[head] * weights)
    assert set(val.weights.flatten().tolist()) <= {0.0, 1.0}
