"""Many shards seen as one: where each case lies; all rows together, checked against each other."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mmfeat.cache.shard import Features, Keys, ShardIndex, read_features, row_digests
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json

Place = tuple[int, int]
"""Where a feature lies: the number of its shard and its row there."""


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
        [at for at, row in pairs if row_digests(features[row : row + 1]) != [shard.digests[at]]],
    )


def read_checked(shard: ShardIndex) -> Features:
    """Read all features of a shard, ``(rows, width)``, and compare each with its digest.

    Raises:
        CacheError: Some are not what they were, or not finite; the message names the cases.
    """
    rows = np.arange(len(shard.keys))
    features = np.empty((len(rows), shard.width), np.float32)
    read_features(shard.path, rows, features, rows)
    digests = zip(row_digests(features), shard.digests, strict=True)
    intact = np.array([found == kept for found, kept in digests])
    intact &= np.isfinite(features).all(axis=1)
    _refuse(shard, np.flatnonzero(~intact).tolist())
    return features


def merge_shards(shards: Sequence[ShardIndex]) -> tuple[Keys, Features, list[dict[str, str]]]:
    """Bring all rows together, sorted, each once, with the library versions that made them.

    Raises:
        CacheError: The shards are damaged or contradict each other.
    """
    locate(shards)
    keys = [key for shard in shards for key in shard.keys]
    row_of = dict(zip(keys, range(len(keys)), strict=True))
    keys = sorted(row_of)
    features = np.concatenate([read_checked(shard) for shard in shards])
    made_by = {canonical_json(made): made for shard in shards for made in shard.versions}
    versions = [made_by[text] for text in sorted(made_by)]
    return keys, features[[row_of[key] for key in keys]], versions


def _refuse(shard: ShardIndex, wrong: Sequence[int]) -> None:
    """Raise CacheError if rows are wrong."""
    if wrong:
        names = [shard.keys[row][0] for row in wrong]
        cases = ", ".join(names[:5]) + (" ..." if names[5:] else "")
        raise CacheError(
            f"{shard.path}: the features of {cases} are damaged; "
            "delete this file and run `mmfeat extract`, which embeds its cases again"
        )
