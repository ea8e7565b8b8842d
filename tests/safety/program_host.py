"""Fork the program ``mmfeat`` again and again from one process that has loaded everything.

A start of Python and torch takes two seconds and a fork some milliseconds, so that hundreds of
runs fit into a test. Reads orders from standard input and answers each on standard output, one
line of JSON: ``{"start": {...}}`` gives a process id, ``{"poll": PID}`` its exit code, or null. The
first line says that all is loaded.
"""

import atexit
import json
import os
import runpy
import sys
import threading
from importlib import import_module
from typing import NoReturn

LOADED = (
    "mmfeat.cli.main",
    "mmfeat.stages.extraction.extract",
    "mmfeat.encoders.statistics.intensity_stats",
    "nibabel",
    "pyarrow.parquet",
    "rich.progress",
    "rich.table",
    "torch",
)


def fork_mmfeat(start: dict) -> int:
    """Fork ``python -m mmfeat`` into a session of its own, and return its process id."""
    until_it_leads, it_leads = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(until_it_leads)
        os.close(it_leads)
        become_mmfeat(start)
    os.close(it_leads)
    os.read(until_it_leads, 1)  # nothing is written: the end is what counts
    os.close(until_it_leads)
    return pid


def become_mmfeat(start: dict) -> NoReturn:
    """Turn this process into ``python -m mmfeat``; never return."""
    os.chdir(start["folder"])
    os.environ.update(start["environment"])
    for descriptor, file in enumerate((os.devnull, start["out"], start["err"])):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND), descriptor)
    sys.argv = ["mmfeat", *start["arguments"]]
    if start["before"]:
        runpy.run_path(start["before"])
    code = 0
    try:
        runpy.run_module("mmfeat", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    # As the interpreter ends, but for taking all modules apart, which costs most of a second.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def exit_code(pid: int) -> int | None:
    """Return how a child ended; below 0 is the signal that killed it, None that it still runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def answer(value: int | None) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def main() -> None:
    for name in (*LOADED, *sys.argv[1:]):
        import_module(name)
    answer(None)
    for line in sys.stdin:
        order = json.loads(line)
        if "poll" in order:
            answer(exit_code(order["poll"]))
            continue
        answer(fork_mmfeat(order["start"]))


if __name__ == "__main__":
    main()
