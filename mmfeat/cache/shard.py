"""One shard: an HDF5 file with the features of some cases, written once, whole, and never changed.

Layout: `feature` ``(rows, width)`` float32, contiguous and uncompressed; `case_id`,
`source_sha256`, `source_stat` and `quality` ``(rows,)`` fixed-length UTF-8; `feature_sha256`
``(rows, 32)`` bytes; where the recipe keeps tokens, also what `shard_tokens` says. Rows are sorted
by the four texts, and nothing goes in that differs by chance: the same rows give the same bytes.
"""

import errno
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.damage import torn
from mmfeat.cache.recipe import describe_differences
from mmfeat.cache.shard_tokens import TokenTable, read_token_table
from mmfeat.cache.token_rows import TokenRows, keeps_tokens
from mmfeat.errors import CacheError, one_line

FORMAT = "mmfeat feature shard"
FORMAT_VERSION = 1
WITH_TOKENS_VERSION = 2
"""Of shards with tokens; those without stay as they were, for programs that know nothing else."""
_BLOCK_ROWS = 512
_BROKEN = (AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError)
"""What h5py raises on a file that is not what it should be."""

Keys = list[tuple[str, str, str, str]]
"""Case, digest of its source, stat of its source, quality of the volume; one for each row."""
TEXTS = ("case_id", "source_sha256", "source_stat", "quality")
Features = NDArray[np.float32]


@dataclass(frozen=True)
class ShardIndex:
    """Hold everything of a shard but its features."""

    path: Path
    keys: Keys
    digests: list[bytes]
    """SHA-256 of each row's feature; where there are tokens, with that of its tokens after it."""
    width: int
    versions: list[dict[str, str]]
    """Versions of the libraries that the rows were made with; more than one after an update."""
    tokens: TokenTable | None = None
    """None where the recipe keeps none."""

    def feature_digest(self, row: int) -> bytes:
        """Return the SHA-256 of a row's feature alone."""
        return self.digests[row][:32]


def read_index(path: Path, recipe: str) -> ShardIndex:
    """Read everything but the features, and check that the file is a whole shard of this recipe.

    Raises:
        CacheError: The file is torn, foreign, or of another recipe; the message says what to do.
        FileNotFoundError: The shard has gone, as it does when another process compacts the folder.
    """
    with _opened(path) as file:
        found = file.attrs["recipe"].decode()
        if found != recipe:
            raise CacheError(f"{path}: {_describe_foreign(found, recipe)}")
        texts = [_texts(file[name]) for name in TEXTS]
        keys = list(zip(*texts, strict=True))
        table = file["feature_sha256"][:].tobytes()
        digests = [table[start : start + 32] for start in range(0, len(table), 32)]
        feature = file["feature"]
        version, tokens = format_version(recipe), None
        if int(file.attrs["format_version"]) != version:
            raise torn(path, "its format is not that of its recipe")
        if version == WITH_TOKENS_VERSION:
            tokens = read_token_table(file, len(keys))
            digests = [one + other for one, other in zip(digests, tokens.digests, strict=True)]
        offsets = None if tokens is None else tokens.offsets
        sound = (
            feature.dtype == np.dtype("<f4")
            and feature.ndim == 2
            and feature.shape[0] == len(keys)
            and feature.id.get_offset() is not None
            and len(digests) == len(keys)
            and file.attrs["checksum"].decode() == checksum(keys, digests, offsets)
        )
        if not sound:
            raise torn(path, "its parts do not fit together")
        versions = json.loads(file.attrs["versions"])
        return ShardIndex(path, keys, digests, feature.shape[1], versions, tokens)


def read_case_ids(path: Path) -> list[str]:
    """Read the case of each row, and check nothing: for counts, many times as fast as the index.

    Raises:
        CacheError: The file cannot be read as a shard.
        FileNotFoundError: As in read_index.
    """
    with _opened(path) as file:
        return _texts(file["case_id"])


