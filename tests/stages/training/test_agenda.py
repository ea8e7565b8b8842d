from pathlib import Path

import numpy as np
import pytest

from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.fusion.task import Task
from mmfeat.stages.training.agenda import Agenda
from mmfeat.stages.training.head_order import HeadOrder
from mmfeat.stages.training.plan import HeadKey
from mmfeat.stages.training.shared_data import ArrayFolder

DATA = FoldData(
    features={"ct": np.zeros((4, 2), np.float32)},
    present=np.ones((4, 1), dtype=bool),
    labels=np.zeros((4, 1)),
    task=Task.single("binary"),
    patient_ids=("a", "b", "c", "d"),
    train=np.arange(3),
    val=np.array([3]),
)


def _order(method, seed=0):
    return HeadOrder(
        HeadKey("cancer", method, 0, seed),
        {},
        FitOptions(),
        run=Path("run"),
        device="cpu",
        uses_linear=method != "paper",
    )


@pytest.fixture
def agenda(tmp_path):
    made = Agenda()
    made.open(
        DATA, [_order("mmfeat"), _order("paper"), _order("logistic")], ArrayFolder(tmp_path / "a")
    )
    return made


def test_linear_models_come_first_and_heads_on_them_wait_while_others_go_on(agenda):
    linear = agenda.next()
    assert linear.order is None
    assert agenda.next().order.key.method == "paper"
    assert agenda.next() is None
    agenda.finish(linear, models=None)
    assert [agenda.next().order.key.method for _ in range(2)] == ["mmfeat", "logistic"]
    assert agenda.next() is None


def test_what_could_be_begun_is_counted(agenda):
    assert agenda.n_ready == 2  # the linear models, and the head that needs none
    linear = agenda.next()
    assert agenda.n_ready == 1
    agenda.finish(linear, models=None)
    assert agenda.n_ready == 3


def test_a_scene_is_closed_with_its_last_head(agenda):
    (scene,) = agenda.scenes
    agenda.finish(agenda.next(), models=None)
    tasks = [agenda.next() for _ in range(3)]
    assert [agenda.finish(task) for task in tasks] == [None, None, scene]
    assert agenda.scenes == []


def test_only_scenes_that_may_be_taken_are(agenda, tmp_path):
    agenda.open(DATA, [_order("paper", seed=5)], ArrayFolder(tmp_path / "b"))
    task = agenda.next(lambda scene: scene.number == 2)
    assert task.order.key.seed == 5
    assert agenda.next(lambda scene: scene.number == 2) is None


def test_a_scene_without_heads_to_train_is_not_opened(tmp_path):
    made = Agenda()
    made.open(DATA, [], ArrayFolder(tmp_path / "a"))
    assert made.scenes == []
