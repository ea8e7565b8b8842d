"""Heads that are trained together, as on a GPU, are put in their places like all others."""

import pytest

from mmfeat.errors import Interrupted
from mmfeat.fusion import load_head
from mmfeat.fusion.training.network_jobs import StackOptions
from mmfeat.progress import Silent
from mmfeat.stages.training.heads import is_finished
from mmfeat.stages.training.in_stacks import train_all_in_stacks, train_in_stacks
from mmfeat.stages.training.ledger import Ledger, NobodyWatches
from mmfeat.stages.training.open_run import open_run
from mmfeat.stages.training.orders import training_scenes
from mmfeat.stages.training.session import TrainingSession
from mmfeat.stages.training.shard_heads import heads_of_shard
from mmfeat.work_shard import WorkShard

from ..training_cohort import project_with, write_training_cohort

OPTIONS = StackOptions(precision="tf32")
GRID = {"learning_rate": [1e-3, 1e30]}


class Watched(NobodyWatches):
    """Count epochs."""

    def __init__(self):
        self.epochs = []

    def epoch(self, key, epoch):
        self.epochs.append((key.name, epoch.network, epoch.epoch))


@pytest.fixture
def prepared(tmp_path):
    """What is to be trained, as the stage prepares it."""
    file = write_training_cohort(tmp_path)
    opened = open_run(project_with(file, grid=GRID, contrastive_epochs=0))
    watch = Watched()
    ledger = Ledger(Silent(), watch, opened.plan.n_heads)
    heads = frozenset(opened.plan.all_heads())
    session = TrainingSession(opened, "cpu", Silent(), lambda: False, False, ledger, heads)
    orders = [
        (order, scene.data)
        for scene, orders in training_scenes(session, opened)
        for order in orders
    ]
    return orders, ledger, watch


def test_heads_are_stored_and_those_that_fail_are_counted(prepared):
    orders, ledger, watch = prepared
    train_in_stacks(orders, ledger, device="cpu", options=OPTIONS, should_stop=lambda: False)
    assert (len(ledger.trained), len(ledger.failed)) == (2 * 2 + 2, 2 * 2)
    for order, _ in orders:
        there = is_finished(order.folder, order.identity)
        assert there == (order.key.setting.label != "learning_rate=1e+30")
        if there:
            assert load_head(order.folder).validation is not None
    assert {network for _, network, _ in watch.epochs} == {"target"}
    assert max(epoch for _, _, epoch in watch.epochs) == 2


def test_a_stop_keeps_the_state_of_what_is_in_training(prepared):
    orders, ledger, watch = prepared
    with pytest.raises(Interrupted):
        train_in_stacks(
            orders,
            ledger,
            device="cpu",
            options=OPTIONS,
            should_stop=lambda: len(watch.epochs) > 3,
        )
    assert list((orders[0][0].run / "unfinished").glob("*.safetensors"))
    train_in_stacks(orders, ledger, device="cpu", options=OPTIONS, should_stop=lambda: False)
    assert len({one.key for one in ledger.trained}) == 2 * 2 + 2


def test_nothing_to_train_is_no_work(prepared):
    _, ledger, _ = prepared
    train_in_stacks([], ledger, device="cpu", options=OPTIONS, should_stop=lambda: False)
    assert ledger.n_finished == 0


def test_shards_train_their_own_heads_in_stacks_and_all_together_train_all(tmp_path):
    file = write_training_cohort(tmp_path)
    opened = open_run(project_with(file, targets=["cancer", "stage"], methods=["paper"]))
    trained = []
    for shard in WorkShard.all(3):
        keys = heads_of_shard(opened.plan, shard)
        ledger = Ledger(Silent(), NobodyWatches(), len(keys))
        heads = frozenset(keys)
        train_all_in_stacks(
            TrainingSession(opened, "cpu", Silent(), lambda: False, False, ledger, heads)
        )
        assert {one.key for one in ledger.trained} == heads
        trained += [one.key for one in ledger.trained]
    assert sorted(key.name for key in trained) == sorted(k.name for k in opened.plan.all_heads())
