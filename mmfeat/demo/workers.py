"""Make scans in several processes that end with the one that started them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Task = TypeVar("Task")
_AHEAD = 2
"""Tasks waiting for each process; a stop has to wait for those begun, not for the rest."""


def run_in_processes(
    work: Callable[[Task], None],
    tasks: Iterable[Task],
    *,
    n_processes: int,
    stopping: Callable[[], bool],
) -> Iterator[None]:
    """Do ``work`` for each task and yield once for each that is done, in any order.

    When ``stopping`` says so, no more tasks are begun, and it ends after those in flight.
    """
    waiting = iter(tasks)
    # Fresh processes, not forks: a fork copies the locks that the progress bar may hold.
    pool = ProcessPoolExecutor(
        n_processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )
    try:
        flying: set[Future[None]] = set()
        while True:
            room = 0 if stopping() else _AHEAD * n_processes - len(flying)
            flying |= {pool.submit(work, task) for task in islice(waiting, room)}
            if not flying:
                return
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                yield
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Leave signals to the parent, and end when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
