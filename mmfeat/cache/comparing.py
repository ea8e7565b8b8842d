"""Compare two cache folders: what they were made from, whom they hold, and every common feature."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mmfeat.cache.feature_differences import FeatureDifferences, feature_differences
from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.merging import choose, locate
from mmfeat.cache.recipe import differing_fields
from mmfeat.cache.shard import ShardIndex
from mmfeat.cache.shared_disk import while_shards_move
from mmfeat.cache.token_differences import StoredAt, token_differences
from mmfeat.cache.token_reading import Place
from mmfeat.cache.token_rows import keeps_tokens

_SHOWN_WORST = 10
_Scans = dict[str, set[str]]
"""For each case the digests of its scans."""


@dataclass(frozen=True)
class WorstPair:
    """Name a case whose two features differ, and by how much."""

    case_id: str
    source_sha256: str
    largest: float
    relative: float
    cosine: float


@dataclass(frozen=True)
class NumericComparison:
    """Sum up the differences of all features of the same scan."""

    n_pairs: int
    n_bit_equal: int
    largest: float
    """Largest difference of two values."""
    relative: float
    """Largest difference as a share of the largest value of its feature."""
    cosine_min: float
    cosine_median: float
    worst: tuple[WorstPair, ...]
    """The pairs that differ most, by share."""


@dataclass(frozen=True)
class CacheComparison:
    """Say how two cache folders differ: ``left`` is there, ``right`` is here in the words."""

    left: str
    right: str
    recipe_differences: tuple[str, ...]
    """Fields of the recipes, each with its value in the first and in the second."""
    widths: tuple[int | None, int | None]
    n_common_cases: int
    only_left: tuple[str, ...]
    """Cases that only the first holds."""
    only_right: tuple[str, ...]
    other_scans: tuple[str, ...]
    """Cases of both whose features are not of the same scans, or versions of them."""
    numbers: NumericComparison | None
    """None where no scan is common, or the widths differ."""
    tokens: NumericComparison | None = None
    """Of all tokens of a scan as one vector; None where not both sides keep tokens."""

    def equal_within(self, tolerance: float) -> bool:
        """Say whether both hold the same scans, and features that differ by no larger share."""
        same_scans = not (self.only_left or self.only_right or self.other_scans)
        if not same_scans:
            return False
        if self.numbers is None:
            return self.n_common_cases == 0
        compared = [self.numbers] if self.tokens is None else [self.numbers, self.tokens]
        return all(one.relative <= tolerance for one in compared)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def compare_caches(left: CacheFolder, right: CacheFolder) -> CacheComparison:
    """Compare two cache folders; the features of both are in memory meanwhile.

    Tokens are read only where their digests differ, scan by scan.

    Raises:
        CacheError: A shard is damaged.
    """
    scans_left, scans_right = _scans(left), _scans(right)
    common = scans_left.keys() & scans_right.keys()
    pairs = sorted(
        (case, source) for case in common for source in scans_left[case] & scans_right[case]
    )
    features_left, found_left = left.read(pairs)
    features_right, found_right = right.read(pairs)
    widths = (
        features_left.shape[1] if scans_left else None,
        features_right.shape[1] if scans_right else None,
    )
    both = found_left & found_right  # a row may have been removed meanwhile
    numbers = tokens = None
    if both.any() and widths[0] == widths[1]:
        pairs = [pair for pair, there in zip(pairs, both, strict=True) if there]
        if keeps_tokens(left.identity) and keeps_tokens(right.identity):
            tokens = while_shards_move(lambda: _compare_tokens(left, right, pairs))
        differences = feature_differences(features_left[both], features_right[both])
        numbers = _sum_up(pairs, differences)
    return CacheComparison(
        left=str(left.path),
        right=str(right.path),
        recipe_differences=tuple(differing_fields(left.identity, right.identity)),
        widths=widths,
        n_common_cases=len(common),
        only_left=tuple(sorted(scans_left.keys() - common)),
        only_right=tuple(sorted(scans_right.keys() - common)),
        other_scans=tuple(sorted(case for case in common if scans_left[case] != scans_right[case])),
        numbers=numbers,
        tokens=tokens,
    )


def _compare_tokens(
    left: CacheFolder, right: CacheFolder, pairs: Sequence[tuple[str, str]]
) -> NumericComparison | None:
    """Compare the tokens of scans that both sides have."""
    stored = []
    for folder in (left, right):
        shards = folder.shards()
        places = locate(shards)
        stored.append([_stored_at(shards, places, pair) for pair in pairs])
    both = [one for one in zip(pairs, *stored, strict=True) if one[1] and one[2]]
    if not both:
        return None
    return _sum_up(
        [pair for pair, _, _ in both], token_differences([(one, other) for _, one, other in both])
    )


def _stored_at(
    shards: Sequence[ShardIndex], places: Mapping[str, Mapping[str, Place]], pair: tuple[str, str]
) -> StoredAt | None:
    place = choose(places, *pair)
    return None if place is None else (shards[place[0]], place[1])


def _scans(folder: CacheFolder) -> _Scans:
    return {
        case_id: {row.source_sha256 for row in rows} for case_id, rows in folder.index().items()
    }


def _sum_up(pairs: list[tuple[str, str]], found: FeatureDifferences) -> NumericComparison:
    worst = [row for row in np.argsort(-found.relative, kind="stable") if not found.bit_equal[row]]
    return NumericComparison(
        n_pairs=len(pairs),
        n_bit_equal=int(found.bit_equal.sum()),
        largest=float(found.largest.max()),
        relative=float(found.relative.max()),
        cosine_min=float(found.cosine.min()),
        cosine_median=float(np.median(found.cosine)),
        worst=tuple(
            WorstPair(
                case_id=pairs[row][0],
                source_sha256=pairs[row][1],
                largest=float(found.largest[row]),
                relative=float(found.relative[row]),
                cosine=float(found.cosine[row]),
            )
            for row in worst[:_SHOWN_WORST]
        ),
    )
