"""Open object stores and web servers through fsspec, and say in one line what they complain of."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mmfeat.errors import RemoteError, one_line
from mmfeat.remote_path import RemotePath

_PACKAGES = {"gs": "gcsfs", "s3": "s3fs"}
_QUERY = re.compile(r"\?[^\s'\"]+")
_MISSING = (404, 410)
_REFUSED = (401, 403)
_OF_THIS_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
_CONNECT_S = 30.0
_SILENCE_S = 120.0
"""So long a server may send nothing; how long a whole file takes is not limited."""


def file_system(path: RemotePath) -> Any:  # noqa: ANN401 - fsspec is not there for everybody
    """Return the file system of fsspec that a path is in; each process has one for each kind.

    Credentials and further options are what the environment and the files of fsspec and of each
    store's own tools say; mmfeat has no settings for them, and so cannot give them away.

    Raises:
        RemoteError: A package is missing.
    """
    try:
        import fsspec

        return fsspec.filesystem(path.scheme, use_listings_cache=False, **_options(path.scheme))
    except ImportError as error:
        package = _PACKAGES.get(path.scheme)
        install = "gcsfs" if package == "gcsfs" else '"mmfeat[remote]"'
        raise RemoteError(
            f"{path}: `{path.scheme}://` needs a package that is not installed; "
            f"pip install {install}"
        ) from error


@contextmanager
def told_by_store(path: RemotePath) -> Iterator[None]:
    """Turn whatever a store's library raises into one line that has no secrets in it.

    Raises:
        RemoteError: The block raised; ``is_missing`` says that there is nothing at the path.
        OSError: The disk of this machine is what refuses.
    """
    try:
        yield
    except RemoteError:
        raise
    except Exception as error:  # each store's library raises its own
        if isinstance(error, OSError) and error.errno in _OF_THIS_DISK and error.filename:
            raise
        cause: BaseException = error
        if isinstance(error, FileNotFoundError):
            # The web's file system says "not found" to everything; what it knows is behind that.
            is_web = path.scheme in ("http", "https")
            cause = error.__cause__ or error if is_web else error
            if cause is error or getattr(cause, "status", None) in _MISSING:
                raise RemoteError(f"{path}: no such file or folder", is_missing=True) from error
        raise RemoteError(_complaint(path, cause)) from error


def _complaint(path: RemotePath, error: BaseException) -> str:
    text = _QUERY.sub("?...", str(error).replace(path.url, str(path)))
    reason = one_line(_Told(text)) if text else type(error).__name__
    if _is_refusal(error):
        return f"{path}: may not be read ({reason}); check the credentials, as docs/remote.md says"
    return f"{path}: cannot be reached ({reason}); check the network and the address, and try again"


def _is_refusal(error: BaseException) -> bool:
    status = getattr(error, "status", None)
    return (
        isinstance(error, PermissionError)
        or status in _REFUSED
        or "Credentials" in type(error).__name__
    )


class _Told(Exception):  # noqa: N818 - only carries a text to where it is shortened
    """Hold a complaint without its secrets."""


def _options(scheme: str) -> dict[str, Any]:
    if scheme not in ("http", "https"):
        return {}
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
    # `encoded`: a signature holds for the URL as it is written.
    return {"client_kwargs": {"timeout": timeout}, "encoded": True}
