"""What is in the cache of a made cohort, read as any other process would."""

import json
from pathlib import Path

import numpy as np

from mmfeat.cache import CacheFolder, keeps_tokens

Contents = dict[tuple[str, str], bytes]
"""The bytes of the feature of each case and digest of its source, and of its tokens if it has any.
"""


def cache_folder(cohort_folder: Path, cache: str = "cache") -> CacheFolder | None:
    """Open the only cache folder of a cohort; None while there is none."""
    recipes = list((cohort_folder / cache).glob("ct/*/recipe.json"))
    if not recipes:
        return None
    (recipe,) = recipes
    root = recipe.parents[2]
    return CacheFolder.find(root, "ct", json.loads(recipe.read_text()))


def contents(folder: CacheFolder | None) -> Contents:
    """Read everything that a cache folder holds, after it has been found clean."""
    if folder is None:
        return {}
    assert folder.verify() == []
    wanted = sorted(
        {(case, row.source_sha256) for case, rows in folder.index().items() for row in rows}
    )
    features, there = folder.read(wanted)
    assert there.all()
    found = dict(zip(wanted, map(bytes, features), strict=True))
    if keeps_tokens(folder.identity) and wanted:
        read = folder.read_tokens(wanted)
        assert read.counts.all()
        tokens = np.split(read.tokens, np.cumsum(read.counts)[:-1])
        found = {key: found[key] + own.tobytes() for key, own in zip(wanted, tokens, strict=True)}
    return found


def the_only_shard(folder: CacheFolder | None) -> bytes:
    """Return the bytes of a compacted cache."""
    assert folder is not None
    (shard,) = folder.path.glob("shard-*.h5")
    return shard.read_bytes()


def leftovers(folder: CacheFolder) -> list[Path]:
    """List half-written files."""
    return list(folder.path.glob(".*.partial*"))
