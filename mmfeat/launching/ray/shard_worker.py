"""What runs on a node of the cluster for one shard: an actor that starts a command and waits."""

import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfeat.launching.worker_process import WorkerProcess


class ShardWorker:
    """Run the command of one shard; made an actor by the launcher, which asks it to stop.

    The command is a process of its own, so that a crash of native code ends that process and not
    the actor, and so that the command is the same as everywhere else. It ends when the actor does.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()

    def work(
        self, words: Sequence[str], *, log: str, environment: Mapping[str, str]
    ) -> tuple[int, int]:
        """Run `mmfeat` with these words to its end.

        Args:
            words: What comes after `mmfeat`.
            log: File that gets what it writes; on a disk that this node shares with the launcher.
            environment: Variables beside those of this process.

        Returns:
            The number of the process, and its exit code; below 0, the signal that killed it.

        Raises:
            LaunchError: It cannot be started here, or the log cannot be written.
        """
        # The Python of this node: its path may be another one than where the job was launched.
        process = WorkerProcess(
            [sys.executable, "-m", "mmfeat", *words], log=Path(log), environment=environment
        )
        return process.pid, process.wait(self._stop.is_set)

    def ask_to_stop(self) -> None:
        """Ask the command to finish what is in flight and end."""
        self._stop.set()

    def node(self) -> str:
        """Return the name of the machine."""
        return socket.gethostname()
