"""Put files into an object store, and get them from there for good."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mmfeat.errors import RemoteError
from mmfeat.remote.files import RemoteFile, look
from mmfeat.remote.stores import file_system, told_by_store
from mmfeat.remote_path import RemotePath

_AT_ONCE = 8


def stored_files(folder: RemotePath) -> dict[str, RemoteFile]:
    """Return the files that are right in a folder of a store, by name; none where there is none.

    Raises:
        RemoteError: The store cannot be asked.
    """
    try:
        files = look(folder)
    except RemoteError as error:
        if error.is_missing:
            return {}
        raise
    return {file.inside: file for file in files if "/" not in file.inside}


def put_file(file: Path, path: RemotePath) -> RemoteFile:
    """Store a file; it appears whole, or not at all.

    Raises:
        RemoteError: The store refuses, or cannot be reached.
        OSError: The file cannot be read.
    """
    with told_by_store(path):
        file_system(path).put_file(str(file), path.url)
    (stored,) = look(path)
    return stored


def get_files(files: Iterable[tuple[RemoteFile, Path]]) -> None:
    """Copy files to this machine, several at once, each to its place under a name of its own.

    Raises:
        RemoteError: One cannot be had, or is not as large as it should be.
        OSError: The disk refuses.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mmfeat-get") as pool:
        for _ in pool.map(_get, files):
            pass


def remove_file(path: RemotePath) -> None:
    """Take a file out of a store; that there is none is no error.

    Raises:
        RemoteError: The store refuses, or cannot be reached.
    """
    try:
        with told_by_store(path):
            file_system(path).rm_file(path.url)
    except RemoteError as error:
        if not error.is_missing:
            raise


def _get(one: tuple[RemoteFile, Path]) -> None:
    file, copy = one
    with told_by_store(file.path):
        file_system(file.path).get_file(file.path.url, str(copy))
    n_bytes = copy.stat().st_size
    if file.size_bytes not in (None, n_bytes):
        raise RemoteError(
            f"{file.path}: {n_bytes} of {file.size_bytes} bytes came; run the command again"
        )
