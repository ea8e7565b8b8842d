"""Compare a file with what is published of it: its size and digests."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.weights_store.published import PublishedFile

_KINDS = {"sha256": "SHA-256", "md5": "MD5"}


@dataclass(frozen=True)
class Comparison:
    """What comparing a file with the published ones gave."""

    equal: tuple[str, ...]
    """The kinds of digest that were compared and found equal; none where none is known."""
    difference: str | None
    """In words, when the file is none of the published ones."""


def compare(file: Path, published: Sequence[PublishedFile]) -> Comparison:
    """Compare a file with all published ones; it has to be one of them, if that can be known.

    Where of some nothing is known, it may be one of those, unless it has the name of another.
    """
    known = [one for one in published if one.sha256 or one.md5]
    candidates = [one for one in known if one.file_name == file.name] or known
    difference = None
    for one in candidates:
        fault = _fault(file, one)
        if fault is None:
            equal = tuple(kind for field, kind in _KINDS.items() if getattr(one, field))
            return Comparison(equal, None)
        difference = difference or f"{file}: not the file published as {one.name}: {fault}"
    may_be_another = len(known) < len(published) and all(
        one.file_name != file.name for one in known
    )
    return Comparison((), None if may_be_another else difference)


def _fault(file: Path, one: PublishedFile) -> str | None:
    """Say what differs first, if anything does."""
    n_bytes = file.stat().st_size
    if one.n_bytes not in (None, n_bytes):
        return f"{n_bytes} bytes instead of {one.n_bytes}"
    for field, kind in _KINDS.items():
        wanted = getattr(one, field)
        if wanted is None:
            continue
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, field).hexdigest()
        if found != wanted:
            return f"{kind} {found} instead of {wanted}"
    return None
