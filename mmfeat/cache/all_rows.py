"""All features of a cache folder at once, checked and in order, and the digest that names them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.merging import merge_shards
from mmfeat.cache.shared_disk import while_shards_move
from mmfeat.cache.token_reading import stored_tokens
from mmfeat.cache.token_rows import TokenRows
from mmfeat.errors import CacheError


@dataclass(frozen=True)
class AllRows:
    """Hold one row for each scan, sorted by case and digest of the scan.

    Shape:
        - ``features``: ``(rows, width)``, float32, finite.
    """

    case_ids: tuple[str, ...]
    sources: tuple[str, ...]
    """Digest of the file that each row was made from."""
    features: NDArray[np.float32]
    versions: tuple[dict[str, str], ...]
    """Versions of the libraries that the rows were made with; more than one after an update."""
    tokens: TokenRows | None = None
    """Not read yet: as they lie in the shards. None where the recipe keeps none."""


def read_all_rows(folder: CacheFolder) -> AllRows:
    """Read all features of a folder; in memory they take three times their size meanwhile.

    A scan that was touched or moved since has a row for each time in the shards, and one here.

    Raises:
        CacheError: The folder has no features, or some are damaged or contradict each other.
    """
    return while_shards_move(lambda: _read(folder))


def content_sha256(
    case_ids: Sequence[str], sources: Sequence[str], features: NDArray[np.float32]
) -> str:
    r"""Return the SHA-256, in hex, of rows in their order, however they are stored.

    Of each row go in: the case, ``\0``, the digest of its source, ``\0``, and the numbers as
    little-endian float32.
    """
    total = hashlib.sha256()
    rows = np.ascontiguousarray(features, "<f4")
    for case_id, source, feature in zip(case_ids, sources, rows, strict=True):
        total.update(f"{case_id}\0{source}\0".encode())
        total.update(feature.tobytes())
    return total.hexdigest()


def _read(folder: CacheFolder) -> AllRows:
    shards = folder.shards()
    if not shards:
        raise CacheError(f"{folder.path}: holds no features yet")
    merged = merge_shards(shards)
    keys, features = merged.keys, merged.features
    first_rows = {key[:2]: row for row, key in reversed(list(enumerate(keys)))}
    rows = sorted(first_rows.values())
    places = merged.places
    return AllRows(
        case_ids=tuple(keys[row][0] for row in rows),
        sources=tuple(keys[row][1] for row in rows),
        features=features if len(rows) == len(keys) else features[rows],
        versions=tuple(merged.versions),
        tokens=stored_tokens(shards, [places[row] for row in rows]),
    )
