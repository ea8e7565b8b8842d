"""Errors of a disk that refuses what is written to it: whoever uses mmfeat can mend them."""

import errno

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN, errno.ENODEV, errno.ENXIO}
_REFUSES = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN}


def is_of_disk(error: OSError) -> bool:
    """Say whether an error is the disk's, full or refusing, and not one of the program."""
    return error.errno in _FULL | _REFUSES


def disk_advice(error: OSError) -> str:
    """Say what can be done about an error of a disk.

    Example:
        >>> disk_advice(OSError(errno.ENOSPC, "No space left on device"))
        'make room there'
    """
    if error.errno in _FULL:
        return "make room there"
    if error.errno in _GONE:
        return "bring the folder back, which was deleted, moved or unmounted"
    return "mend the disk or the permissions"
