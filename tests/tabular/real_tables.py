"""Tables of real patients and people that other packages ship, and messy files of them.

Each says what is known of it from its package: it is checked against what mmfeat reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@dataclass(frozen=True)
class RealTable:
    """A table, what is predicted, and facts that can be looked up."""

    load: Callable[[], pd.DataFrame]
    target: str
    n_rows: int
    column: str
    median: float
    types: dict[str, str]
    """What some columns are, to anybody who reads the package's description."""


def write_messy(frame: pd.DataFrame, file: Path) -> None:
    """Write a table as a German spreadsheet does that several people have worked on.

    Semicolons, decimal commas, a byte order mark, spaces, gaps in three spellings, and empty rows
    at the end.
    """
    columns = {name: _cells(frame[name]) for name in frame.columns}
    rows = [";".join(f" {name}" for name in columns)]
    rows += [";".join(cells) for cells in zip(*columns.values(), strict=True)]
    rows += [";" * (len(columns) - 1)] * 2
    file.write_text("\r\n".join(rows) + "\r\n", encoding="utf-8-sig", newline="")


def _cells(column: "pd.Series") -> list[str]:
    known = column.notna().to_numpy()
    cells = []
    for row, (value, there) in enumerate(zip(column, known, strict=True)):
        if not there:
            cells.append(("", "NA", "?")[row % 3])
            continue
        text = str(value)
        if isinstance(value, float):
            text = f"{value:.12g}".replace(".", ",")
        cells.append(f" {text} " if row % 7 == 0 else text)
    return cells


def _of_sklearn(name: str, **options) -> pd.DataFrame:
    import sklearn.datasets

    bunch = getattr(sklearn.datasets, f"load_{name}")(as_frame=True, **options)
    target = bunch.target
    if hasattr(bunch, "target_names"):
        target = target.map(dict(enumerate(bunch.target_names)))
    return bunch.data.assign(answer=target)


def _of_statsmodels(name: str) -> pd.DataFrame:
    datasets = pytest.importorskip("statsmodels.datasets")
    return getattr(datasets, name).load_pandas().data


def _affairs() -> pd.DataFrame:
    frame = _of_statsmodels("fair")
    return frame.drop(columns="affairs").assign(had_affair=(frame.affairs > 0).astype(int))


def _of_sksurv(name: str) -> pd.DataFrame:
    datasets = pytest.importorskip("sksurv.datasets")
    inputs, outcome = getattr(datasets, f"load_{name}")()
    event, time = outcome.dtype.names
    frame = inputs.assign(event=outcome[event].astype(int), time=outcome[time])
    return frame.astype({name: object for name in frame.select_dtypes("category")})


REAL_TABLES = {
    "breast cancer": RealTable(
        lambda: _of_sklearn("breast_cancer"),
        *("answer", 569, "mean radius", 13.37),
        {"mean radius": "numeric", "worst fractal dimension": "numeric"},
    ),
    "diabetes": RealTable(
        lambda: _of_sklearn("diabetes", scaled=False),
        *("answer", 442, "age", 50.0),
        {"age": "numeric", "sex": "categorical", "bmi": "numeric"},
    ),
    "wine": RealTable(
        lambda: _of_sklearn("wine"), *("answer", 178, "alcohol", 13.05), {"alcohol": "numeric"}
    ),
    "affairs": RealTable(
        _affairs,
        *("had_affair", 6366, "age", 27.0),
        {"age": "numeric", "rate_marriage": "ordinal", "occupation": "ordinal"},
    ),
    "heart transplants": RealTable(
        lambda: _of_statsmodels("heart"), *("censors", 69, "age", 48.0), {"age": "numeric"}
    ),
    "election of 1996": RealTable(
        lambda: _of_statsmodels("anes96"),
        *("vote", 944, "age", 44.0),
        {"age": "numeric", "selfLR": "ordinal", "income": "numeric"},
    ),
    "heart attacks (WHAS)": RealTable(
        lambda: _of_sksurv("whas500"),
        *("event", 500, "age", 72.0),
        {"age": "numeric", "gender": "boolean", "bmi": "numeric"},
    ),
    "breast cancer (GBSG2)": RealTable(
        lambda: _of_sksurv("gbsg2"),
        *("event", 686, "age", 53.0),
        {
            "horTh": "boolean",
            "tgrade": "ordinal",
            "pnodes": "numeric",
            "menostat": "categorical",
        },
    ),
    "lung cancer (veterans)": RealTable(
        lambda: _of_sksurv("veterans_lung_cancer"),
        *("event", 137, "Age_in_years", 62.0),
        {"Celltype": "categorical", "Prior_therapy": "boolean", "Karnofsky_score": "numeric"},
    ),
    "free light chains": RealTable(
        lambda: _of_sksurv("flchain"),
        *("event", 7874, "creatinine", 1.0),
        {"sex": "categorical", "kappa": "numeric", "mgus": "boolean"},
    ),
}


def with_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Add a name for each row, and turn the rows about, so that none counts them."""
    order = np.random.default_rng(0).permutation(len(frame))
    turned = frame.iloc[order].reset_index(drop=True)
    turned.insert(0, "case_id", [f"c{number:05d}" for number in range(len(frame))])
    return turned
