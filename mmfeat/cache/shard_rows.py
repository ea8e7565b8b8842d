"""Write finished cases, or all rows of a folder, as one shard."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from mmfeat.cache.merging import MergedRows
from mmfeat.cache.rows import FeatureRow
from mmfeat.cache.shard_writing import content_name, write_shard
from mmfeat.cache.token_rows import TokenRows
from mmfeat.provenance import library_versions


def write_rows(path: Path, rows: Sequence[FeatureRow], *, recipe: str, with_tokens: bool) -> None:
    """Write rows as a shard, sorted, each case, scan and stat once."""
    distinct = {(row.case_id, row.source_sha256, row.source_stat, row.quality): row for row in rows}
    keys = sorted(distinct)
    features = np.stack([distinct[key].feature for key in keys]).astype(np.float32, copy=False)
    arrays = [tokens for key in keys if (tokens := distinct[key].tokens) is not None]
    write_shard(
        path,
        keys,
        features,
        recipe=recipe,
        versions=[_versions()],
        tokens=TokenRows.of_arrays(arrays) if with_tokens else None,
    )


def write_merged(folder: Path, merged: MergedRows, *, recipe: str) -> Path:
    """Write the rows of several shards as one in their folder, and return it; theirs stay.

    It is named after its content: two processes that merge the same rows make the same file.
    """
    path = folder / content_name(merged.keys, merged.features, merged.tokens)
    write_shard(
        path,
        merged.keys,
        merged.features,
        recipe=recipe,
        versions=merged.versions,
        tokens=merged.tokens,
    )
    return path


@cache
def _versions() -> dict[str, str]:
    return library_versions()
