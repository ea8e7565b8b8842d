"""Do the same to many items on a bounded number of threads, ahead of whoever takes the results."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_POLL_S = 0.1


def done_ahead(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    *,
    workers: int,
    waiting: int = 0,
    should_stop: Callable[[], bool],
) -> Generator[tuple[Item, Result], None, None]:
    """Yield each item with its result once it is done, in any order, until a stop is asked for.

    At most ``workers`` items are in work, and with those done and not taken yet they are at most
    ``workers + waiting``, however many there are.
    """
    remaining = iter(items)
    flying: dict[Future[Result], Item] = {}
    pool = ThreadPoolExecutor(workers, thread_name_prefix="mmfeat-ahead")
    try:
        while not should_stop():
            for item in islice(remaining, workers + waiting - len(flying)):
                flying[pool.submit(work, item)] = item
            if not flying:
                return
            ready, _ = wait(flying, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            if ready:
                future = ready.pop()
                yield flying.pop(future), future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
