"""Read embeddings that were made elsewhere: one vector for each case or patient."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError
from mmfeat.tabular.embedding_checks import Embeddings, as_finite, as_text, refuse_repeats
from mmfeat.tabular.embedding_tables import TABLES, read_embedding_table
from mmfeat.tabular.npz import read_npz

Key = Literal["case_id", "patient_id"]

_FEATURE = "feature"
_ENDINGS = (".npz", *TABLES)


def read_embeddings(file: Path, key: Key) -> Embeddings:
    """Read an NPZ, Parquet or CSV file of embeddings, each id once; nothing is unpickled.

    Args:
        file: NPZ with the arrays ``<key>`` and ``feature``; or Parquet or CSV with the column
            ``<key>`` and numbers in all other columns. ``source_sha256`` may be there, too.
        key: What names the rows: ``case_id`` or ``patient_id``.

    Raises:
        FeaturesError: The file is not there, not of this form, or names an id twice or a vector
            that is not finite.
    """
    if file.suffix.lower() not in _ENDINGS:
        raise FeaturesError(
            f"{file}: embeddings are read from {', '.join(_ENDINGS)} files and cache folders, not "
            f"from `{file.suffix}`; `mmfeat cache import` makes a cache folder of other files"
        )
    if not file.is_file():
        raise FeaturesError(
            f"{file}: no such file; give the file with the embeddings in the settings"
        )
    if file.suffix.lower() == ".npz":
        ids, vectors = _read_npz(file, key)
        embeddings = Embeddings(tuple(ids), as_finite(file, ids, vectors))
    else:
        embeddings = read_embedding_table(file, [key])
    refuse_repeats(file, key, embeddings.ids)
    return embeddings


def _read_npz(file: Path, key: Key) -> tuple[list[str], NDArray[Any]]:
    try:
        ids, vectors = read_npz(file, (key, _FEATURE))
    except ValueError as error:
        advice = f"save `{key}` as text or whole numbers and `{_FEATURE}` as numbers by numpy.savez"
        raise FeaturesError(f"{file}: cannot be read as NPZ ({error}); {advice}") from error
    if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.number):
        found = f"{vectors.dtype} of shape {vectors.shape}"
        raise FeaturesError(
            f"{file}: `{_FEATURE}` must be numbers of shape (rows, width), found {found}"
        )
    if ids.shape != (len(vectors),):
        raise FeaturesError(
            f"{file}: `{key}` has shape {ids.shape}, but `{_FEATURE}` has {len(vectors)} rows"
        )
    return as_text(file, key, pd.Series(ids)), vectors
