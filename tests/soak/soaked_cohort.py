"""A cohort in trouble: programs are run on it, and how each one ends is checked."""

import random
import signal
import time
from pathlib import Path

from ..safety.programs import Ended, Program, ProgramHost
from .drawn_cohort import DrawnCohort

PATIENCE_S = 300.0
"""For a program on a busy machine; it takes seconds elsewhere."""
DONE, MENDABLE, SOME_FAILED, STOPPED = 0, 2, 3, 75
WELL = frozenset({DONE, SOME_FAILED})
STAGES = ("extract", "train", "eval")


class SoakedCohort:
    """Run programs on a drawn cohort, whatever has been done to it.

    Args:
        host: What starts programs.
        cohort: Its files.
        draw: What decides everything that is drawn.
        beside: A folder for what is not the cohort's.
    """

    def __init__(
        self, host: ProgramHost, cohort: DrawnCohort, draw: random.Random, beside: Path
    ) -> None:
        self.host, self.cohort, self.draw, self.beside = host, cohort, draw, beside
        self.steps: list[str] = []
        self.usual_s = {"extract": 2.0, "train": 5.0, "eval": 5.0}
        """How long each stage took when it was last run to its end."""

    @property
    def folder(self) -> Path:
        return self.cohort.folder

    @property
    def cache_folders(self) -> list[Path]:
        """The folders of the cache, each with a recipe if nobody took that away."""
        return sorted(path for path in self.folder.glob("cache/*/*") if path.is_dir())

    def say(self, step: str) -> None:
        """Note what is done, so that a failure can be understood."""
        self.steps.append(step)
        with (self.beside / "steps.txt").open("a") as log:  # for whoever looks while it runs
            log.write(step + "\n")

    def start(self, *command: str, before: str = "") -> Program:
        return self.host.start(*command, folder=self.folder, before=before)

    def run(
        self, *command: str, before: str = "", may: frozenset[int] = WELL | {MENDABLE}
    ) -> Ended:
        """Run a command to its end, which has to be one that its manual knows."""
        started = time.monotonic()
        ended = self.start(*command, before=before).wait(PATIENCE_S)
        self.check(command, ended, may)
        if command[0] in self.usual_s and ended.code in WELL:
            self.usual_s[command[0]] = time.monotonic() - started
        return ended

    def interrupt(self, stage: str, *signals: signal.Signals, pause_s: float = 0.0) -> Ended:
        """Start a stage, send it signals after a while, and see how it ends."""
        program = self.start(stage)
        is_kill = signal.SIGKILL in signals
        while not is_kill and program.is_running() and not program.is_listening():
            time.sleep(0.001)
        waited_s = self.draw.uniform(0, 1.1) * self.usual_s[stage]
        time.sleep(waited_s)
        for number in signals:
            program.send(number)
            time.sleep(pause_s)
        ended = program.wait(PATIENCE_S)
        names = "+".join(one.name for one in signals)
        # It may meet a program that has said all it had to say, and has only to end.
        deaths = {-one for one in signals}
        may = WELL | {MENDABLE} | deaths | (set() if is_kill else {STOPPED})
        self.check((stage, f"{names} after {waited_s:.2f} s"), ended, may)
        assert program.leaves_nobody_behind(PATIENCE_S), "a process that it started goes on"
        return ended

    def check(self, command: tuple[str, ...], ended: Ended, may: frozenset[int] | set[int]) -> None:
        """Check the exit code, and that nothing but sentences is said."""
        self.say(f"{' '.join(command)}: {ended.code} {_last_line(ended.err)}".rstrip())
        assert ended.code in may, f"exit code {ended.code}, not one of {sorted(may)}: {ended.err}"
        assert "Traceback" not in ended.out + ended.err, ended.err
        if ended.code == MENDABLE:
            errors = [line for line in ended.err.splitlines() if line.startswith("error: ")]
            assert len(errors) == 1, f"not one error: {ended.err}"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
