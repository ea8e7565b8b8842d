"""Read the tokens of each case's scans from the cache."""

from collections.abc import Sequence

import numpy as np

from mmfeat.cache import CacheFolder
from mmfeat.errors import CacheError
from mmfeat.stages.cached_features import CachedFeatures
from mmfeat.stages.scan_pooling import PoolingRule, chosen_scans
from mmfeat.tabular.scan_set import ScanSet


def read_cached_tokens(
    folder: CacheFolder, case_ids: Sequence[str], cached: CachedFeatures, rule: PoolingRule
) -> ScanSet:
    """Return the tokens of all cases, in memory once; those of a scan are in their order.

    Args:
        folder: Where the features were read from; it keeps tokens.
        case_ids: All cases.
        cached: What was read.
        rule: Whose tokens they are: ``latest`` and ``earliest`` choose one scan of a case. A mean
            or maximum of tokens has no meaning, since those of two scans are not of the same
            places, so the other rules give the tokens of all scans of a case.

    Raises:
        CacheError: A shard is damaged, or features were deleted meanwhile.
    """
    scans = cached.scans
    rows = chosen_scans(scans, rule)
    cases = scans.cases[rows]
    wanted = [
        (case_ids[case], cached.digests[row])
        for case, row in zip(cases.tolist(), rows.tolist(), strict=True)
    ]
    read = folder.read_tokens(wanted)
    if not read.counts.all():
        raise CacheError(
            f"{folder.path}: features were deleted while they were read; run `mmfeat extract`"
        )
    counts = np.zeros(len(case_ids), np.int64)
    np.add.at(counts, cases, read.counts)
    return ScanSet(
        vectors=read.tokens,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        days=np.repeat(scans.days[rows], read.counts),
        scan_numbers=np.repeat(rows - scans.offsets[cases], read.counts),
    )
