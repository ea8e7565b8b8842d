"""Read embeddings that were made elsewhere: one vector for each case or patient."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError, one_line
from mmfeat.tabular.npz import read_npz

Key = Literal["case_id", "patient_id"]

_FEATURE = "feature"
_SHOWN_IDS = 5


@dataclass(frozen=True)
class Embeddings:
    """Hold the vectors of one file, in the order of the file, each id once.

    Shape:
        - ``vectors``: ``(rows, width)``, float32, finite.
    """

    ids: tuple[str, ...]
    vectors: NDArray[np.float32]


def read_embeddings(file: Path, key: Key) -> Embeddings:
    """Read an NPZ, Parquet or CSV file of embeddings; nothing is unpickled.

    Args:
        file: NPZ with the arrays ``<key>`` and ``feature``; or Parquet or CSV with the column
            ``<key>`` and numbers in all other columns.
        key: What names the rows: ``case_id`` or ``patient_id``.

    Raises:
        FeaturesError: The file is not there, not of this form, or names an id twice or a vector
            that is not finite.
    """
    readers = {".npz": _read_npz, ".parquet": _read_parquet, ".csv": _read_csv}
    if file.suffix.lower() not in readers:
        raise FeaturesError(
            f"{file}: embeddings are read from {', '.join(readers)} files, not from `{file.suffix}`"
        )
    if not file.is_file():
        raise FeaturesError(
            f"{file}: no such file; give the file with the embeddings in the settings"
        )
    ids, vectors = readers[file.suffix.lower()](file, key)
    _check_ids(file, key, ids)
    return Embeddings(ids=tuple(ids), vectors=_as_finite(file, ids, vectors))


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
    return _as_text(file, key, pd.Series(ids)), vectors


def _read_csv(file: Path, key: Key) -> tuple[list[str], NDArray[Any]]:
    try:
        frame = pd.read_csv(file, dtype={key: str})
    except (ValueError, OSError) as error:
        raise FeaturesError(f"{file}: cannot be read as CSV ({one_line(error)})") from error
    return _from_frame(file, key, frame)


def _read_parquet(file: Path, key: Key) -> tuple[list[str], NDArray[Any]]:
    try:
        frame = pd.read_parquet(file, engine="pyarrow")
    except (ValueError, OSError) as error:
        raise FeaturesError(f"{file}: cannot be read as Parquet ({one_line(error)})") from error
    return _from_frame(file, key, frame.reset_index() if key in frame.index.names else frame)


def _from_frame(file: Path, key: Key, frame: pd.DataFrame) -> tuple[list[str], NDArray[Any]]:
    names = [str(name) for name in frame.columns]
    if key not in names:
        raise FeaturesError(f"{file}: has no column `{key}`; its first columns are {names[:5]}")
    if not len(frame):
        raise FeaturesError(f"{file}: has no rows")
    features = frame.drop(columns=key)
    for name in features.columns:
        if str(name) in ("case_id", "patient_id") or str(name).startswith("Unnamed:"):
            raise FeaturesError(
                f"{file}: column `{name}` is no feature; leave it out (only `{key}` names the rows)"
            )
        if not pd.api.types.is_numeric_dtype(features[name]) or features[name].dtype == bool:
            first = features[name].dropna().head(1).tolist()
            raise FeaturesError(f"{file}: column `{name}` must hold numbers only, found {first}")
    return _as_text(file, key, frame[key]), features.to_numpy(dtype=np.float64, na_value=np.nan)


def _as_text(file: Path, key: Key, ids: "pd.Series[Any]") -> list[str]:
    if ids.isna().any():
        raise FeaturesError(f"{file}: `{key}` is empty in {int(ids.isna().sum())} rows")
    if pd.api.types.is_float_dtype(ids) or pd.api.types.is_bool_dtype(ids):
        raise FeaturesError(f"{file}: `{key}` must be text or whole numbers, found {ids.dtype}")
    return [(value.decode() if isinstance(value, bytes) else str(value)).strip() for value in ids]


def _check_ids(file: Path, key: Key, ids: list[str]) -> None:
    if "" in ids:
        raise FeaturesError(f"{file}: `{key}` is empty in {ids.count('')} rows")
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise FeaturesError(
            f"{file}: `{key}` must name each row once; twice or more: {_listed(twice)}"
        )


def _as_finite(file: Path, ids: list[str], vectors: NDArray[Any]) -> NDArray[np.float32]:
    if not vectors.size:
        raise FeaturesError(f"{file}: holds no features, its shape is {vectors.shape}")
    if np.iscomplexobj(vectors):
        raise FeaturesError(f"{file}: features must be real numbers, found {vectors.dtype}")
    with np.errstate(over="ignore"):
        vectors = vectors.astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(wrong):
        named = _listed([ids[row] for row in wrong])
        raise FeaturesError(
            f"{file}: features are missing, infinite or too large for {named}; leave these rows out"
        )
    return vectors


def _listed(ids: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in ids[:_SHOWN_IDS])
    return shown if len(ids) <= _SHOWN_IDS else f"{shown}, ... ({len(ids)} in all)"
