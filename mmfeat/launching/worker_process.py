"""A worker as a process of its own: its log, its signals, and its end when its launcher is gone."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mmfeat.errors import LaunchError

STOP_WITH_STDIN = "--stop-with-stdin"
"""Option of a worker's command: it stops safely when its standard input ends. The launcher holds
the other end of that pipe, which closes with it, however it ends."""

PATIENCE_S = 15.0
"""How long a worker that is to end at once may take."""
_LOOK_EVERY_S = 0.1


class WorkerProcess:
    """Start a command of mmfeat, ask it to stop, and know how it ended.

    It has a session of its own, so that Ctrl-C on a terminal reaches the launcher alone, which
    then asks its workers one by one.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path | None,
        environment: Mapping[str, str] | None = None,
        cpus: frozenset[int] | None = None,
    ) -> None:
        """Start the command.

        Args:
            command: Its words; it is to take STOP_WITH_STDIN.
            log: What it writes is added to this file, after a line that says what was started when;
                None: it writes where this process does.
            environment: Variables beside this process's own.
            cpus: The cores that it is bound to.

        Raises:
            LaunchError: It cannot be started, or the log cannot be written.
        """
        self._command = [*command, STOP_WITH_STDIN]
        try:
            self._process = self._start(log, {**os.environ, **(environment or {})}, cpus)
        except OSError as error:
            raise LaunchError(
                f"{error.filename or self._command[0]}: a worker cannot be started "
                f"({error.strerror}); mend the disk or the installation"
            ) from error

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return how it ended: below 0, the signal that killed it; None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Ask it to finish what is in flight and end; asked again, it ends at once."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def wait(self, should_stop: Callable[[], bool]) -> int:
        """Wait for the end, asking for it once a stop is wanted, and return how it ended.

        Whatever ends the waiting early, the process is not left behind.
        """
        asked = False
        try:
            while (code := self.exit_code()) is None:
                if should_stop() and not asked:
                    asked = True
                    self.ask_to_stop()
                time.sleep(_LOOK_EVERY_S)
        except BaseException:
            self.ask_to_stop()
            self.wait_or_kill(PATIENCE_S)
            raise
        self.close()
        return code

    def wait_or_kill(self, patience_s: float) -> None:
        """Wait for the end of a process that was asked to stop; kill it where it takes too long."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.close()

    def close(self) -> None:
        """Let go of the pipe of a process that has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _start(
        self, log: Path | None, environment: Mapping[str, str], cpus: frozenset[int] | None
    ) -> "subprocess.Popen[bytes]":
        before = os.sched_getaffinity(0) if cpus is not None else None
        output = None if log is None else _opened(log, self._command)
        try:
            if cpus is not None:  # a process inherits the cores of the thread that starts it
                os.sched_setaffinity(0, cpus)
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=dict(environment),
                start_new_session=True,
            )
        finally:
            if before is not None:
                os.sched_setaffinity(0, before)
            if output is not None:
                os.close(output)


def _opened(log: Path, command: Sequence[str]) -> int:
    """Open a log at its end, with a line that begins what the worker will write."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    words = shlex.join(command).replace("\n", "\\n")
    os.write(output, f"== {when} {words}\n".encode())
    return output
