"""Turn the first signal into a polite request to stop, and the second into a stop at once.

SIGINT is Ctrl-C, SIGTERM comes from schedulers and reboots, SIGHUP from a terminal that closes.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from mmfeat.stop_at_once import stop_at_once

_STDOUT, _STDERR = 1, 2


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether a signal has asked the command to stop.

    The first signal only sets the answer to True; a second one raises KeyboardInterrupt, but for
    SIGHUP, which a closed session may send twice. Under `nohup` SIGHUP stays without effect.
    """
    asked = False
    terminals = [descriptor for descriptor in (_STDOUT, _STDERR) if os.isatty(descriptor)]

    def on_signal(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if number == signal.SIGHUP:
            _write_nowhere(terminals)
        elif asked:
            stop_at_once()
        if not asked:
            asked = True
            _tell("Stopping after the work in flight; once more to stop at once.")

    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in signals}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stops_at_once() -> Iterator[None]:
    """Let SIGTERM and SIGHUP do what Ctrl-C does, where nothing that was done would be lost.

    The command ends with the same exit code, and its half-written files are removed.
    """

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signals = (signal.SIGTERM, signal.SIGHUP)
    before = {
        number: signal.signal(number, on_signal)
        for number in signals
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(text: str) -> None:
    """Write to standard error past all buffers, for a signal may come amidst another message."""
    with suppress(OSError):  # nobody may be there to read it
        os.write(_STDERR, f"\n{text}\n".encode())


def _write_nowhere(descriptors: list[int]) -> None:
    """Let what is written to a terminal that has gone be no error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
