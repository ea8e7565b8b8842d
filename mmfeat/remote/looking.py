"""Look at many remote scans at once, and remember what was seen until somebody looks again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from mmfeat.errors import RemoteError
from mmfeat.remote.files import RemoteFile, described, look
from mmfeat.remote.stores import file_system, told_by_store
from mmfeat.remote_path import RemotePath

_AT_ONCE = 32
_WORTH_A_LISTING = 200
"""From so many files in one folder on, the folder is listed: a thousand files for one question."""
_LISTED = ("s3", "gs")

_Seen = tuple[RemoteFile, ...] | RemoteError
_seen: dict[RemotePath, _Seen] = {}


def look_at_all(paths: Iterable[RemotePath]) -> None:
    """Look at scans, many at once, and remember what was seen for ``files_seen``.

    Raises:
        RemoteError: A store or server cannot be reached; so no file of it is asked for.
    """
    of_root: dict[str, dict[RemotePath, None]] = defaultdict(dict)
    for path in paths:
        of_root[path.root][path] = None
    for same in of_root.values():
        first = next(iter(same))
        seen = _seen[first] = _look(first)
        if isinstance(seen, RemoteError) and not seen.is_missing:
            raise seen
        rest = [path for path in same if path != first]
        for path, found in _by_listing(rest):
            _seen[path] = found
            same.pop(path)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mmfeat-look") as pool:
            rest = [path for path in same if path != first]
            _seen.update(zip(rest, pool.map(_look, rest), strict=True))


def files_seen(path: RemotePath) -> tuple[RemoteFile, ...]:
    """Return the files of a scan as they were when it was last looked at, by whoever.

    Raises:
        RemoteError: Nothing was there, or the store could not be asked.
    """
    if path not in _seen:
        _seen[path] = _look(path)
    return _result(_seen[path])


def files_now(path: RemotePath) -> tuple[RemoteFile, ...]:
    """Return the files of a scan as they are now.

    Raises:
        RemoteError: Nothing is there, or the store cannot be asked.
    """
    _seen[path] = _look(path)
    return _result(_seen[path])


def _result(seen: _Seen) -> tuple[RemoteFile, ...]:
    if isinstance(seen, RemoteError):
        raise RemoteError(str(seen), is_missing=seen.is_missing)
    return seen


def _look(path: RemotePath) -> _Seen:
    try:
        return look(path)
    except RemoteError as error:
        return error


def _by_listing(paths: Sequence[RemotePath]) -> Iterator[tuple[RemotePath, _Seen]]:
    """Give the files that one listing of their folder shows; folders in it are looked at alone."""
    of_parent: dict[RemotePath, list[RemotePath]] = defaultdict(list)
    for path in paths:
        if path.scheme in _LISTED:
            of_parent[path.parent].append(path)
    for parent, inside in of_parent.items():
        if len(inside) < _WORTH_A_LISTING:
            continue
        with told_by_store(parent):
            entries = file_system(parent).ls(parent.url, detail=True)
        files = {entry["name"].partition("/")[2]: entry for entry in entries}
        for path in inside:
            entry = files.get(path.key)
            if entry is not None and entry["type"] == "file":
                yield path, (described(path, path.name, entry),)
