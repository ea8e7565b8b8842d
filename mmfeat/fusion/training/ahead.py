"""Make the next of something in a thread, while the last is worked on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


def ahead(items: Iterable[_T]) -> Iterator[_T]:
    """Give the items of an iterable in order; each is made while the one before it is in use.

    Two of them are in memory at once. What goes wrong in making one is raised here in its place.

    Example:
        >>> list(ahead(number**2 for number in range(4)))
        [0, 1, 4, 9]
    """
    iterator = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="mmfeat-ahead") as thread:
        coming: Future[tuple[_T] | None] = thread.submit(_next, iterator)
        while (item := coming.result()) is not None:
            coming = thread.submit(_next, iterator)
            yield item[0]


def _next(iterator: Iterator[_T]) -> tuple[_T] | None:
    for item in iterator:
        return (item,)
    return None
