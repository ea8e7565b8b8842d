"""The last lines of a log, without reading all of it."""

from pathlib import Path

_READ_BYTES = 16384
_LINES, _LINE_LENGTH = 8, 300


def log_tail(file: Path, n_lines: int = _LINES) -> tuple[str, ...]:
    """Return the last lines of a log that are not empty, shortened; none if there is no log.

    Args:
        file: The log.
        n_lines: How many, at most.
    """
    try:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - _READ_BYTES))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return ()  # nothing has been written, or the disk does not say
    # A bar that moves writes each of its states over the one before.
    lines = [line.rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    return tuple(line[:_LINE_LENGTH] for line in lines if line)[-n_lines:]
