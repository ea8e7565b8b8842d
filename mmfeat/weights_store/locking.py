"""Let one process at a time fetch a file; the others wait, and then find it."""

import errno
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from mmfeat.errors import EncoderError, Interrupted, one_line

_log = logging.getLogger(__name__)
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
_LOOK_S = 0.5
_FOR_ALL = 0o666
"""Less the user's umask, so that a group may share a folder."""


@contextmanager
def held_alone(path: Path, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Hold the lock of a file, after waiting for whoever has it.

    On a file system without locks a marker file takes their place. It stays behind when its
    process is killed, but then the next one on this machine sees that there is no such process.

    Raises:
        Interrupted: The user wants to stop.
        EncoderError: There can be no lock at that place.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _acquired(FileLock(path, mode=_FOR_ALL), should_stop)
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LOCKS:
            raise EncoderError(
                f"{path}: cannot be made or locked ({one_line(error)}); mend the permissions, or "
                "let MMFEAT_WEIGHTS (for files of the hub: HF_HOME) name another folder"
            ) from error
        marker = path.with_name(f"{path.name}ed")
        _log.warning("%s: no locks on this file system; the file %s marks it", path, marker)
        lock = _acquired(SoftFileLock(marker, mode=_FOR_ALL), should_stop)
    try:
        yield
    finally:
        with suppress(OSError):  # the disk may have gone; what was fetched has its own errors
            lock.release()


def _acquired(lock: BaseFileLock, should_stop: Callable[[], bool]) -> BaseFileLock:
    told = False
    while True:
        try:
            with warnings.catch_warnings():
                # Newer versions fall back to a marker file by themselves, and warn of it.
                warnings.simplefilter("ignore", UserWarning)
                lock.acquire(timeout=_LOOK_S)
        except Timeout:
            if should_stop():
                raise Interrupted("another process was fetching the file, and goes on") from None
            if not told:
                _log.warning("another process is fetching this file; waiting for it")
                told = True
        else:
            return lock
