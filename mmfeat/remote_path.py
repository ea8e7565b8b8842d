"""Name a file or folder of an object store or a web server."""

import posixpath
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

SCHEMES = ("s3", "gs", "https", "http")
"""What is read: Amazon S3 and stores that speak its protocol, Google Cloud Storage, web servers."""
_WEB = ("https", "http")
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_UNTOUCHED = "/%:@!$&'()*+,;=~-._"
"""Signs that a URL of a web server may hold; all others are escaped."""


@dataclass(frozen=True)
class RemotePath:
    """The URL of a file or folder; its text can be shown and stored, as it has no secrets.

    What comes after a `?` may be a signature that lets whoever has it read the file. It takes part
    in comparisons, but text and `repr` have eight digits of a checksum in its place.

    Example:
        >>> RemotePath.parse("s3://trial/scans/a.nii.gz")
        RemotePath(root='s3://trial', key='scans/a.nii.gz')
        >>> str(RemotePath.parse("https://example.org/a%20b.nii.gz?signature=secret"))
        'https://example.org/a%20b.nii.gz?bcba6aa7'
    """

    root: str
    """Scheme and bucket or server: ``s3://bucket``."""
    key: str
    """What comes after it, without slashes at its ends."""
    query: str = field(default="", repr=False)
    """Of a web server: what comes after the question mark."""

    @classmethod
    def parse(cls, text: str) -> "RemotePath":
        """Read a URL.

        Raises:
            ValueError: It is none that is read; the message says why, without repeating it.
        """
        match = _URL.fullmatch(text)
        if match is None:
            raise ValueError("not a URL")
        scheme = match["scheme"].lower()
        if scheme not in SCHEMES:
            known = ", ".join(f"{name}://" for name in SCHEMES)
            raise ValueError(f"`{scheme}://` is not read; use one of {known}")
        rest, query = match["rest"], ""
        if scheme in _WEB:
            rest, _, query = rest.partition("#")[0].partition("?")
        host, _, key = rest.partition("/")
        if "@" in host:
            raise ValueError(
                "has a user or password in it; take them out, and give credentials as "
                "docs/remote.md says"
            )
        if not host:
            raise ValueError(f"names no {'server' if scheme in _WEB else 'bucket'}")
        if scheme in _WEB:
            key = quote(key, safe=_UNTOUCHED)
        return cls(f"{scheme}://{host}", key.strip("/"), query)

    @property
    def scheme(self) -> str:
        """What the URL begins with, such as ``s3``."""
        return self.root.partition("://")[0]

    @property
    def url(self) -> str:
        """The whole URL, with whatever secrets are in it: for the store alone."""
        return f"{self._place}?{self.query}" if self.query else self._place

    @property
    def parts(self) -> tuple[str, ...]:
        """Root, folders and name, as those of a Path."""
        return (self.root, *(self._plain(part) for part in self.key.split("/") if part))

    @property
    def name(self) -> str:
        """The last part, as a file on disk would be called."""
        return PurePosixPath(self.parts[-1]).name if self.key else self.root.partition("://")[2]

    @property
    def suffix(self) -> str:
        """The last ending of the name, with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "RemotePath":
        """The folder above it; what was signed for the file does not hold for that."""
        return RemotePath(self.root, self.key.rpartition("/")[0])

    def child(self, relative: str) -> "RemotePath":
        """Return what a relative path means in this folder.

        Example:
            >>> str(RemotePath.parse("s3://trial/tables").child("../scans/a.nii.gz"))
            's3://trial/scans/a.nii.gz'

        Raises:
            ValueError: It leads out of the bucket or server.
        """
        if self.scheme in _WEB:
            relative = quote(relative, safe=_UNTOUCHED)
        key = posixpath.normpath(posixpath.join("/", self.key, relative)).lstrip("/")
        steps_up = posixpath.normpath(posixpath.join(self.key, relative))
        if steps_up == ".." or steps_up.startswith("../"):
            raise ValueError(f"leads out of {self.root}")
        return RemotePath(self.root, key)

    def __str__(self) -> str:
        """Return the URL without what may be secret."""
        if not self.query:
            return self._place
        return f"{self._place}?{zlib.crc32(self.query.encode()):08x}"

    @property
    def _place(self) -> str:
        return f"{self.root}/{self.key}" if self.key else self.root

    def _plain(self, part: str) -> str:
        return unquote(part) if self.scheme in _WEB else part


AnyPath = Path | RemotePath
"""Where a scan or a table is."""


def is_url(text: str) -> bool:
    """Say whether a text is meant as a URL, of whatever kind.

    Example:
        >>> is_url("s3://trial/a.nii.gz"), is_url("C:/scans/a.nii.gz"), is_url("scans/a.nii.gz")
        (True, False, False)
    """
    return _URL.match(text) is not None


def without_password(text: str) -> str:
    """Return a text with dots for whatever stands as user and password in a URL in it.

    Example:
        >>> without_password("file=https://eve:secret@example.org/a.csv")
        'file=https://...@example.org/a.csv'
    """
    return re.sub(r"://[^/@\s]*@", "://...@", text)


def located(folder: AnyPath, text: str) -> AnyPath:
    """Return what a path in a table means: a URL, or a path relative to the table's folder.

    Raises:
        ValueError: It is a URL that is not read.
    """
    if is_url(text):
        return RemotePath.parse(text)
    if isinstance(folder, Path):
        return (folder / text).absolute()
    return Path(text) if Path(text).is_absolute() else folder.child(text)
