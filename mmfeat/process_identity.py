"""Tell one process from another that has got its number since."""

import os
import socket
from functools import cache
from pathlib import Path


@cache
def this_machine() -> str:
    """Name the table of processes that this one is in: the boot of a machine, and the container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def start_of_process(pid: int) -> str:
    """Return when a process of this machine began, in ticks since the boot.

    Returns:
        `ended` where only its exit code is left; nothing where it cannot be seen.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    state, start = fields[0], fields[19]
    return "ended" if state in "ZX" else start


def is_alive(pid: int) -> bool:
    """Say whether this machine has a process of that number, whoever's it is."""
    try:
        os.kill(pid, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as another user's
        return True
    return True


def lives(machine: str, pid: int, start: str) -> bool | None:
    """Say whether a process still runs; None where it cannot be looked up.

    Args:
        machine: What ``this_machine`` said there.
        pid: Its number.
        start: What ``start_of_process`` said of it.
    """
    if machine != this_machine():
        return None
    if not is_alive(pid):
        return False
    now = start_of_process(pid)
    return now == start if now else None
