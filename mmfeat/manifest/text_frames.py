"""Turn a table that is in memory already into the text that a file of it would hold."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.manifest.cell_text import cell_text


def text_frame(frame: pd.DataFrame, missing: Collection[str]) -> pd.DataFrame:
    """Return a frame of any types as `read_manifest` returns a file: stripped text or NaN.

    Args:
        frame: The table; its index plays no part.
        missing: Texts that mean that nothing is known; such cells become NaN.

    Example:
        >>> text_frame(pd.DataFrame({"age": [61.0, None], "sex": ["f ", "?"]}), ["?"])
           age  sex
        0   61    f
        1  NaN  NaN
    """
    absent = {"", *missing}
    columns = [_texts(frame.iloc[:, number], absent) for number in range(frame.shape[1])]
    texts = dict(enumerate(columns))
    named = pd.DataFrame(texts, index=range(len(frame)), dtype=object)
    named.columns = pd.Index([str(name) for name in frame.columns], dtype=object)
    return named


def _texts(column: "pd.Series[Any]", absent: Collection[str]) -> list[Any]:
    known = column.notna().to_numpy()
    cells = (
        cell_text(_plain(value)) if there else ""
        for value, there in zip(column.tolist(), known, strict=True)
    )
    return [np.nan if cell in absent else cell for cell in cells]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table can hold
    return value.item() if isinstance(value, np.generic) else value
