"""The highest memory of this process while it does one thing."""

import ctypes
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


class PeakMemory:
    """Tell how much resident memory a piece of work needed beyond what was held before it.

    Memory that was freed goes back to the system first, or work that takes it again would seem to
    need none. On Linux the kernel's own mark of the highest value is put back each time, so that
    nothing between two looks is missed. Elsewhere only a new record of the whole process shows, so
    that work below the record counts as nothing.

    Example:
        >>> peak = PeakMemory()
        >>> block = bytearray(b"1" * 50_000_000)
        >>> peak.growth_bytes() > 40_000_000
        True
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin a new piece of work."""
        _give_back_freed()
        self.can_be_put_back = _put_back()
        self._before = _highest_bytes()

    def growth_bytes(self) -> int:
        """Return by how much memory grew at most since the start."""
        return max(_highest_bytes() - self._before, 0)


def _give_back_freed() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim is not None:
        trim(0)


def _put_back() -> bool:
    try:
        _RESET.write_text("5")
    except OSError:  # not Linux, or not allowed in this container
        return False
    return True


def _highest_bytes() -> int:
    in_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return _of_status("VmHWM") or (in_kib if sys.platform == "darwin" else 1024 * in_kib)


def _of_status(name: str) -> int | None:
    if not _STATUS.is_file():
        return None
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    return None
