"""A stop at once may come between any two steps; what has to be done whole puts it off a little.

Two signals end a command by KeyboardInterrupt, which Python raises wherever the main thread is. If
that is amid handing finished cases to the disk, some would be lost; so the handler of signals asks
here, and the exception waits for the end of the block.
"""

from collections.abc import Iterator
from contextlib import contextmanager

_blocks = 0
_wanted = False


def stop_at_once() -> None:
    """Raise KeyboardInterrupt now, or at the end of the block that puts it off."""
    global _wanted
    _wanted = True
    if not _blocks:
        _raise_if_wanted()


@contextmanager
def putting_off_stops() -> Iterator[None]:
    """Let a block come to its end before a stop at once; it has to look for polite requests itself.

    Where the block ends with an exception, that one is raised.
    """
    global _blocks, _wanted
    _blocks += 1
    try:
        yield
    except BaseException:
        _wanted = False
        raise
    finally:
        _blocks -= 1
    if not _blocks:
        _raise_if_wanted()


def _raise_if_wanted() -> None:
    global _wanted
    if _wanted:
        _wanted = False
        raise KeyboardInterrupt
