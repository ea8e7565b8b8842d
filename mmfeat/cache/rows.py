"""What goes into a feature cache and what its index tells."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ScanKey = tuple[str, str]
"""A case and the path of one of its scans."""


@dataclass(frozen=True)
class FeatureRow:
    """Hold one finished case on its way into the cache.

    Shape:
        - ``feature``: ``(width,)``, float32.
        - ``tokens``: ``(tokens, token_size)``, float32; None in a cache that keeps none.
    """

    case_id: str
    source_sha256: str
    """Digest of the content of the volume that the feature was made from."""
    source_stat: str
    """Names, sizes and times of the volume's files, in short: a cheap sign of being untouched."""
    feature: NDArray[np.float32]
    quality: str = ""
    """What was measured of the volume, as canonical JSON; the cache only keeps it."""
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    """Seconds and bytes by stage; they go to `timings.jsonl`, so that the same features give the
    same shard."""
    tokens: NDArray[np.float32] | None = None

    @property
    def is_finite(self) -> bool:
        """Whether there is neither NaN nor infinity in it."""
        parts = (self.feature, self.tokens)
        return all(np.isfinite(part).all() for part in parts if part is not None)


@dataclass(frozen=True)
class StoredRow:
    """Say where one finished case lies."""

    case_id: str
    source_sha256: str
    source_stat: str
    quality: str
    shard: str
    """Name of the shard's file."""
    position: int
    """Row in the shard, from 0."""


@dataclass(frozen=True)
class Failure:
    """Say why a scan of a case has no feature."""

    case_id: str
    path: str
    reason: str
    source_stat: str
    """As in FeatureRow, when the case failed: a file that has changed since is tried again."""
    when: str
    """UTC, ISO 8601."""
    quality: str = ""
    """What was measured, where the volume was read and then rejected for it; as in FeatureRow."""

    @property
    def key(self) -> ScanKey:
        """Which scan it is about."""
        return self.case_id, self.path
