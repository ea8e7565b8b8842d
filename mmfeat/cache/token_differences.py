"""How far the tokens of the same scan lie apart in two shards."""

from collections.abc import Sequence

import numpy as np

from mmfeat.cache.feature_differences import FeatureDifferences, feature_differences
from mmfeat.cache.shard import ShardIndex
from mmfeat.cache.token_reading import read_tokens
from mmfeat.cache.token_rows import Tokens

StoredAt = tuple[ShardIndex, int]
"""A shard, and a row in it."""


def token_differences(pairs: Sequence[tuple[StoredAt, StoredAt]]) -> FeatureDifferences:
    """Compare the tokens of pairs of rows, those of a row taken as one long vector.

    Two rows of another number of tokens lie as far apart as can be, a share of 2. Where neither
    shard has tokens, there is nothing to compare and the answer is of no pairs.

    Raises:
        CacheError: A shard is damaged.
        ShardGoneError: A shard has gone.
    """
    found = [_compare(left, right) for left, right in pairs if left[0].tokens or right[0].tokens]
    empty = feature_differences(np.empty((0, 1), np.float32), np.empty((0, 1), np.float32))
    return FeatureDifferences(
        *(
            np.concatenate([getattr(one, name) for one in [empty, *found]])
            for name in ("bit_equal", "largest", "relative", "cosine")
        )
    )


def _compare(left: StoredAt, right: StoredAt) -> FeatureDifferences:
    if _digest(left) == _digest(right):
        nothing = np.zeros(1)
        return FeatureDifferences(np.array([True]), nothing, nothing, np.ones(1))
    one, other = _tokens(left), _tokens(right)
    if one.shape != other.shape:
        largest = max(float(np.abs(part).max(initial=0.0)) for part in (one, other))
        return FeatureDifferences(
            np.array([False]), np.array([2 * largest]), np.array([2.0]), np.array([-1.0])
        )
    return feature_differences(one.reshape(1, -1), other.reshape(1, -1))


def _digest(stored: StoredAt) -> bytes | None:
    shard, row = stored
    return None if shard.tokens is None else shard.tokens.digests[row]


def _tokens(stored: StoredAt) -> Tokens:
    shard, row = stored
    if shard.tokens is None:
        return np.empty((0, 0), np.float32)
    return read_tokens([shard], [(0, row)]).tokens
