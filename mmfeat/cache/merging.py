"""Many shards seen as one: where each case lies; all rows together, checked against each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmfeat.cache.damage import refuse_damaged
from mmfeat.cache.shard import Features, Keys, ShardIndex, read_features, row_digests
from mmfeat.cache.token_reading import Place, stored_tokens
from mmfeat.cache.token_rows import TokenRows
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json


@dataclass(frozen=True)
class MergedRows:
    """Hold all rows of several shards, sorted, each once."""

    keys: Keys
    features: Features
    versions: list[dict[str, str]]
    """Of the libraries that made them."""
    places: list[Place]
    """Where each of them lies."""
    tokens: TokenRows | None
    """As they lie in the shards; None where the recipe keeps none."""


def locate(shards: Sequence[ShardIndex]) -> dict[str, dict[str, Place]]:
    """Find for each case and each of its sources the place of the feature.

    Raises:
        CacheError: Two features that should be the same are not, or differ in width.
    """
    places: dict[str, dict[str, Place]] = {}
    for number, shard in enumerate(shards):
        if shard.width != shards[0].width:
            raise CacheError(
                f"{shard.path}: has features of {shard.width} values, and {shards[0].path.name} "
                f"of {shards[0].width}; delete the wrong one and run `mmfeat extract`"
            )
        for position, (case_id, source, *_) in enumerate(shard.keys):
            sources = places.setdefault(case_id, {})
            if source not in sources:
                sources[source] = (number, position)
                continue
            first, row = shards[sources[source][0]], sources[source][1]
            if first.digests[row] != shard.digests[position]:
                raise CacheError(
                    f"{shard.path}: case `{case_id}` has another feature here than in "
                    f"{first.path.name}, from the same file; delete one of the two shards and run "
                    "`mmfeat extract`, which embeds again what was only in it"
                )
    return places


def choose(
    places: Mapping[str, Mapping[str, Place]], case_id: str, source: str | None
) -> Place | None:
    """Find a case's feature: of the given source, or of its only one; None when there is none.

    Raises:
        CacheError: No source is given, and the case has features of several.
    """
    stored = places.get(case_id, {})
    if source is not None:
        return stored.get(source)
    if len(stored) > 1:
        raise CacheError(
            f"case `{case_id}` has features of {len(stored)} versions of its scan, and it is not "
            "said which is meant; delete this cache folder and run `mmfeat extract`"
        )
    return next(iter(stored.values()), None)


def check_rows(shard: ShardIndex, pairs: Iterable[tuple[int, int]], features: Features) -> None:
    """Compare features with their digests: each pair is a row of the shard and one of ``features``.

    Raises:
        CacheError: Some are not what they were; the message names the cases.
    """
    _refuse(
        shard,
        [
            at
            for at, row in pairs
            if row_digests(features[row : row + 1]) != [shard.feature_digest(at)]
        ],
    )


def read_checked(shard: ShardIndex) -> Features:
    """Read all features of a shard, ``(rows, width)``, and compare each with its digest.

    Raises:
        CacheError: Some are not what they were, or not finite; the message names the cases.
    """
    rows = np.arange(len(shard.keys))
    features = np.empty((len(rows), shard.width), np.float32)
    read_features(shard.path, rows, features, rows)
    digests = enumerate(row_digests(features))
    intact = np.array([found == shard.feature_digest(row) for row, found in digests])
    intact &= np.isfinite(features).all(axis=1)
    _refuse(shard, np.flatnonzero(~intact).tolist())
    return features


def merge_shards(shards: Sequence[ShardIndex]) -> MergedRows:
    """Bring all rows together, sorted, each once; of tokens, nothing is read yet.

    Raises:
        CacheError: The shards are damaged or contradict each other.
    """
    locate(shards)
    keys = [key for shard in shards for key in shard.keys]
    row_of = dict(zip(keys, range(len(keys)), strict=True))
    keys = sorted(row_of)
    rows = [row_of[key] for key in keys]
    features = np.concatenate([read_checked(shard) for shard in shards])[rows]
    everywhere = [
        (number, row) for number, shard in enumerate(shards) for row in range(len(shard.keys))
    ]
    places = [everywhere[row] for row in rows]
    made_by = {canonical_json(made): made for shard in shards for made in shard.versions}
    return MergedRows(
        keys=keys,
        features=features,
        versions=[made_by[text] for text in sorted(made_by)],
        places=places,
        tokens=stored_tokens(shards, places),
    )


def _refuse(shard: ShardIndex, wrong: Sequence[int]) -> None:
    """Raise CacheError if rows are wrong."""
    refuse_damaged(shard.path, "features", [shard.keys[row][0] for row in wrong])
