"""Have a remote file or folder on this machine's disk, for as long as it is read."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mmfeat.errors import RemoteError
from mmfeat.remote.files import RemoteFile
from mmfeat.remote.looking import files_now
from mmfeat.remote.stores import file_system, told_by_store
from mmfeat.remote_path import RemotePath


@contextmanager
def local_copy(path: RemotePath, scratch: Path | None = None) -> Iterator[Path]:
    """Copy what is at a path to a temporary folder, which is removed when the block ends.

    Args:
        path: A file, or a folder: all below it but hidden files.
        scratch: Where the temporary folder is made; None: where this machine has its temporary
            files, as ``TMPDIR`` says.

    Raises:
        RemoteError: It is not there, cannot be had, the copy has another size, or the disk has no
            room for it.
    """
    files = files_now(path)
    with ExitStack() as stack:
        try:
            folder = tempfile.TemporaryDirectory(prefix="mmfeat-copy-", dir=scratch)
            copy = Path(stack.enter_context(folder), _safe(path.name))
            is_folder = [file.path for file in files] != [path]
            _fetch(path, files, [copy / file.inside if is_folder else copy for file in files])
        except OSError as error:
            raise RemoteError(
                f"{path}: cannot be copied to {scratch or tempfile.gettempdir()} "
                f"({error.strerror or error}); make room there, or set TMPDIR to another disk"
            ) from error
        yield copy


def _fetch(path: RemotePath, files: Sequence[RemoteFile], copies: Sequence[Path]) -> None:
    for folder in {copy.parent for copy in copies}:
        folder.mkdir(parents=True, exist_ok=True)
    with told_by_store(path):
        store = file_system(path)
        if len(files) == 1:
            store.get_file(files[0].path.url, str(copies[0]))
        else:
            # Many at once: a series of three hundred slices would else wait for each of them.
            store.get([file.path.url for file in files], [str(copy) for copy in copies])
    for file, copy in zip(files, copies, strict=True):
        n_bytes = copy.stat().st_size
        if file.size_bytes not in (None, n_bytes):
            raise RemoteError(
                f"{file.path}: {n_bytes} of {file.size_bytes} bytes came; it was cut off, or has "
                "changed meanwhile; run the command again"
            )


def _safe(name: str) -> str:
    """Return a name that a file on disk can have; the reader goes by its ending."""
    return "scan" if name in ("", ".", "..") or "\0" in name else name
