"""The tokens of a scan: the features of its windows, or of groups of neighbouring ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmfeat.encoders.contract import WindowFeatures

_CODE_VERSION = 1
"""Raised whenever the same windows would give other tokens."""


@dataclass(frozen=True)
class TokenRule:
    """Say which tokens of a scan are kept."""

    max_tokens: int
    token_size: int
    """Values of a token: of the feature of one window."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, got {self.max_tokens}")

    @property
    def recipe(self) -> dict[str, Any]:
        """What tokens depend on beside the windows, as plain JSON values."""
        return {
            "max_tokens": self.max_tokens,
            "token_size": self.token_size,
            "of_more_windows": "neighbours averaged in groups of nearly equal size",
            "code_version": _CODE_VERSION,
        }

    @property
    def most_bytes(self) -> int:
        """Bytes of the tokens of one scan, at most."""
        return self.max_tokens * self.token_size * 4

    def tokens_of(self, features: WindowFeatures) -> WindowFeatures:
        """Return the tokens of a scan, in the order of its windows.

        Up to ``max_tokens`` windows, each is a token of its own, bit for bit. Of ``n`` more, token
        ``i`` of ``k`` is the mean of the windows from ``i * n // k`` to ``(i + 1) * n // k``,
        without the last: groups that differ by one window at most. Sums are float64.

        Shape:
            - Input: ``(windows, token_size)``. Output: ``(tokens, token_size)``, float32.

        Example:
            >>> rule = TokenRule(max_tokens=2, token_size=1)
            >>> rule.tokens_of(np.array([[1], [3], [5], [7], [9]], np.float32))
            array([[2.],
                   [7.]], dtype=float32)
        """
        if features.ndim != 2 or features.shape[1] != self.token_size:
            raise ValueError(f"features must be windows x {self.token_size}, got {features.shape}")
        n_windows = len(features)
        if n_windows <= self.max_tokens:
            return np.array(features, np.float32)
        starts = np.arange(self.max_tokens) * n_windows // self.max_tokens
        sizes = np.diff(starts, append=n_windows)
        sums = np.add.reduceat(features, starts, axis=0, dtype=np.float64)
        return np.asarray(sums / sizes[:, None], np.float32)
