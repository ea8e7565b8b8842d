"""A file on a server: what the server says of it before it is fetched."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mmfeat.errors import EncoderError
from mmfeat.weights_store.answers import Answer, open_url
from mmfeat.weights_store.hub_cache import is_offline
from mmfeat.weights_store.published import PublishedFile

_MIRROR = "MMFEAT_WEIGHTS_MIRROR"


@dataclass(frozen=True)
class RemoteFile:
    """Say where a file is fetched from, and what is known of its bytes."""

    url: str
    n_bytes: int | None
    """Its size; None where the server does not say."""
    validator: str | None
    """The server's name for this version of the file, if it promises to name each differently."""
    revision: str | None = None
    etag: str | None = None
    sha256: str | None = None
    md5: str | None = None
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """For this server only; whoever it redirects to does not get them."""


def ask_address(published: PublishedFile) -> RemoteFile:
    """Ask a server for a file's size and version, without fetching it.

    Raises:
        EncoderError: There is no network or no such file, or the answer is a web page.
    """
    url = _through_mirror(published.url or "")
    refuse_offline(url)
    # Not by HEAD: servers that sign the address they redirect to often sign it for GET alone.
    answer = open_from(RemoteFile(url, None, None), start=0, last=0)
    answer.body.close()
    return RemoteFile(
        url,
        n_bytes=answer.total,
        validator=answer.validator,
        etag=answer.etag,
        sha256=published.sha256,
        md5=published.md5,
    )


def refuse_offline(url: str) -> None:
    """Raise where the user wants no network.

    Raises:
        EncoderError: HF_HUB_OFFLINE is set.
    """
    if is_offline():
        raise EncoderError(
            f"{url}: not asked, since HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set; unset it, "
            "or bring the file by `mmfeat encoders add-weights`"
        )


def open_from(remote: RemoteFile, *, start: int, last: int | None = None) -> Answer:
    """Open a file on its server from a byte on; the server may answer with the whole file.

    Raises:
        HttpRefusalError: The server refuses.
        UnreachableError: It cannot be reached.
        EncoderError: The answer is a web page, or makes no sense.
        OSError: The connection broke.
    """
    headers = {}
    if start or last is not None:
        headers["Range"] = f"bytes={start}-{'' if last is None else last}"
    if start and remote.validator is not None:
        headers["If-Range"] = remote.validator
    return open_url(remote.url, headers, remote.secret_headers)


def _through_mirror(url: str) -> str:
    """Return the address on the mirror that the user names: its own, then that of the file."""
    mirror = os.environ.get(_MIRROR, "").rstrip("/")
    if not mirror:
        return url
    if urlsplit(mirror).scheme not in ("https", "http"):
        raise EncoderError(f"{_MIRROR}={mirror}: must begin with https:// or http://")
    return f"{mirror}/{url.partition('://')[2]}"
