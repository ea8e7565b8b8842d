"""A file system without locks, for a program to find itself on."""

NO_LOCKS = """
import errno, fcntl, os

def refuse(*arguments):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

fcntl.flock = fcntl.lockf = refuse
os.environ["HDF5_USE_FILE_LOCKING"] = "TRUE"
"""
