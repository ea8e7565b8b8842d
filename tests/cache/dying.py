"""Kill a child process before each of its writes to the disk in turn."""

import os
import signal
from collections.abc import Callable, Iterator

_WRITING = ("fsync", "replace", "unlink", "rmdir")


def killed_before_each_write(action: Callable[[], object]) -> Iterator[int]:
    """Run an action in children that die before their first, second, ... write, until one is done.

    Yields the number of the write after each death, so that the test can look at what is left and
    put it back as it was.
    """
    number = 1
    while _dies(action, number):
        yield number
        number += 1


def _dies(action: Callable[[], object], number: int) -> bool:
    pid = os.fork()
    if pid == 0:
        _kill_before_write(number)
        try:
            action()
        except BaseException:  # noqa: BLE001 - nothing of pytest may run in the child
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL), f"the child failed with {code}"
    return code != 0


def _kill_before_write(number: int) -> None:
    left = [number]

    def deadly(call):
        def wrapped(*arguments, **named):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return wrapped

    for name in _WRITING:
        setattr(os, name, deadly(getattr(os, name)))
