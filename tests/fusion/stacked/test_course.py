import math

import pytest

from mmfeat.fusion.fitting import LoopOptions
from mmfeat.fusion.stacked.course import Course

LOOP = LoopOptions(6, 2, 8, 0.1, 0.0)


def _follow(scores, losses=None, **kwargs):
    course = Course(LOOP, kwargs.pop("start_competes", False))
    course.start(scores[0])
    improved = [
        course.add(loss, score)
        for loss, score in zip(losses or [1.0] * (len(scores) - 1), scores[1:], strict=True)
    ]
    return course, improved


def test_it_is_finished_when_patience_is_over_and_then_nothing_counts():
    course, improved = _follow([0.0, 0.3, 0.9, 0.5, 0.6, 1.0, 2.0])
    assert improved == [True, True, False, False, False, False]
    assert course.is_finished
    assert (course.best_epoch, course.epoch) == (2, 4)


def test_it_is_finished_after_the_last_epoch():
    course, _ = _follow([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert not course.is_finished
    course.add(1.0, 0.6)
    assert course.is_finished
    assert [record["epoch"] for record in course.history] == list(range(7))
    assert math.isnan(course.history[0]["loss"])


@pytest.mark.parametrize(("start_competes", "best"), [(True, 0), (False, 1)])
def test_the_start_wins_only_where_it_may(start_competes, best):
    course, _ = _follow([0.9, 0.5, 0.4], start_competes=start_competes)
    assert course.best_epoch == best


def test_what_is_not_a_number_ends_it_with_a_reason():
    course, improved = _follow([0.5, 0.6, 0.7], losses=[1.0, math.nan])
    assert improved == [True, False]
    assert course.is_finished
    assert course.failure == "the loss of epoch 2 is nan"
    assert _follow([math.nan])[0].failure == "the score of epoch 0 is nan"
