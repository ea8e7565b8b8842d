"""Parse whole columns of a frame of text, each distinct text once, and collect the faults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import Fault

_FIRST_ROW = 2
"""Line of the first case in the file: the header is line 1."""


@dataclass(frozen=True)
class ColumnTexts:
    """Hold the cells of one column as places in a list of its distinct texts.

    Shape:
        - ``places``: ``(cases,)``, -1 where the cell is missing.
    """

    name: str
    places: NDArray[np.intp]
    texts: Sequence[str]


class ColumnReader:
    """Read columns of one frame."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self.faults: list[Fault] = []

    def texts(self, name: str) -> ColumnTexts:
        """Return the texts of a column; one that is not there has none, and is a fault."""
        if name not in self._frame.columns:
            suggestion = did_you_mean(name, map(str, self._frame.columns))
            self.faults.append(Fault(f"not in the manifest{suggestion}", column=name))
            return ColumnTexts(name, np.full(len(self._frame), -1), ())
        cells = pa.array(self._frame[name], pa.large_string(), from_pandas=True)
        found = pc.dictionary_encode(cells)
        places = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
        return ColumnTexts(name, places.astype(np.intp), found.dictionary.to_pylist())

    def values(
        self, name: str, make_parser: Callable[[], Callable[[str], Any]]
    ) -> NDArray[np.object_]:
        """Parse a column: ``(cases,)``, None where the cell is missing or does not fit."""
        column = self.texts(name)
        parsed = np.full(len(column.texts) + 1, None, dtype=object)  # the last one is for missing
        for place, value in self.parsed(column, make_parser).items():
            parsed[place] = value
        return parsed[column.places]

    def numbers(
        self, name: str, make_parser: Callable[[], Callable[[str], float]]
    ) -> NDArray[np.float64]:
        """Parse a column of numbers: ``(cases,)``, NaN where missing or not fitting."""
        return self.values(name, make_parser).astype(np.float64)  # None becomes NaN

    def parsed(
        self,
        column: ColumnTexts,
        make_parser: Callable[[], Callable[[str], Any]],
        *,
        only: NDArray[np.intp] | None = None,
    ) -> dict[int, Any]:
        """Return the value of each text that fits, and note every cell of those that do not.

        Args:
            column: The texts.
            make_parser: Makes what parses a text; raises ValueError where settings contradict.
            only: Places of the texts to parse; all of them when None.
        """
        try:
            parse = make_parser()
        except ValueError as error:
            self.faults.append(Fault(str(error), column=column.name))
            return {}
        chosen = range(len(column.texts)) if only is None else only.tolist()
        values, advice = {}, {}
        for place in chosen:
            try:
                values[place] = parse(column.texts[place])
            except ValueError as error:
                advice[place] = str(error)
        self._note(column, advice)
        return values

    def _note(self, column: ColumnTexts, advice: Mapping[int, str]) -> None:
        for row in np.flatnonzero(np.isin(column.places, list(advice))).tolist():
            place = int(column.places[row])
            self.faults.append(
                Fault(
                    advice[place],
                    row=row + _FIRST_ROW,
                    column=column.name,
                    value=column.texts[place],
                )
            )
