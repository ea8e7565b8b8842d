"""Vectors with the ids that name them, and what is asked of both, wherever they come from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError
from mmfeat.wording import first_of_all, ticked

SOURCE = "source_sha256"
"""What `mmfeat cache export` calls the digest of the scan that a row was made from."""
_SHOWN_IDS = 5


@dataclass(frozen=True)
class Embeddings:
    """Hold the vectors of one file, in the order of the file.

    Shape:
        - ``vectors``: ``(rows, width)``, float32, finite.
    """

    ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    sources: tuple[str, ...] | None = None
    """Digest of what each vector was made from, where the file says so."""
    left_out: tuple[str, ...] = ()
    """Names of what the file holds besides, which was not read."""


def as_text(file: Path, key: str, ids: "pd.Series[Any]") -> list[str]:
    """Return ids as text; numbers must be whole.

    Raises:
        FeaturesError: Some are empty or no ids.
    """
    if ids.isna().any():
        raise FeaturesError(f"{file}: `{key}` is empty in {int(ids.isna().sum())} rows")
    if pd.api.types.is_float_dtype(ids) or pd.api.types.is_bool_dtype(ids):
        raise FeaturesError(f"{file}: `{key}` must be text or whole numbers, found {ids.dtype}")
    texts = [(value.decode() if isinstance(value, bytes) else str(value)).strip() for value in ids]
    if "" in texts:
        raise FeaturesError(f"{file}: `{key}` is empty in {texts.count('')} rows")
    return texts


def refuse_repeats(file: Path, key: str, ids: Sequence[str]) -> None:
    """Raise FeaturesError when an id names several rows."""
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise FeaturesError(
            f"{file}: `{key}` must name each row once; twice or more: {listed(twice)}"
        )


def as_finite(file: Path, ids: Sequence[str], vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Return vectors as float32.

    Raises:
        FeaturesError: There are none, or some are not finite; the message names them.
    """
    if not vectors.size:
        raise FeaturesError(f"{file}: holds no features, its shape is {vectors.shape}")
    if np.iscomplexobj(vectors):
        raise FeaturesError(f"{file}: features must be real numbers, found {vectors.dtype}")
    with np.errstate(over="ignore"):
        vectors = vectors.astype(np.float32, copy=False)
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1)).tolist()
    if wrong:
        named = listed([ids[row] for row in wrong])
        raise FeaturesError(
            f"{file}: features are missing, infinite or too large for {named}; leave these rows out"
        )
    return vectors


def listed(names: Sequence[str]) -> str:
    """Name the first few, and say how many there are if there are more."""
    return first_of_all(ticked(names), _SHOWN_IDS)
