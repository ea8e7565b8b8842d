"""What is still to be trained, scene by scene, and what may be begun next."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.linear_models.unimodal import UnimodalModels
from mmfeat.stages.training.head_order import HeadOrder
from mmfeat.stages.training.shared_data import ArrayFolder


@dataclass(eq=False)
class OpenScene:
    """Follow the heads of one fold's data until the last is trained.

    Heads that stand on linear models wait until these are fitted, once for all of them.
    """

    number: int
    """Tells the scenes of a training apart."""
    data: FoldData
    arrays: ArrayFolder
    free: deque[HeadOrder]
    """Heads that can be begun at any time."""
    on_linear: deque[HeadOrder]
    """Heads that need the linear models."""
    models: UnimodalModels | None = None
    linear: Literal["to do", "in work", "done"] = "to do"
    n_flying: int = 0
    _packed: bytes = b""

    @property
    def packed(self) -> bytes:
        """The data for another process; its files are written at the first call."""
        if not self._packed:
            self._packed = self.arrays.pack(self.data)
        return self._packed

    @property
    def n_ready(self) -> int:
        """Number of tasks that could be begun now."""
        if not self.on_linear or self.linear == "in work":
            return len(self.free)
        return len(self.free) + (1 if self.linear == "to do" else len(self.on_linear))

    @property
    def is_finished(self) -> bool:
        """Say whether nothing of it is left to do or in work."""
        return not (self.free or self.on_linear or self.n_flying)


@dataclass(frozen=True, eq=False)
class Task:
    """Ask for one head of a scene, or for its linear models."""

    scene: OpenScene
    order: HeadOrder | None
    """None: the linear models."""


@dataclass
class Agenda:
    """Hold the scenes that are open, and give out their tasks."""

    scenes: list[OpenScene] = field(default_factory=list)
    _n_opened: int = 0

    def open(self, data: FoldData, orders: Iterable[HeadOrder], arrays: ArrayFolder) -> None:
        """Add the heads of one fold's data; nothing where there are none."""
        orders = list(orders)
        self._n_opened += 1
        if orders:
            free = deque(order for order in orders if not order.uses_linear)
            on_linear = deque(order for order in orders if order.uses_linear)
            self.scenes.append(OpenScene(self._n_opened, data, arrays, free, on_linear))

    @property
    def n_ready(self) -> int:
        """Number of tasks that could be begun now."""
        return sum(scene.n_ready for scene in self.scenes)

    def next(self, may_take: Callable[[OpenScene], bool] = lambda _: True) -> Task | None:
        """Take what is to be begun next, or None where nothing can be.

        Args:
            may_take: Says which scenes come into question.
        """
        for scene in self.scenes:
            if scene.n_ready and may_take(scene):
                scene.n_flying += 1
                if scene.on_linear and scene.linear == "to do":
                    scene.linear = "in work"
                    return Task(scene, None)
                stands_ready = scene.on_linear and scene.linear == "done"
                return Task(scene, (scene.on_linear if stands_ready else scene.free).popleft())
        return None

    def finish(self, task: Task, models: UnimodalModels | None = None) -> OpenScene | None:
        """Count a task as done; return its scene where that was the last of it."""
        scene = task.scene
        scene.n_flying -= 1
        if task.order is None:
            scene.models, scene.linear = models, "done"
        if not scene.is_finished:
            return None
        scene.arrays.forget()
        self.scenes.remove(scene)
        return scene
