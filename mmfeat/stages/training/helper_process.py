"""The end of a helping process that the planning process holds."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from mmfeat.errors import TrainError
from mmfeat.stages.training import messages
from mmfeat.stages.training.agenda import OpenScene, Task
from mmfeat.stages.training.worker import serve

_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
_PATIENCE_S = 1.0
"""How long the end of a process waits for its start."""


class HelperProcess:
    """Start a process, give it tasks, and know what it has in work."""

    def __init__(self) -> None:
        ours, theirs = multiprocessing.Pipe()
        self.connection: Connection[Any, Any] = ours
        self.tasks: deque[Task] = deque()
        self.is_ready = False
        """Whether it has started, and can take tasks."""
        self.has_stopped = False
        self._shown: dict[int, bool] = {}
        self._process = _process(theirs)
        # To start takes seconds, in which this process goes on.
        self._starting = threading.Thread(
            target=_start, args=(self._process, theirs), name="mmfeat-start", daemon=True
        )
        self._starting.start()

    def has_seen(self, scene: OpenScene) -> bool:
        """Say whether it has everything of a scene that there is by now."""
        shown_linear = self._shown.get(scene.number)
        return shown_linear is not None and (shown_linear or scene.models is None)

    def give(self, task: Task) -> None:
        """Send a task, and before it whatever of its scene the process has not seen.

        Unless the process is idle or knows the scene, this waits until it listens again.
        """
        scene = task.scene
        if scene.number not in self._shown:
            self._send(messages.ShowScene(scene.number, scene.packed))
            self._shown[scene.number] = False
        if scene.models is not None and not self._shown[scene.number]:
            self._send(messages.ShowLinear(scene.number, scene.models))
            self._shown[scene.number] = True
        self._send(messages.Train(scene.number, task.order))
        self.tasks.append(task)

    def forget(self, scene: OpenScene) -> None:
        """Let the process forget a scene."""
        if self._shown.pop(scene.number, None) is not None:
            self._send(messages.ForgetScene(scene.number))

    def ask_to_stop(self) -> bool:
        """Ask the process to leave after the epoch that it is in; say whether it is there."""
        try:
            self._send(messages.Stop())
        except TrainError:
            return False
        return not self.has_stopped

    def received(self) -> Iterator[object]:
        """Give what has come from the process.

        Raises:
            TrainError: The process is gone.
        """
        try:
            while not self.has_stopped and self.connection.poll():
                message = self.connection.recv()
                self.has_stopped = isinstance(message, messages.Stopped)
                yield message
        except (EOFError, ConnectionResetError):
            raise self._gone() from None

    def end(self) -> None:
        """End the process at once; heads that it has finished are in their places."""
        self.connection.close()
        self._starting.join(_PATIENCE_S)
        if self._process.pid is not None:  # or else it ends when it finds the connection closed
            self._process.kill()
            self._process.join()

    def _send(self, message: object) -> None:
        try:
            self.connection.send(message)
        except (BrokenPipeError, ConnectionResetError):
            raise self._gone() from None

    def _gone(self) -> TrainError:
        if not self.is_ready:
            return TrainError(
                "a process that is to train heads could not be started; give `train.workers: 1` to "
                'train without others (a script that trains needs `if __name__ == "__main__":`)'
            )
        doing = [task.order.key.name for task in self.tasks if task.order is not None][:1]
        at = f" at `{doing[0]}`" if doing else ""
        return TrainError(
            f"a process that trains heads was killed{at}, perhaps for lack of memory; finished "
            "heads are kept: run the same command to go on, with fewer `train.workers`"
        )


def _process(connection: "Connection[Any, Any]") -> BaseProcess:
    """Return a process that is not a copy of this one, whose threads may hold locks."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        # The server loads torch once, and its forks share that memory.
        context.set_forkserver_preload([serve.__module__])
        with _variables(_ONE_THREAD):
            forkserver.ensure_running()
        return context.Process(target=serve, args=(connection,), daemon=True)
    spawning = multiprocessing.get_context("spawn")
    return spawning.Process(target=serve, args=(connection,), daemon=True)


def _start(process: BaseProcess, connection: "Connection[Any, Any]") -> None:
    """Start a process, which may wait for the server; its end of the connection is its own then."""
    try:
        process.start()
    except (EOFError, OSError):  # whoever listens finds the connection closed
        return
    finally:
        connection.close()


@contextmanager
def _variables(values: dict[str, str]) -> Iterator[None]:
    """Set variables of the environment for what is started within the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
