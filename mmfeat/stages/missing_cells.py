"""Predict test parts whose records have lost some of their cells, with heads that eval has open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import Features, Head
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.prediction_rows import prediction_rows
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS, hide_cells, random_order


@dataclass(frozen=True)
class HiddenPart:
    """Hold the cases of one test part that have a record, with a share of its cells hidden.

    Shape:
        - ``rows``: ``(cases,)``, row numbers.
        - ``features``: for each modality ``(cases, width)``, as heads take them.
        - ``n_known``, ``n_hidden``: ``(cases,)``, the cells that were known, and are hidden now.
    """

    modality: str
    share: float
    rows: NDArray[np.int64]
    features: Features
    n_known: NDArray[np.int64]
    n_hidden: NDArray[np.int64]


def hidden_parts(
    table: FeatureTable,
    test: NDArray[np.int64],
    encode: Callable[[FeatureTable], Features],
    *,
    shares: Sequence[float],
    seed: int,
) -> tuple[HiddenPart, ...]:
    """Hide each share of the known cells of each table modality, one modality at a time.

    Args:
        table: The features of all cases.
        test: Row numbers of the test part.
        encode: Turns features into what heads take, as fitted to the fold's training part.
        shares: Shares above 0 and below 1; nothing hidden comes first. None gives no parts.
        seed: Seed of what is hidden; see `random_order`.
    """
    if not shares:
        return ()
    parts: list[HiddenPart] = []
    for modality, records in table.records.items():
        rows = test[table.has(modality)[test]]
        if len(records.columns) < FEWEST_COLUMNS or not len(rows):
            continue
        part = _taken(table, rows)
        whole = part.records[modality]
        order = random_order(whole, part.case_ids, seed=seed)
        for share in (0.0, *shares):
            hidden = order.hidden_at(share)
            gappy = {**part.records, modality: hide_cells(whole, hidden)}
            parts.append(
                HiddenPart(
                    modality,
                    share,
                    rows,
                    encode(replace(part, records=gappy)),
                    n_known=order.n_known,
                    n_hidden=hidden.sum(axis=1),
                )
            )
    return tuple(parts)


def predict_hidden(
    cohort: Cohort,
    table: FeatureTable,
    part: HiddenPart,
    *,
    heads: Sequence[Head],
    target: str,
    method: str,
    fold: int,
) -> Iterator[pd.DataFrame]:
    """Predict the cases with all that they have, and by the record with gaps alone."""
    alone = np.zeros((len(part.rows), len(table.modalities)), dtype=bool)
    alone[:, table.modalities.index(part.modality)] = True
    seen = {"everything": table.present[part.rows], "alone": alone}
    if len(table.modalities) == 1:
        del seen["everything"]
    for name, visible in seen.items():
        yield prediction_rows(
            cohort,
            target,
            part.rows,
            np.mean([head.predict(part.features, visible) for head in heads], axis=0),
            of_all={
                "method": method,
                "fold": fold,
                "modality": part.modality,
                "seen": name,
                "share": part.share,
            },
            of_cases={"n_known": part.n_known, "n_hidden": part.n_hidden},
        )


def _taken(table: FeatureTable, rows: NDArray[np.int64]) -> FeatureTable:
    """Return some of the cases, without the sets of their scans, which heads do not take."""
    return replace(
        table,
        case_ids=tuple(table.case_ids[row] for row in rows),
        patient_ids=tuple(table.patient_ids[row] for row in rows),
        vectors={name: values[rows] for name, values in table.vectors.items()},
        records={name: records.taken(rows) for name, records in table.records.items()},
        present=table.present[rows],
        sets={},
    )
