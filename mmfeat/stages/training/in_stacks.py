"""Train the heads of a run on a GPU: many as one batched program."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FoldData, Head
from mmfeat.fusion.training.network_jobs import EpochRecord, NetworkJob, StackOptions
from mmfeat.fusion.training.running import HeadRequest, fit_heads
from mmfeat.stages.evaluation_files import forget_evaluation
from mmfeat.stages.training.head_order import UNFINISHED, HeadEpoch, HeadOrder, HeadResult
from mmfeat.stages.training.heads import write_head_folder
from mmfeat.stages.training.ledger import Ledger
from mmfeat.stages.training.orders import training_scenes
from mmfeat.stages.training.session import TrainingSession


def train_all_in_stacks(session: TrainingSession) -> None:
    """Train the heads of a call target by target: those of one share its labels and the cohort.

    Raises:
        Interrupted: Asked to stop; finished heads and the state of the others are kept.
        TrainError: There is nothing to learn from, or something on disk was made from another.
    """
    opened = session.opened
    settings = opened.project.settings.train
    options = StackOptions(precision=settings.precision, compiles=settings.compile)
    for target in opened.plan.targets:
        of_target = replace(opened, plan=replace(opened.plan, targets=(target,)))
        orders = [
            (order, scene.data)
            for scene, orders in training_scenes(session, of_target)
            for order in orders
        ]
        train_in_stacks(
            orders,
            session.ledger,
            device=session.device,
            options=options,
            should_stop=session.should_stop,
        )


def train_in_stacks(
    orders: Sequence[tuple[HeadOrder, FoldData]],
    ledger: Ledger,
    *,
    device: str,
    options: StackOptions,
    should_stop: Callable[[], bool],
) -> None:
    """Train heads together, those of one shape as one program.

    Args:
        orders: Heads with the data of their fold; those of one fold share the same object.
        ledger: Is told of every head.
        device: Where.
        options: How stacks are run.
        should_stop: Asked between epochs.

    Raises:
        Interrupted: ``should_stop`` said so; finished heads and the state of the others are kept.
    """
    if orders:
        _Stack(orders, ledger, device, options).run(should_stop)


class _Stack:
    """Follow the heads of one call of `fit_heads`."""

    def __init__(
        self,
        orders: Sequence[tuple[HeadOrder, FoldData]],
        ledger: Ledger,
        device: str,
        options: StackOptions,
    ) -> None:
        self._orders = {order.state_name: order for order, _ in orders}
        self._requests = [
            HeadRequest(
                name=order.state_name,
                method=get_method(order.key.method),
                data=data,
                seed=order.key.seed,
                options=order.options,
            )
            for order, data in orders
        ]
        self._ledger, self._device, self._options = ledger, device, options
        self._since = time.perf_counter()

    def run(self, should_stop: Callable[[], bool]) -> None:
        run = next(iter(self._orders.values())).run
        fit_heads(
            self._requests,
            device=self._device,
            should_stop=should_stop,
            on_finished=self._finish,
            on_failed=self._fail,
            on_epoch=self._tell,
            unfinished=run / UNFINISHED,
            options=self._options,
        )

    def _finish(self, request: HeadRequest, head: Head) -> None:
        order = self._orders[request.name]
        seconds = self._seconds()
        made = {
            "device": self._device,
            "precision": self._options.precision,
            "seconds": seconds,
            "heads_at_once": len(self._orders),
        }
        forget_evaluation(order.run)
        write_head_folder(head, order.folder, identity=order.identity, made=made)
        self._ledger.end(HeadResult(order.key, seconds, head.validation))

    def _fail(self, request: HeadRequest, error: TrainError) -> None:
        order = self._orders[request.name]
        self._ledger.end(HeadResult(order.key, self._seconds(), failure=str(error)))

    def _seconds(self) -> float:
        """Return a head's share of the time so far: they are trained together."""
        return (time.perf_counter() - self._since) / len(self._orders)

    def _tell(self, job: NetworkJob, record: EpochRecord) -> None:
        name, _, network = job.name.rpartition("/")
        epoch = HeadEpoch(network, int(record["epoch"]), job.loop.epochs)
        self._ledger.epoch(self._orders[name].key, epoch)
