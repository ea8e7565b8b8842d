"""Train the heads of a run on the CPU: in this process, and in others beside it where that pays.

This process begins at once. It starts others when what is left would take it much longer than they
need to start, and goes on while they do: a small cohort never waits for them.
"""

import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait

from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion.linear_models.joint_linear import linear_models
from mmfeat.fusion.linear_models.unimodal import UnimodalModels, keep_unimodal_models
from mmfeat.stages.training import messages
from mmfeat.stages.training.agenda import Agenda, Task
from mmfeat.stages.training.head_order import HeadResult, train_head
from mmfeat.stages.training.helper_process import HelperProcess
from mmfeat.stages.training.ledger import Ledger

_START_S = 5.0
"""Seconds that a process takes to start; measured, see docs/training.md."""
_WORTH_STARTING = 2 * _START_S
"""Processes are started when one alone would need this many more seconds."""
_BETWEEN_LOOKS_S = 0.05
"""Epochs of small networks take less; the others need not be heard after each."""
_POLL_S = 0.5
_NO_MORE = object()


class Crew:
    """Give out tasks, do some here, and take what the others have done; a context manager."""

    def __init__(
        self,
        agenda: Agenda,
        ledger: Ledger,
        *,
        most: int,
        at_once: bool,
        should_stop: Callable[[], bool],
    ) -> None:
        """Start nothing yet.

        Args:
            agenda: Gives the tasks.
            ledger: Is told of every head.
            most: Processes at the same time, this one among them.
            at_once: Start them without asking whether it pays.
            should_stop: Asked between and within heads.
        """
        self._agenda, self._ledger = agenda, ledger
        self._most, self._at_once, self._should_stop = most, at_once, should_stop
        self._helpers: list[HelperProcess] = []
        self._looked_at = 0.0
        self._fault: Exception | None = None

    @property
    def n_processes(self) -> int:
        """Return the number of processes, this one among them."""
        return 1 + len(self._helpers)

    def run(self, more: Iterator[object]) -> None:
        """Do all tasks.

        Args:
            more: Puts another scene on the agenda at each step.

        Raises:
            Interrupted: Asked to stop; networks in training are kept as they are.
            TrainError: A process was killed; finished heads are kept.
        """
        try:
            while self._stock(more) or self._agenda.scenes:
                self._start_others()
                self._look(0.0)
                self._raise_if_broken()
                task = self._agenda.next()
                if task is None:
                    self._look(_POLL_S)
                else:
                    self._do(task)
        except Exception:
            self._wind_up()
            raise
        finally:
            for helper in self._helpers:
                helper.end()

    def _stock(self, more: Iterator[object]) -> bool:
        """Prepare scenes until nobody can run out of work; say whether there may be more."""
        while self._agenda.n_ready <= 2 * (self._n_wanted() - 1):
            if next(more, _NO_MORE) is _NO_MORE:
                return False
        return True

    def _n_wanted(self) -> int:
        return self._most if self._helpers or self._at_once else 1

    def _start_others(self) -> None:
        if self._helpers or self._most == 1 or not self._agenda.scenes:
            return
        if self._at_once or self._ledger.seconds_left() > _WORTH_STARTING:
            self._helpers = [HelperProcess() for _ in range(self._most - 1)]

    def _do(self, task: Task) -> None:
        """Do a task in this process, with an ear for the others."""
        self._ledger.begin()
        scene = task.scene
        if task.order is None:
            self._finish(task, linear_models(scene.data))
            return
        if scene.models is not None and task.order.uses_linear:
            keep_unimodal_models(scene.data, scene.models)
        try:
            result = train_head(
                task.order, scene.data, should_stop=self._listen, on_epoch=self._ledger.epoch
            )
        except Interrupted:
            self._raise_if_broken()
            raise
        self._finish(task, result)

    def _listen(self) -> bool:
        """Hear what the others say, amid the training of a head; say whether to stop it."""
        if time.monotonic() - self._looked_at > _BETWEEN_LOOKS_S:
            self._start_others()
            try:
                self._look(0.0)
            except Exception as fault:  # noqa: BLE001 - raised once the head has been put aside
                self._fault = fault
        return self._fault is not None or self._should_stop()

    def _raise_if_broken(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._should_stop():
            raise Interrupted("before the next head")

    def _look(self, timeout_s: float) -> None:
        """Take what has come from the others, and give work to those that have none."""
        self._looked_at = time.monotonic()
        wait([one.connection for one in self._helpers if not one.has_stopped], timeout_s)
        for helper in self._helpers:
            for message in helper.received():
                self._take(helper, message)
        for helper in self._helpers:
            self._give(helper)

    def _give(self, helper: HelperProcess) -> None:
        """Give an idle process a task, and a busy one a task ahead where there are enough.

        A process that is busy does not read: it gets nothing large ahead.
        """
        if not helper.is_ready or len(helper.tasks) > 1:
            return
        if not helper.tasks:
            task = self._agenda.next()
        elif self._agenda.n_ready > 2 * self.n_processes:
            task = self._agenda.next(helper.has_seen)
        else:
            return
        if task is not None:
            self._ledger.begin()
            helper.give(task)

    def _take(self, helper: HelperProcess, message: object) -> None:
        match message:
            case messages.Ready():
                helper.is_ready = True
            case messages.Told(key, epoch):
                self._ledger.epoch(key, epoch)
            case messages.Finished(result):
                self._finish(helper.tasks.popleft(), result)
            case messages.Broke(error):
                raise error

    def _finish(self, task: Task, result: HeadResult | UnimodalModels) -> None:
        if isinstance(result, HeadResult):
            self._ledger.end(result)
            scene = self._agenda.finish(task)
        else:
            scene = self._agenda.finish(task, result)
        if scene is not None:
            for helper in self._helpers:
                helper.forget(scene)

    def _wind_up(self) -> None:
        """Let the others put aside what they train, and count what they still finish."""
        left = [one for one in self._helpers if one.is_ready and one.ask_to_stop()]
        while left:
            wait([helper.connection for helper in left])
            left = [helper for helper in left if self._is_winding_up(helper)]

    def _is_winding_up(self, helper: HelperProcess) -> bool:
        try:
            for message in helper.received():
                if isinstance(message, messages.Finished):
                    self._finish(helper.tasks.popleft(), message.result)
        except TrainError:  # killed as well: there is an error already, or a stop
            return False
        return not helper.has_stopped
