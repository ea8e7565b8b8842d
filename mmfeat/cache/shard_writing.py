"""Write a shard under a temporary name, read it back, and move it into place."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from mmfeat.cache.hdf5_writing import written_hdf5
from mmfeat.cache.shard import (
    FORMAT,
    TEXTS,
    Features,
    Keys,
    checksum,
    format_version,
    read_features,
    read_index,
    row_digests,
)
from mmfeat.cache.shard_tokens import write_tokens
from mmfeat.cache.shared_disk import disk_errors
from mmfeat.cache.token_reading import check_tokens
from mmfeat.cache.token_rows import TokenRows
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json, written_atomically


def write_shard(
    path: Path,
    keys: Keys,
    features: Features,
    *,
    recipe: str,
    versions: Sequence[dict[str, str]],
    tokens: TokenRows | None = None,
) -> None:
    """Write a shard under a temporary name, read it back, synchronise it, and move it into place.

    Args:
        path: Where the shard is to be; replaced if it is there.
        keys: One for each row, sorted, each once.
        features: ``(rows, width)``, finite.
        recipe: Canonical JSON of what the features were made from.
        versions: Versions of the libraries that they were made with.
        tokens: Those of each row, finite, where the recipe keeps them.

    Raises:
        CacheError: The disk refuses the file, or does not give back what was written.
        ShardGoneError: The tokens come from another shard, which has gone.
    """
    digests = row_digests(features, tokens)
    with disk_errors(path.parent), written_atomically(path, make_folder=False) as partial:
        with written_hdf5(partial) as file:
            _write_attributes(file, keys, digests, recipe=recipe, versions=versions, tokens=tokens)
            _write_datasets(file, keys, digests, features)
            if tokens is not None:
                write_tokens(file, tokens)
        _check_written(partial, keys, features, recipe, tokens)


def content_name(keys: Keys, features: Features, tokens: TokenRows | None) -> str:
    """Return the name of a shard that is called after its content: the same rows, the same name."""
    offsets = None if tokens is None else tokens.offsets
    return f"shard-{checksum(keys, row_digests(features, tokens), offsets)[:32]}.h5"


def _write_attributes(
    file: Any,  # noqa: ANN401 - an h5py file
    keys: Keys,
    digests: list[bytes],
    *,
    recipe: str,
    versions: Sequence[dict[str, str]],
    tokens: TokenRows | None,
) -> None:
    identity = json.loads(recipe)
    attributes = {
        "format": FORMAT,
        "recipe": recipe,
        "encoder": str(identity.get("encoder", "")),
        "weights_sha256": str(identity.get("weights_sha256") or ""),
        "dtype": "float32",
        "versions": canonical_json(list(versions)),
        "checksum": checksum(keys, digests, None if tokens is None else tokens.offsets),
    }
    file.attrs["format_version"] = format_version(recipe)
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
    for name, column in zip(TEXTS, columns, strict=True):
        encoded = [text.encode() for text in column]
        dtype = h5py.string_dtype("utf-8", max(1, *map(len, encoded)))
        file.create_dataset(name, data=np.array(encoded, dtype), track_times=False)
    of_features = b"".join(digest[:32] for digest in digests)
    table = np.frombuffer(of_features, np.uint8).reshape(len(digests), 32)
    file.create_dataset("feature_sha256", data=table, track_times=False)
    file.create_dataset("feature", data=features, dtype="<f4", track_times=False)


def _check_written(
    path: Path, keys: Keys, features: Features, recipe: str, tokens: TokenRows | None
) -> None:
    index = read_index(path, recipe)
    found = np.empty_like(features)
    everything = np.arange(len(keys))
    read_features(path, everything, found, everything)
    same = index.keys == keys and np.array_equal(found, features)
    lost = f"{path.parent}: the disk did not give back the shard as it was written"
    if not same or index.digests != row_digests(features, tokens):
        raise CacheError(lost)
    try:
        check_tokens(index)
    except CacheError as error:
        raise CacheError(lost) from error
