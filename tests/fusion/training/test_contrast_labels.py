import pytest
import torch

from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels

NAN = torch.nan


def _labels(part, rows):
    task = Task((part, TaskPart("binary", 1)))  # a second part does not count
    with_second = torch.tensor([[*row, 1.0] for row in rows])
    return contrast_kind(task), contrast_labels(task, with_second)


@pytest.mark.parametrize(
    ("kind", "n_outputs"), [("binary", 1), ("multiclass", 3), ("multilabel", 2)]
)
def test_classes_and_findings_are_taken_as_they_are(kind, n_outputs):
    part = TaskPart(kind, n_outputs)
    rows = torch.ones(2, part.n_columns)
    found_kind, found = _labels(part, rows.tolist())
    assert found_kind == kind
    assert torch.equal(found, rows)


def test_numbers_are_above_the_division_or_not():
    kind, found = _labels(TaskPart("regression", 1, divides_at=0.5), [[0.4], [0.5], [0.6], [NAN]])
    assert kind == "binary"
    torch.testing.assert_close(found, torch.tensor([[0.0], [0], [1], [NAN]]), equal_nan=True)


def test_of_hazards_it_is_asked_whether_the_event_came_within_the_horizon():
    part = TaskPart("multilabel", 3, hazards=True, divides_at=2.0)
    rows = [
        [0.0, 1.0, NAN],  # event in the second interval
        [0.0, 0.0, 1.0],  # later
        [0.0, 0.0, NAN],  # follow-up ended after the horizon
        [0.0, NAN, NAN],  # and before it: not comparable
    ]
    kind, found = _labels(part, rows)
    assert kind == "binary"
    torch.testing.assert_close(found, torch.tensor([[1.0], [0], [0], [NAN]]), equal_nan=True)


def test_of_times_too():
    part = TaskPart("cox", 1, divides_at=10.0)
    rows = [[10.0, 1.0], [11.0, 1.0], [11.0, 0.0], [10.0, 0.0], [9.0, 0.0]]
    kind, found = _labels(part, rows)
    assert kind == "binary"
    expected = torch.tensor([[1.0], [0], [0], [0], [NAN]])
    torch.testing.assert_close(found, expected, equal_nan=True)
