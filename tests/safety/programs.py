"""Run ``mmfeat`` as a process of its own, fast: start it, signal it, see how it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = Path(__file__).with_name("program_host.py")
_POLL_S = 0.005


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it wrote."""

    code: int
    """Its exit code; below 0: the signal that killed it."""
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that says what is wrong; it has to be there, and no traceback."""
        assert "Traceback" not in self.err, self.err
        (line,) = [line for line in self.err.splitlines() if line.startswith("error: ")]
        return line


class ProgramHost:
    """Start programs from one warm process; ``close`` kills what still runs."""

    def __init__(self, folder: Path, *also_loaded: str) -> None:
        self._folder = folder
        self._programs: list[Program] = []
        self._process = subprocess.Popen(
            [sys.executable, str(HOST), *also_loaded],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "COLUMNS": "140",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        self._answer()

    def start(
        self,
        *arguments: str,
        folder: Path,
        before: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> "Program":
        """Start ``mmfeat ARGUMENTS`` in a folder.

        Args:
            arguments: Of the command line.
            folder: Where it runs.
            before: Python that runs first, here and in every Python process that it starts.
            environment: Variables to set.
        """
        own = self._folder / f"program-{len(self._programs)}"
        own.mkdir()
        variables = dict(environment or {})
        if before:
            (own / "sitecustomize.py").write_text(before)
            variables["PYTHONPATH"] = os.pathsep.join([str(own), *sys.path])
        start = {
            "arguments": arguments,
            "folder": str(folder),
            "before": str(own / "sitecustomize.py") if before else "",
            "environment": variables,
            "out": str(own / "out"),
            "err": str(own / "err"),
        }
        program = Program(self, self.ask({"start": start}), own)
        self._programs.append(program)
        return program

    def run(self, *arguments: str, folder: Path, before: str = "") -> Ended:
        """Run ``mmfeat ARGUMENTS`` in a folder to its end."""
        return self.start(*arguments, folder=folder, before=before).wait()

    def ask(self, order: Mapping[str, object]) -> int | None:
        """Send one order to the warm process, and return its answer."""
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int | None:
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End what still runs, and the warm process."""
        for program in self._programs:
            if program.is_running():
                program.send(signal.SIGKILL)
        self._process.communicate()


class Program:
    """One run of ``mmfeat``."""

    def __init__(self, host: ProgramHost, pid: int, folder: Path) -> None:
        self.pid = pid
        self._host = host
        self._folder = folder
        self._code: int | None = None

    def is_listening(self) -> bool:
        """Say whether SIGTERM has a handler by now."""
        (caught,) = (
            line.split()[1]
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines()
            if line.startswith("SigCgt")
        )
        return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)

    def is_running(self) -> bool:
        if self._code is None:
            self._code = self._host.ask({"poll": self.pid})
        return self._code is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program, unless it has ended."""
        if self.is_running():
            os.kill(self.pid, number)

    def wait(self, timeout_s: float = 60.0) -> Ended:
        """Wait for the end."""
        give_up = time.monotonic() + timeout_s
        while self.is_running():
            assert time.monotonic() < give_up, f"still running: {self.written('err')}"
            time.sleep(_POLL_S)
        return Ended(self._code, self.written("out"), self.written("err"))

    def written(self, stream: str) -> str:
        """What it wrote so far to ``out`` or ``err``."""
        file = self._folder / stream
        return file.read_text() if file.exists() else ""

    def kin(self) -> list[int]:
        """Processes of its session that still run, itself included."""
        numbers = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
        return [pid for pid in numbers if self._is_kin(pid)]

    def leaves_nobody_behind(self, timeout_s: float = 10.0) -> bool:
        """Say whether the processes that it started end soon after it."""
        give_up = time.monotonic() + timeout_s
        while self.kin():
            if time.monotonic() > give_up:
                return False
            time.sleep(_POLL_S)
        return True

    def _is_kin(self, pid: int) -> bool:
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except OSError:  # it ended meanwhile
            return False
        state, _parent, _group, session = status.rpartition(")")[2].split()[:4]
        return int(session) == self.pid and state != "Z"
