"""Read the features and tokens of named cases from shards, in the order asked for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.merging import check_rows, choose, locate
from mmfeat.cache.shard import Features, ShardIndex, read_features
from mmfeat.cache.token_reading import TokensRead, read_tokens

Wanted = Sequence[tuple[str, str | None]]
"""Cases, each with the digest of its source, or None for the only one there is."""


def read_wanted(shards: Sequence[ShardIndex], wanted: Wanted) -> tuple[Features, NDArray[np.bool_]]:
    """Read features, as ``CacheFolder.read`` does.

    Raises:
        CacheError: Some are damaged, or a case asked for by None has several sources.
        FileNotFoundError: A shard has gone.
    """
    places = locate(shards)
    features = np.zeros((len(wanted), shards[0].width if shards else 0), np.float32)
    found = np.zeros(len(wanted), bool)
    rows: dict[int, list[tuple[int, int]]] = {}
    for row, (case_id, source) in enumerate(wanted):
        place = choose(places, case_id, source)
        if place is not None:
            found[row] = True
            rows.setdefault(place[0], []).append((place[1], row))
    for number, pairs in rows.items():
        positions, out_rows = np.array(pairs, np.int64).T
        read_features(shards[number].path, positions, features, out_rows)
        check_rows(shards[number], pairs, features)
    return features, found


def read_wanted_tokens(shards: Sequence[ShardIndex], wanted: Wanted) -> TokensRead:
    """Read tokens, as ``CacheFolder.read_tokens`` does.

    Raises:
        CacheError: As in ``read_wanted``.
        ShardGoneError: A shard has gone.
    """
    places = locate(shards)
    return read_tokens(shards, [choose(places, case_id, source) for case_id, source in wanted])
