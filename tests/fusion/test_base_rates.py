import numpy as np
import pytest

from mmfeat.fusion.base_rates import base_logits
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task, TaskPart


@pytest.mark.parametrize(
    ("task", "labels", "expected"),
    [
        (Task.single("binary"), [[1.0], [0], [0], [np.nan]], [1.5 / 4]),
        (Task.single("multiclass", 3), [[0.0], [0], [2]], [2.5 / 4.5, 0.5 / 4.5, 1.5 / 4.5]),
        (Task.single("multilabel", 2), [[1, np.nan], [1, 0], [0, np.nan]], [2.5 / 4, 0.5 / 2]),
        (Task.single("regression"), [[1.0], [np.nan], [4]], [2.5]),
        (Task.single("cox"), [[3.0, 1], [5, 0]], [0.0]),
    ],
)
def test_each_kind_has_its_rate(task, labels, expected):
    answers = to_answers(base_logits(np.array(labels), task)[None], task)
    np.testing.assert_allclose(answers[0], expected)


def test_several_targets_stand_side_by_side():
    task = Task((TaskPart("regression", 1), TaskPart("binary", 1)))
    labels = np.array([[2.0, 1], [4, np.nan]])
    np.testing.assert_allclose(base_logits(labels, task), [3.0, np.log(3)])
