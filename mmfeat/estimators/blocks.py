"""Cut what scikit-learn calls ``X`` into modalities, and say which of them each row has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mmfeat.config.number_cells import LARGEST_NUMBER
from mmfeat.feature_table import FeatureTable
from mmfeat.tabular.records import RecordColumn, RecordTable

Columns: TypeAlias = slice | Sequence[int] | Sequence[str]
"""Which columns of ``X`` a modality has: a slice, numbers, or names of a table's columns."""
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class RecordBlock:
    """Say what the columns of a record are; a table to predict must have the same."""

    kinds: Mapping[str, str]
    """For each column ``numeric``, ``boolean`` or ``categorical``."""


@dataclass(frozen=True)
class VectorBlock:
    """Say how wide the vectors of a modality are."""

    width: int


Block = RecordBlock | VectorBlock
Values = NDArray[Any] | pd.DataFrame


def cut(
    x: Any,  # noqa: ANN401 - whatever a user hands over
    modalities: Mapping[str, Columns] | None,
    records: Sequence[str] = (),
) -> dict[str, Values]:
    """Return the columns of each modality.

    Args:
        x: A table, an array, or a mapping that is cut already.
        modalities: The columns of each; None where ``x`` is a mapping, or of one modality.
        records: Those that stay tables; columns of numbers of others become an array.

    Raises:
        ValueError: The columns are not there, or one is of two modalities.
    """
    if isinstance(x, Mapping):
        if modalities is not None:
            raise ValueError("modalities: X is a mapping already; leave it None")
        if not x:
            raise ValueError("X has no modality")
        return {str(name): _as_block(values) for name, values in x.items()}
    if modalities is None:
        return {"features": _as_block(x)}
    if not modalities:
        raise ValueError("modalities: names none; leave it None to take all columns as one")
    frame = x if isinstance(x, pd.DataFrame) else pd.DataFrame(np.asarray(x))
    found, taken = {}, dict[int, str]()
    for name, columns in modalities.items():
        places = _places(frame, name, columns)
        for place in places:
            if place in taken:
                raise ValueError(
                    f"modalities: column `{frame.columns[place]}` is of `{taken[place]}` and of "
                    f"`{name}`"
                )
            taken[place] = name
        part = frame.iloc[:, places]
        stays = isinstance(x, pd.DataFrame) and (name in records or not _all_numbers(part))
        found[str(name)] = part if stays else part.to_numpy()
    return found


def _as_block(values: Any) -> Values:  # noqa: ANN401
    if isinstance(values, pd.DataFrame):
        return values
    block = np.asarray(values)
    return block[:, None] if block.ndim == 1 else block


def _places(frame: pd.DataFrame, name: str, columns: Columns) -> list[int]:
    n_columns = frame.shape[1]
    if isinstance(columns, slice):
        places = list(range(n_columns))[columns]
    else:
        names = [str(column) for column in frame.columns]
        places = []
        for one in columns:
            if isinstance(one, str):
                if one not in names:
                    raise ValueError(f"modalities: `{name}`: X has no column `{one}`")
                places.append(names.index(one))
            elif not -n_columns <= one < n_columns:
                raise ValueError(f"modalities: `{name}`: X has no column {one}, only {n_columns}")
            else:
                places.append(int(one) % n_columns)
    if not places:
        raise ValueError(f"modalities: `{name}` has no column")
    return places


def describe(blocks: Mapping[str, Values], records: Sequence[str]) -> dict[str, Block]:
    """Say what each modality is, from the rows that are learnt from.

    Args:
        blocks: The columns of each modality.
        records: Those whose cells may be missing one by one; tables of other than numbers are too.

    Raises:
        ValueError: A name of ``records`` is no modality, or a column is of no known kind.
    """
    unknown = [name for name in records if name not in blocks]
    if unknown:
        raise ValueError(f"records: `{unknown[0]}` is none of the modalities {list(blocks)}")
    return {
        name: RecordBlock(_kinds(name, _framed(values)))
        if name in records or not _is_numbers(values)
        else VectorBlock(values.shape[1])
        for name, values in blocks.items()
    }


def _all_numbers(frame: pd.DataFrame) -> bool:
    return all(
        pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
        for kind in frame.dtypes
    )


def _is_numbers(values: Values) -> bool:
    """Say whether a block is an array of numbers, as embeddings are; a table is a record."""
    return not isinstance(values, pd.DataFrame) and values.dtype.kind in "fiu"


def _framed(values: Values) -> pd.DataFrame:
    frame = values if isinstance(values, pd.DataFrame) else pd.DataFrame(values)
    return frame.rename(columns=str)


