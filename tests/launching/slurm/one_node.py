"""A Slurm of one node, for tests: munged, slurmctld and slurmd in a folder of their own."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
_UP_WITHIN_S = 30.0
_POLL_S = 0.2
_SETTINGS = """\
ClusterName=mmfeat-tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
# A requeued task waits for as long as a credential lasts before it begins again.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmUser={user}
SlurmdUser={user}
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
ReturnToService=2
KillWait=10
SchedulerParameters=batch_sched_delay=0,sched_interval=1
# The node is taken to have more cores than the machine may have, so that tasks run side by side.
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP
"""


def missing_program() -> str | None:
    """Return a program that a cluster needs and this machine lacks."""
    return next((name for name in PROGRAMS if shutil.which(name, path=_path()) is None), None)


class OneNodeSlurm:
    """A cluster that is up until it is closed; ``environment`` makes its programs find it."""

    def __init__(self) -> None:
        # Not among pytest's folders: a socket's path has no more than 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="mmfeat-slurm-"))
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        settings = _SETTINGS.format(
            host=socket.gethostname().partition(".")[0],
            user=getpass.getuser(),
            folder=self.folder,
            controller_port=_free_port(),
            node_port=_free_port(),
        )
        (self.folder / "slurm.conf").write_text(settings)
        self.environment = {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": _path()}
        self._daemons: list[subprocess.Popen] = []
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        munge = {
            name: self.folder / f"munge.{name}"
            for name in ("socket", "key-file", "pid-file", "log-file", "seed-file")
        }
        munge["key-file"] = self.folder / "munge.key"
        self._daemon("munged", "--foreground", *(f"--{one}={path}" for one, path in munge.items()))
        self.wait_until(munge["socket"].exists)
        self._daemon("slurmctld", "-D", "-i")
        self._daemon("slurmd", "-D")
        self.wait_until(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%t"))

    def _daemon(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.out").open("w") as out:
            daemon = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self._daemons.append(daemon)

    def ask(self, *command: str) -> str:
        """Run one of Slurm's programs, and return what it writes; empty if it fails."""
        ended = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **self.environment}
        )
        return ended.stdout if ended.returncode == 0 else ""

    def queue(self) -> str:
        """Return the tasks that are still to end, one a line."""
        return self.ask("squeue", "--noheader", "--array", "--format=%j %K %T %r")

    def elapsed_s(self, task: str) -> int:
        """Return for how long a task has been running."""
        said = self.ask("squeue", "--noheader", f"--jobs={task}", "--Format=TimeUsed")
        *hours, minutes, seconds = (int(part) for part in said.strip().split(":"))
        return 3600 * sum(hours) + 60 * minutes + seconds

    def wait_until(self, happened: Callable[[], object], timeout_s: float = _UP_WITHIN_S) -> None:
        """Wait for something to become true.

        Raises:
            AssertionError: It did not, with what is in the queue and in the logs.
        """
        give_up = time.monotonic() + timeout_s
        while not happened():
            assert time.monotonic() < give_up, f"{self.queue()}\n{self._logs()}"
            time.sleep(_POLL_S)

    def wait_until_empty(self, timeout_s: float = 600.0) -> None:
        """Wait until every task has ended."""
        self.wait_until(lambda: not self.queue().strip(), timeout_s)

    def _logs(self) -> str:
        logs: Sequence[Path] = sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")])
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs)

    def close(self) -> None:
        """End what still runs, and the daemons."""
        if len(self._daemons) > 1:
            self.ask("scancel", "--full", f"--user={getpass.getuser()}")
            give_up = time.monotonic() + 15.0
            while self.queue().strip() and time.monotonic() < give_up:
                time.sleep(_POLL_S)
        for daemon in reversed(self._daemons):
            daemon.send_signal(signal.SIGTERM)
        for daemon in self._daemons:
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _path() -> str:
    """Return the path with the folders where Debian keeps daemons."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
