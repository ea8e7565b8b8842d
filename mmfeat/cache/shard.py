"""One shard: an HDF5 file with the features of some cases, written once, whole, and never changed.

Layout: `feature` ``(rows, width)`` float32, contiguous and uncompressed; `case_id`,
`source_sha256`, `source_stat` and `quality` ``(rows,)`` fixed-length UTF-8; `feature_sha256`
``(rows, 32)`` bytes. Rows are sorted by the four texts, and nothing goes in that differs by chance:
the same rows give the same bytes.
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

from mmfeat.cache.hdf5_writing import written_hdf5
from mmfeat.cache.recipe import describe_differences
from mmfeat.cache.shared_disk import disk_errors
from mmfeat.errors import CacheError, one_line
from mmfeat.provenance import canonical_json, written_atomically

FORMAT = "mmfeat feature shard"
FORMAT_VERSION = 1
_BLOCK_ROWS = 512
_BROKEN = (AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError)
"""What h5py raises on a file that is not what it should be."""

Keys = list[tuple[str, str, str, str]]
"""Case, digest of its source, stat of its source, quality of the volume; one for each row."""
_TEXTS = ("case_id", "source_sha256", "source_stat", "quality")
Features = NDArray[np.float32]


@dataclass(frozen=True)
class ShardIndex:
    """Hold everything of a shard but its features."""

    path: Path
    keys: Keys
    digests: list[bytes]
    """SHA-256 of each row's feature."""
    width: int
    versions: list[dict[str, str]]
    """Versions of the libraries that the rows were made with; more than one after an update."""


def write_shard(
    path: Path, keys: Keys, features: Features, *, recipe: str, versions: Sequence[dict[str, str]]
) -> None:
    """Write a shard under a temporary name, read it back, synchronise it, and move it into place.

    Args:
        path: Where the shard is to be; replaced if it is there.
        keys: One for each row, sorted, each once.
        features: ``(rows, width)``, finite.
        recipe: Canonical JSON of what the features were made from.
        versions: Versions of the libraries that they were made with.

    Raises:
        CacheError: The disk refuses the file, or does not give back what was written.
    """
    digests = row_digests(features)
    with disk_errors(path.parent), written_atomically(path, make_folder=False) as partial:
        with written_hdf5(partial) as file:
            _write_attributes(file, keys, digests, recipe=recipe, versions=versions)
            _write_datasets(file, keys, digests, features)
        _check_written(partial, keys, features, recipe)


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
        texts = [_texts(file[name]) for name in _TEXTS]
        keys = list(zip(*texts, strict=True))
        table = file["feature_sha256"][:].tobytes()
        digests = [table[start : start + 32] for start in range(0, len(table), 32)]
        feature = file["feature"]
        sound = (
            feature.dtype == np.dtype("<f4")
            and feature.ndim == 2
            and feature.shape[0] == len(keys)
            and feature.id.get_offset() is not None
            and len(digests) == len(keys)
            and file.attrs["checksum"].decode() == checksum(keys, digests)
        )
        if not sound:
            raise CacheError(_broken(path, "its parts do not fit together"))
        return ShardIndex(path, keys, digests, feature.shape[1], json.loads(file.attrs["versions"]))


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


def row_digests(features: Features) -> list[bytes]:
    """Return the SHA-256 of each row's little-endian bytes."""
    rows = np.ascontiguousarray(features, "<f4")
    return [hashlib.sha256(row).digest() for row in rows]


def checksum(keys: Keys, digests: Sequence[bytes]) -> str:
    """Return the SHA-256, in hex, of all that a shard says: texts by column, then digests."""
    total = hashlib.sha256()
    for column in zip(*keys, strict=True):
        total.update("\0".join(column).encode())  # no text in an HDF5 file holds a NUL
    total.update(b"".join(digests))
    return total.hexdigest()


def _write_attributes(
    file: Any,  # noqa: ANN401 - an h5py file
    keys: Keys,
    digests: list[bytes],
    *,
    recipe: str,
    versions: Sequence[dict[str, str]],
) -> None:
    identity = json.loads(recipe)
    attributes = {
        "format": FORMAT,
        "recipe": recipe,
        "encoder": str(identity.get("encoder", "")),
        "weights_sha256": str(identity.get("weights_sha256") or ""),
        "dtype": "float32",
        "versions": canonical_json(list(versions)),
        "checksum": checksum(keys, digests),
    }
    file.attrs["format_version"] = FORMAT_VERSION
    for (
        name,
        text,
    ) in attributes.items():  # fixed-length: variable-length ones live in a shared heap
        file.attrs[name] = np.bytes_(text.encode())


def _write_datasets(
    file: Any,  # noqa: ANN401 - an h5py file
    keys: Keys,
    digests: list[bytes],
    features: Features,
) -> None:
    columns = zip(*keys, strict=True)
    for name, column in zip(_TEXTS, columns, strict=True):
        encoded = [text.encode() for text in column]
        dtype = h5py.string_dtype("utf-8", max(1, *map(len, encoded)))
        file.create_dataset(name, data=np.array(encoded, dtype), track_times=False)
    table = np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), 32)
    file.create_dataset("feature_sha256", data=table, track_times=False)
    file.create_dataset("feature", data=features, dtype="<f4", track_times=False)


def _check_written(path: Path, keys: Keys, features: Features, recipe: str) -> None:
    index = read_index(path, recipe)
    found = np.empty_like(features)
    everything = np.arange(len(keys))
    read_features(path, everything, found, everything)
    if index.keys != keys or not np.array_equal(found, features):
        raise CacheError(f"{path.parent}: the disk did not give back the shard as it was written")


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
            if version != FORMAT_VERSION:
                raise CacheError(
                    f"{path}: has format version {version}, and this mmfeat reads "
                    f"{FORMAT_VERSION}; use the mmfeat that wrote it, or another `extract.cache`"
                )
            yield file
    except _BROKEN as error:
        if not path.exists():  # HDF5 has several words for a file that goes while it is opened
            raise FileNotFoundError(errno.ENOENT, "the file has gone", str(path)) from error
        raise CacheError(_broken(path, one_line(error))) from error


def _broken(path: Path, reason: str) -> str:
    return (
        f"{path}: is torn or damaged ({reason}); delete this file and run `mmfeat extract`, "
        "which embeds only the cases that were in it"
    )


def _describe_foreign(found: str, wanted: str) -> str:
    differences = describe_differences(json.loads(found), json.loads(wanted))
    return f"belongs to another recipe: {differences}; move it out of this cache folder"


def _texts(dataset: Any) -> list[str]:  # noqa: ANN401 - an h5py dataset
    return [text.decode() for text in dataset[:].tolist()]


def _consecutive(rows: NDArray[np.int64]) -> bool:
    return bool((np.diff(rows) == 1).all())


def _span(rows: NDArray[np.int64]) -> slice:
    return slice(int(rows[0]), int(rows[-1]) + 1)