def _kinds(name: str, frame: pd.DataFrame) -> dict[str, str]:
    if frame.columns.has_duplicates:
        raise ValueError(f"`{name}`: two columns have one name")
    return {str(column): _kind(name, values) for column, values in frame.items()}


def _kind(name: str, values: "pd.Series[Any]") -> str:
    """Say what a column holds, by its type, or by its values where these may be anything."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "categorical"
    found = pd.api.types.infer_dtype(values, skipna=True)
    if found in ("datetime64", "datetime", "date", "timedelta64", "timedelta", "period"):
        raise ValueError(
            f"`{name}`: column `{values.name}` holds dates; give the days to or from a date instead"
        )
    if found == "boolean":
        return "boolean"
    numeric = ("integer", "floating", "mixed-integer-float", "decimal", "empty")
    return "numeric" if found in numeric else "categorical"


def table_of(
    blocks: Mapping[str, Values],
    described: Mapping[str, Block],
    *,
    groups: ArrayLike | None = None,
) -> FeatureTable:
    """Return the rows as methods take them.

    Args:
        blocks: The columns of each modality.
        described: What they were when they were learnt from.
        groups: The patient of each row; None where each row is another one.

    Raises:
        ValueError: Modalities, columns or widths differ, rows are of different numbers, a vector
            has gaps, or a row has nothing at all.
    """
    if list(blocks) != list(described):
        raise ValueError(f"X must have the modalities {list(described)}, got {list(blocks)}")
    lengths = {name: len(values) for name, values in blocks.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"modalities must have the same rows, got {lengths}")
    n_rows = next(iter(lengths.values()))
    vectors: dict[str, NDArray[np.float32]] = {}
    records, present = {}, []
    for name, block in described.items():
        if isinstance(block, RecordBlock):
            records[name] = _records(name, _framed(blocks[name]), block)
            present.append(records[name].present)
        else:
            vectors[name], has = _vectors(name, blocks[name], block)
            present.append(has)
    seen = np.stack(present, axis=1)
    empty = np.flatnonzero(~seen.any(axis=1))
    if len(empty):
        raise ValueError(f"row {empty[0]} of X has nothing: all its values are NaN")
    ids = tuple(str(row) for row in range(n_rows))
    patients = ids if groups is None else tuple(str(one) for one in np.asarray(groups))
    if len(patients) != n_rows:
        raise ValueError(f"groups must have {n_rows} values, got {len(patients)}")
    return FeatureTable(ids, patients, tuple(described), vectors, records, seen)


def _vectors(
    name: str, values: Values, block: VectorBlock
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return vectors, zeros where absent, and which rows have one; of NaN throughout is none."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != block.width:
        raise ValueError(f"`{name}` must be (rows, {block.width}), got {found.shape}")
    if (np.abs(found) > _LARGEST).any():
        raise ValueError(f"`{name}` contains infinity or a value too large for float32")
    unknown = np.isnan(found)
    has = np.asarray(~unknown.all(axis=1))
    partly = np.flatnonzero(unknown.any(axis=1) & has)
    if len(partly):
        raise ValueError(
            f"`{name}`: row {partly[0]} has NaN in some columns only; a modality is there or not. "
            f"Name it in `records` if its columns can be missing one by one"
        )
    return np.where(has[:, None], found, 0.0).astype(np.float32), has


def _records(name: str, frame: pd.DataFrame, block: RecordBlock) -> RecordTable:
    lacking = [column for column in block.kinds if column not in frame.columns]
    more = [column for column in frame.columns if column not in block.kinds]
    if lacking or more:
        which = f"lacks `{lacking[0]}`" if lacking else f"has `{more[0]}` that was not learnt from"
        raise ValueError(f"`{name}` must have the columns {list(block.kinds)}, but {which}")
    columns = {column: _column(name, frame[column], kind) for column, kind in block.kinds.items()}
    return RecordTable(columns)


def _column(name: str, values: "pd.Series[Any]", kind: str) -> RecordColumn:
    if kind == "categorical":
        known = values.notna().to_numpy(dtype=bool)
        texts = [
            str(one) if is_known else None for one, is_known in zip(values, known, strict=True)
        ]
        return RecordColumn("categorical", np.array(texts, dtype=object))
    try:
        numbers = values.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}`: column `{values.name}` was {kind} when it was learnt from, but now holds "
            "something else"
        ) from error
    if (np.abs(numbers) > LARGEST_NUMBER).any():
        raise ValueError(f"`{name}`: column `{values.name}` contains infinity or a too large value")
    return RecordColumn("boolean" if kind == "boolean" else "numeric", numbers)
