"""A process that trains heads for the one that started it, on one thread, and ends with it."""

import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections import deque
from multiprocessing.connection import Connection
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from mmfeat.errors import Interrupted
from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.linear_models.joint_linear import linear_models
from mmfeat.fusion.linear_models.unimodal import keep_unimodal_models
from mmfeat.stages.training import messages
from mmfeat.stages.training.head_order import HeadEpoch, train_head
from mmfeat.stages.training.plan import HeadKey
from mmfeat.stages.training.shared_data import unpack

_BETWEEN_WORDS_S = 0.25
"""Whoever watches need not know of every epoch of a small network."""


def serve(connection: "Connection[Any, Any]") -> None:
    """Do what comes through the connection until it asks to stop or is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # They are sent to all processes of a terminal or of a job: the parent decides.
        signal.signal(number, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            _Worker(connection).run()
    except (EOFError, OSError):  # the parent is gone
        os._exit(1)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


class _Worker:
    """Hold what the parent has shown, and answer what it asks."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._inbox: deque[Any] = deque()
        self._data: dict[int, FoldData] = {}
        self._told_at = 0.0

    def run(self) -> None:
        """Answer until asked to stop."""
        self._connection.send(messages.Ready())
        while True:
            message = self._inbox.popleft() if self._inbox else self._connection.recv()
            if isinstance(message, messages.Stop):
                break
            try:
                self._take(message)
            except Interrupted:
                break
            except Exception as error:  # noqa: BLE001 - the parent raises it
                self._connection.send(messages.Broke(_portable(error)))
                break
        self._connection.send(messages.Stopped())

    def _take(self, message: object) -> None:
        match message:
            case messages.ShowScene(number, content):
                self._data[number] = unpack(content)
            case messages.ShowLinear(number, models):
                keep_unimodal_models(self._data[number], models)
            case messages.ForgetScene(number):
                del self._data[number]
            case messages.Train(number, None):
                models = linear_models(self._data[number])
                self._connection.send(messages.Finished(models))
            case messages.Train(number, order) if order is not None:
                result = train_head(
                    order, self._data[number], should_stop=self._should_stop, on_epoch=self._tell
                )
                self._connection.send(messages.Finished(result))

    def _should_stop(self) -> bool:
        while self._connection.poll():
            self._inbox.append(self._connection.recv())
        return any(isinstance(message, messages.Stop) for message in self._inbox)

    def _tell(self, key: HeadKey, epoch: HeadEpoch) -> None:
        if time.monotonic() - self._told_at > _BETWEEN_WORDS_S:
            self._connection.send(messages.Told(key, epoch))
            self._told_at = time.monotonic()


def _portable(error: Exception) -> Exception:
    """Return an error that can be sent to another process, its traceback as a note."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - errors of other libraries may fail in any way here
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
