"""Read a whole column of numbers: those that are spelled plainly all at once, the others singly."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mmfeat.config.number_cells import LARGEST_NUMBER, number_parser, plain_pattern
from mmfeat.config.record_columns import NumericColumn
from mmfeat.tabular.column_reader import ColumnReader
from mmfeat.tabular.records import RecordColumn


def read_numbers(reader: ColumnReader, name: str, column: NumericColumn) -> RecordColumn:
    """Read a column; a text is parsed once, however many cells have it."""
    texts = reader.texts(name)
    n_texts = len(texts.texts)
    values = np.full(n_texts + 1, np.nan)  # the last ones are for missing cells
    sides = np.zeros(n_texts + 1, np.int8)
    values[:-1] = _plain_numbers(texts.texts, column)
    others = np.flatnonzero(np.isnan(values[:-1]))
    for place, cell in reader.parsed(texts, lambda: number_parser(column), only=others).items():
        values[place], sides[place] = cell.value, cell.side
    return RecordColumn(
        "numeric",
        values[texts.places],
        sides=None if column.limits == "refuse" else sides[texts.places],
    )


def _plain_numbers(texts: Sequence[str], column: NumericColumn) -> NDArray[np.float64]:
    """Return the number of each text that is just one, within all bounds, and NaN for others."""
    pattern = plain_pattern(column)
    numbers = np.full(len(texts), np.nan)
    if pattern is None or not len(texts):
        return numbers
    cells = pa.array(texts, pa.large_string())
    plain = pc.match_substring_regex(cells, rf"\A(?:{pattern})\z").to_numpy(zero_copy_only=False)
    found = [text for text, is_plain in zip(texts, plain, strict=True) if is_plain]
    numbers[plain] = np.fromiter(map(float, found), np.float64, len(found))
    believable = np.abs(numbers) <= LARGEST_NUMBER
    if column.minimum is not None:
        believable &= numbers >= column.minimum
    if column.maximum is not None:
        believable &= numbers <= column.maximum
    return np.where(believable, numbers, np.nan)
