"""File systems without locks, or that cannot synchronise a folder, are good enough."""

import pytest

from .no_locks import NO_LOCKS
from .uninterrupted import Uninterrupted

NO_FOLDER_SYNC = """
import errno, os, stat
real = os.fsync

def fsync(descriptor):
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    real(descriptor)

os.fsync = fsync
"""


@pytest.mark.parametrize("before", [NO_LOCKS, NO_FOLDER_SYNC], ids=["no locks", "no folder sync"])
def test_extraction_gives_what_it_gives_elsewhere(host, cohort, before):
    (cohort.folder / cohort.scans["case-001"]).write_bytes(b"not a scan")
    reference = Uninterrupted(host, cohort)
    ended = host.run("extract", folder=cohort.folder, before=before)
    assert ended.code == reference.code, ended.err
    reference.check_complete()