def read_features(
    path: Path, rows: NDArray[np.int64], out: Features, out_rows: NDArray[np.int64]
) -> None:
    """Do ``out[out_rows] = features[rows]``; as fast as from a raw file where rows are in order.

    Raises:
        CacheError: The file cannot be read as a shard.
        FileNotFoundError: As in read_index.
    """
    with _opened(path) as file:
        feature = file["feature"]
        if _consecutive(rows) and _consecutive(out_rows):
            feature.read_direct(out, _span(rows), _span(out_rows))
            return
        order = np.argsort(rows, kind="stable")
        rows, out_rows = rows[order], out_rows[order]
        block = np.empty((_BLOCK_ROWS, out.shape[1]), np.float32)
        for start in range(0, int(rows[-1]) + 1, _BLOCK_ROWS):
            first, last = np.searchsorted(rows, [start, start + _BLOCK_ROWS])
            if first < last:
                stop = int(rows[last - 1]) + 1
                feature.read_direct(block, np.s_[start:stop], np.s_[: stop - start])
                out[out_rows[first:last]] = block[rows[first:last] - start]


def feature_offset(path: Path) -> int:
    """Return the byte of the file at which the features begin, without gaps from there on.

    Raises:
        CacheError: The file cannot be read as a shard.
        FileNotFoundError: As in read_index.
    """
    with _opened(path) as file:
        return int(file["feature"].id.get_offset())


def feature_width(path: Path) -> int:
    """Return the number of values of a feature.

    Raises:
        CacheError: The file cannot be read as a shard.
        FileNotFoundError: As in read_index.
    """
    with _opened(path) as file:
        return int(file["feature"].shape[1])


def row_digests(features: Features, tokens: TokenRows | None = None) -> list[bytes]:
    """Return the SHA-256 of each row's little-endian bytes, and after it that of its tokens."""
    rows = np.ascontiguousarray(features, "<f4")
    digests = [hashlib.sha256(row).digest() for row in rows]
    if tokens is None:
        return digests
    return [one + other for one, other in zip(digests, tokens.digests, strict=True)]


def checksum(
    keys: Keys, digests: Sequence[bytes], token_offsets: NDArray[np.int64] | None = None
) -> str:
    """Return the SHA-256, in hex, of all that a shard says: texts by column, digests, offsets."""
    total = hashlib.sha256()
    for column in zip(*keys, strict=True):
        total.update("\0".join(column).encode())  # no text in an HDF5 file holds a NUL
    total.update(b"".join(digests))
    if token_offsets is not None:
        total.update(token_offsets.astype("<i8").data)
    return total.hexdigest()


def format_version(recipe: str) -> int:
    """Return the version of the format that a recipe's shards have."""
    return WITH_TOKENS_VERSION if keeps_tokens(json.loads(recipe)) else FORMAT_VERSION


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a shard to read; whatever is wrong with it becomes a CacheError."""
    try:
        # A finished shard never changes, so no lock is needed; many network file systems have none.
        with h5py.File(path, "r", locking=False) as file:
            if file.attrs.get("format") != np.bytes_(FORMAT.encode()):
                raise CacheError(
                    f"{path}: is not a shard of mmfeat; move it out of the cache folder"
                )
            version = int(file.attrs["format_version"])
            if version not in (FORMAT_VERSION, WITH_TOKENS_VERSION):
                raise CacheError(
                    f"{path}: has format version {version}, and this mmfeat reads {FORMAT_VERSION} "
                    f"and {WITH_TOKENS_VERSION}; use the mmfeat that wrote it, or embed anew into "
                    "another folder with `mmfeat extract --set extract.cache=FOLDER`"
                )
            yield file
    except _BROKEN as error:
        if not path.exists():  # HDF5 has several words for a file that goes while it is opened
            raise FileNotFoundError(errno.ENOENT, "the file has gone", str(path)) from error
        raise torn(path, one_line(error)) from error


def _describe_foreign(found: str, wanted: str) -> str:
    differences = describe_differences(json.loads(found), json.loads(wanted))
    return f"belongs to another recipe: {differences}; move it out of this cache folder"


def _texts(dataset: Any) -> list[str]:  # noqa: ANN401 - an h5py dataset
    return [text.decode() for text in dataset[:].tolist()]


def _consecutive(rows: NDArray[np.int64]) -> bool:
    return bool((np.diff(rows) == 1).all())


def _span(rows: NDArray[np.int64]) -> slice:
    return slice(int(rows[0]), int(rows[-1]) + 1)
