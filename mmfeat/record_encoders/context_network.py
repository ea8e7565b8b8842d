"""What a network that learns in context is asked for, and how rows go through it."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmfeat.record_encoders.context_table import Context

_ROWS_AT_ONCE = 256


class ContextNetwork(Protocol):
    """A frozen network that embeds rows against a context."""

    @property
    def sees_labels(self) -> bool:
        """Whether a row's vector hangs on the labels of the context."""

    @property
    def most_classes(self) -> int:
        """Different labels that a context may have."""

    def embed(self, context: Context, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``(rows, width)``; a row's vector hangs on the context and itself alone."""


def embed_in_contexts(
    network: ContextNetwork, contexts: Sequence[Context], rows: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Embed rows, at least one, against each context: ``(rows, contexts x width)``."""
    return np.hstack([_in_chunks(network.embed, context, rows) for context in contexts])


def _in_chunks(
    embed: Callable[[Context, NDArray[np.float32]], NDArray[np.float32]],
    context: Context,
    rows: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Embed in chunks of one size, as the last digits of a product hang on its size."""
    places = np.arange(-(-len(rows) // _ROWS_AT_ONCE) * _ROWS_AT_ONCE) % len(rows)
    chunks = places.reshape(-1, _ROWS_AT_ONCE)
    return np.concatenate([embed(context, rows[chunk]) for chunk in chunks])[: len(rows)]
