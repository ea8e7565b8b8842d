"""Choose rows of a table by a condition in SQL that can reach nothing else."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.errors import CohortError, one_line
from mmfeat.public_cohorts.idc.index_files import GEOMETRY_INDEX, THICKNESS_INDEX, how_to_fetch


def rows_where(frame: pd.DataFrame, condition: str) -> NDArray[np.bool_]:
    """Return which rows of a frame answer to a condition, such as ``SeriesNumber = '2'``.

    The condition sees the columns of the frame. Files, networks and other tables are closed to it.

    Raises:
        CohortError: The condition is not SQL, or names a column that is not there.
    """
    try:
        import duckdb
    except ImportError as error:
        raise CohortError('--where: needs `pip install "mmfeat[idc]"`') from error
    numbered = frame.assign(row_of_index=np.arange(len(frame)))
    settings = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.register("given", numbered)
        connection.execute("CREATE TABLE series AS SELECT * FROM given")
        connection.unregister("given")
        connection.execute("SET enable_external_access = false")
        try:
            found = connection.execute(
                f"SELECT row_of_index FROM series WHERE ({condition}\n)"
            ).fetchnumpy()
        except duckdb.Error as error:
            raise CohortError(f"--where {condition}: {_why(error)}") from error
    keep = np.zeros(len(frame), dtype=bool)
    keep[np.asarray(found["row_of_index"], dtype=int)] = True
    return keep


def _why(error: Exception) -> str:
    """Return what is wrong in one line, without the drawing of the place."""
    text = one_line(ValueError(str(error).partition("\n\nLINE ")[0]))
    if re.search(r"SliceThickness|PixelSpacing|Kernel|KVP", text) and "not found" in text:
        return f"{text}; it may be in `{THICKNESS_INDEX}`: {how_to_fetch(THICKNESS_INDEX)}"
    if "regularly_spaced" in text or "slice_spacing" in text:
        return f"{text}; it may be in `{GEOMETRY_INDEX}`: {how_to_fetch(GEOMETRY_INDEX)}"
    return text
