"""Tell a launcher how far a command is and how it ended, where one has started it."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from mmfeat.errors import Interrupted, MmfeatError, one_line

from . import exit_codes

if TYPE_CHECKING:
    from mmfeat.launching.state_reporting import StateReporting
    from mmfeat.progress import Progress
    from mmfeat.work_shard import WorkShard


class ReportedWork:
    """What a command does under a launcher, or without one."""

    def __init__(self, progress: "Progress", state: "StateReporting | None") -> None:
        self.progress: Progress = progress if state is None else state
        self._state = state

    def done(self, code: int, *, n_failed: int = 0) -> None:
        """Say that the work came to its end, with so many cases or heads that failed."""
        if self._state is not None:
            self._state.end("done", exit_code=code, n_failed=n_failed)

    def failed(self, code: int, message: str) -> None:
        """Say why the work did not come to its end."""
        if self._state is not None:
            self._state.end("failed", exit_code=code, message=message)

    def stopped(self, message: str) -> None:
        """Say that a signal ended the work."""
        if self._state is not None:
            self._state.end("stopped", exit_code=exit_codes.STOPPED, message=message)


@contextmanager
def reported_work(
    file: Path | None,
    shard: "WorkShard | None",
    *,
    progress: "Progress",
    stop_with_stdin: bool = False,
) -> Iterator[ReportedWork]:
    """Give the progress to tell; where the block ends with an error, the launcher is told of it.

    Args:
        file: Where the launcher looks; None: there is no launcher.
        shard: Which share of the work it is; None: what comes after all of them.
        progress: Shows the work here.
        stop_with_stdin: Ask for a stop when standard input ends.
    """
    if stop_with_stdin:
        Thread(target=_stop_when_stdin_ends, name="launcher-watch", daemon=True).start()
    if file is None:
        yield ReportedWork(progress, None)
        return
    from mmfeat.launching.state_reporting import StateReporting

    with StateReporting(file, str(shard or "finish"), progress) as state:
        work = ReportedWork(progress, state)
        try:
            yield work
        except Interrupted as stop:
            work.stopped(str(stop))
            raise
        except KeyboardInterrupt:
            work.stopped("stopped at once; everything finished is kept")
            raise
        except MmfeatError as error:
            work.failed(exit_codes.USER_CAN_MEND, str(error))
            raise
        except Exception as error:
            work.failed(exit_codes.OUR_FAULT, f"{type(error).__name__}: {one_line(error)}")
            raise


def _stop_when_stdin_ends() -> None:
    """Wait for the end of standard input, whose other end the launcher holds while it lives."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
