"""Predict test parts whose records have lost some of their cells, with heads that eval has open."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import Features, FoldData, Head, Sets
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.evaluation.prediction_rows import prediction_rows
from mmfeat.stages.training.answers import answers_of_heads
from mmfeat.stages.training.outcomes import Outcome
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS, hide_cells, random_order


@dataclass(frozen=True)
class HiddenPart:
    """Hold the cases of one test part that have a record, with a share of its cells hidden.

    Shape:
        - ``rows``: ``(cases,)``, row numbers.
        - ``features``: for each modality ``(cases, width)``, as heads take them.
        - ``n_known``, ``n_hidden``: ``(cases,)``, the cells that were known, and are hidden now.

    ``sets`` has the scans or tokens of the same cases, where heads read them.
    """

    modality: str
    share: float
    rows: NDArray[np.int64]
    features: Features
    n_known: NDArray[np.int64]
    n_hidden: NDArray[np.int64]
    sets: Sets = field(default_factory=dict)


def hidden_parts(
    table: FeatureTable,
    test: NDArray[np.int64],
    encode: Callable[[FeatureTable], Features],
    *,
    shares: Sequence[float],
    seed: int,
    sets: Sets | None = None,
) -> tuple[HiddenPart, ...]:
    """Hide each share of the known cells of each table modality, one modality at a time.

    Args:
        table: The features of all cases.
        test: Row numbers of the test part.
        encode: Turns features into what heads take, as fitted to the fold's training part.
        shares: Shares above 0 and below 1; nothing hidden comes first. None gives no parts.
        seed: Seed of what is hidden; see `random_order`.
        sets: The scans or tokens of all cases, where heads read them.
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
        of_rows = {name: scans.of_cases(rows) for name, scans in (sets or {}).items()}
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
                    sets=of_rows,
                )
            )
    return tuple(parts)


def predict_hidden(
    cohort: Cohort,
    table: FeatureTable,
    part: HiddenPart,
    *,
    heads: Sequence[Head],
    data: FoldData,
    outcomes: Mapping[str, Outcome],
    of_all: Mapping[str, object],
) -> Iterator[pd.DataFrame]:
    """Predict the cases with all that they have, and by the record with gaps alone.

    Args:
        cohort: The cohort.
        table: The features of all cases.
        part: Cases with a share of their cells hidden.
        heads: Of one method, by seed.
        data: What they were trained on.
        outcomes: The targets that they predict.
        of_all: Further columns with one value for all rows.
    """
    alone = np.zeros((len(part.rows), len(table.modalities)), dtype=bool)
    alone[:, table.modalities.index(part.modality)] = True
    seen = {"everything": table.present[part.rows], "alone": alone}
    if len(table.modalities) == 1:
        del seen["everything"]
    for name, visible in seen.items():
        found = answers_of_heads(
            heads, data, outcomes, features=part.features, visible=visible, sets=part.sets
        )
        for target, answers in found.items():
            yield prediction_rows(
                cohort,
                target,
                part.rows,
                answers,
                outcome=outcomes[target],
                of_all={
                    **of_all,
                    "modality": part.modality,
                    "seen": name,
                    "share": part.share,
                },
                of_cases={"n_known": part.n_known, "n_hidden": part.n_hidden},
            )


def _taken(table: FeatureTable, rows: NDArray[np.int64]) -> FeatureTable:
    """Return some of the cases, without the sets of their scans."""
    return replace(
        table,
        case_ids=tuple(table.case_ids[row] for row in rows),
        patient_ids=tuple(table.patient_ids[row] for row in rows),
        vectors={
            name: values[rows] if isinstance(values, np.ndarray) else values.take(rows)
            for name, values in table.vectors.items()
        },
        records={name: records.taken(rows) for name, records in table.records.items()},
        present=table.present[rows],
        sets={},
    )
