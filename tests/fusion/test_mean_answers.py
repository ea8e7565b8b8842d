import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.fusion.mean_answers import mean_answers
from mmfeat.fusion.task import Task, TaskPart

MIXED = Task((TaskPart("binary", 1), TaskPart("multiclass", 3), TaskPart("regression", 1)))


def test_probabilities_are_averaged_over_those_that_count_and_numbers_too():
    logits = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))
    counted = torch.tensor([[1, 1, 0, 1], [1, 0, 1, 1], [1, 0, 0, 1]]).bool()
    mean = mean_answers(logits, counted, MIXED)
    for row in range(4):
        those = logits[counted[:, row], row]
        torch.testing.assert_close(mean[row, 0].sigmoid(), those[:, 0].sigmoid().mean())
        torch.testing.assert_close(mean[row, 1:4].softmax(0), those[:, 1:4].softmax(1).mean(0))
        torch.testing.assert_close(mean[row, 4], those[:, 4].mean())


@given(st.floats(-80, 80))
def test_the_mean_of_one_answer_is_that_answer(logit):
    logits = torch.full((2, 1, 1), logit, dtype=torch.float64)
    mean = mean_answers(logits, torch.tensor([[True], [False]]), Task.single("binary"))
    assert mean.item() == pytest.approx(logit, abs=1e-9)


def test_certain_answers_stay_finite():
    logits = torch.tensor([[[300.0]], [[-300.0]]])
    mean = mean_answers(logits, torch.ones(2, 1).bool(), Task.single("binary"))
    assert mean.item() == pytest.approx(0.0, abs=1e-4)
