"""Read embeddings from a table, CSV or Parquet: ids in one column, numbers in the others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import FeaturesError, one_line
from mmfeat.tabular.embedding_checks import SOURCE, Embeddings, as_finite, as_text

TABLES = (".parquet", ".csv")
_IDS = ("case_id", "patient_id")


def read_embedding_table(
    file: Path, keys: Sequence[str], list_columns: Sequence[str] = (), *, lists_only: bool = False
) -> Embeddings:
    """Read a table; one id may name several rows.

    Args:
        file: Parquet or CSV, by its ending.
        keys: What the column of ids may be called; the first one that is there is it.
        list_columns: What a column of Parquet may be called that holds each vector as a list; the
            other columns are then left out. Where there is none of these, every column is a number
            of the vector, but for the one of digests that `mmfeat cache export` writes.
        lists_only: There must be such a column of lists.

    Raises:
        FeaturesError: The file cannot be read, or is not of this form.
    """
    frame = (_read_csv if file.suffix.lower() == ".csv" else _read_parquet)(file, keys)
    names = [str(name) for name in frame.columns]
    key = next((key for key in keys if key in names), None)
    if key is None:
        raise FeaturesError(f"{file}: has no column `{keys[0]}`; its first columns are {names[:5]}")
    if not len(frame):
        raise FeaturesError(f"{file}: has no rows")
    ids = as_text(file, key, frame[key])
    sources = tuple(as_text(file, SOURCE, frame[SOURCE])) if SOURCE in names else None
    frame = frame.drop(columns=[key, *([SOURCE] if SOURCE in names else [])])
    column = next((name for name in list_columns if name in names and _of_lists(frame[name])), None)
    if column is None and lists_only:
        raise FeaturesError(f"{file}: has no column `{list_columns[0]}` of lists of numbers")
    if column is None:
        finite = as_finite(file, ids, _numbers(file, key, ids, frame))
        return Embeddings(tuple(ids), finite, sources)
    finite = as_finite(file, ids, _stacked(file, column, ids, frame[column]))
    left_out = tuple(str(name) for name in frame.columns if name != column)
    return Embeddings(tuple(ids), finite, sources, left_out)


def _read_csv(file: Path, keys: Sequence[str]) -> pd.DataFrame:
    try:
        return pd.read_csv(file, dtype=dict.fromkeys((*keys, SOURCE), str))
    except (ValueError, OSError) as error:
        raise FeaturesError(f"{file}: cannot be read as CSV ({one_line(error)})") from error


def _read_parquet(file: Path, keys: Sequence[str]) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(file, engine="pyarrow")
    except (ValueError, OSError) as error:
        raise FeaturesError(f"{file}: cannot be read as Parquet ({one_line(error)})") from error
    return frame.reset_index() if set(keys) & set(frame.index.names) else frame


def _numbers(file: Path, key: str, ids: Sequence[str], frame: pd.DataFrame) -> NDArray[Any]:
    for name in frame.columns:
        if str(name) in _IDS or str(name).startswith("Unnamed:"):
            raise FeaturesError(
                f"{file}: column `{name}` is no feature; leave it out (only `{key}` names the rows)"
            )
        column = frame[name]
        if not pd.api.types.is_numeric_dtype(column) or column.dtype == bool:
            wrong = column.notna() & pd.to_numeric(column, errors="coerce").isna()
            row = int(np.argmax(wrong.to_numpy()))  # the first; of a column of truth values, any
            found = column.iloc[[row]].tolist()
            raise FeaturesError(
                f"{file}: column `{name}` must hold numbers only, found {found} for `{ids[row]}`"
            )
    return frame.to_numpy(dtype=np.float64, na_value=np.nan)


def _of_lists(column: "pd.Series[Any]") -> bool:
    return column.dtype == object and isinstance(column.iloc[0], np.ndarray)


def _stacked(
    file: Path, name: str, ids: Sequence[str], column: "pd.Series[Any]"
) -> NDArray[np.float32]:
    vectors = []
    for case_id, value in zip(ids, column, strict=True):
        vector = np.asarray(value)
        if not (vector.ndim == 1 and vector.dtype.kind in "fiu"):
            raise FeaturesError(
                f"{file}: `{name}` of `{case_id}` must be a list of numbers, found {vector.dtype} "
                f"of shape {vector.shape}"
            )
        vectors.append(vector.astype(np.float32, copy=False))
        if len(vector) != len(vectors[0]):
            raise FeaturesError(
                f"{file}: `{name}` of `{case_id}` has {len(vector)} values, and of `{ids[0]}` "
                f"{len(vectors[0])}"
            )
    return np.stack(vectors)
