"""The ways in which cells of records are hidden from heads that are evaluated."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.report import LEAST_FIRST, MOST_FIRST, RANDOM
from mmfeat.stages.training.scenes import Scene
from mmfeat.tabular.column_importance import column_importance
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS, HidingOrder, random_order
from mmfeat.tabular.hidden_columns import ColumnOrder, column_order
from mmfeat.tabular.records import RecordTable

Importance = Mapping[str, NDArray[np.float64]]
"""For each modality of records, how much each column tells: ``(columns,)``."""


def importance_of_columns(scene: Scene) -> dict[str, NDArray[np.float64]]:
    """Return how much each column of each record tells of the scene's labels.

    Only the fold's training part is looked at, in which columns are encoded as for heads. Of a time
    to an event the labels are whether it came by each horizon; of several targets that are learnt
    together it is the mean over all their labels.
    """
    table, train = scene.opened.table, scene.fold.train
    labels = np.hstack([_labels(scene, name)[train] for name in scene.outcomes])
    found = {}
    for modality, records in table.records.items():
        if len(records.columns) < FEWEST_COLUMNS:
            continue
        has = table.has(modality)[train]
        encoder = scene.features.fitted.records[modality]
        encoded = encoder.transform(records.taken(train[has]))
        found[modality] = column_importance(encoded, encoder.column_of, labels[has])
    return found


def importance_frame(scene: Scene, importance: Importance) -> pd.DataFrame:
    """Return the same as rows: target, modality, fold, column and importance.

    There are none of targets that are learnt together, each of which has a scene of its own.
    """
    rows = [
        (target, modality, scene.number, column, float(value))
        for target in (scene.outcomes if len(scene.outcomes) == 1 else ())
        for modality, values in importance.items()
        for column, value in zip(scene.opened.table.records[modality].columns, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["target", "modality", "fold", "column", "importance"])


def hiding_orders(
    records: RecordTable,
    case_ids: Sequence[str],
    *,
    seed: int,
    importance: NDArray[np.float64] | None,
) -> Iterator[tuple[str, HidingOrder | ColumnOrder]]:
    """Give each way in which cells go missing, by its name.

    Args:
        records: The records of some cases.
        case_ids: Their ids.
        seed: Of the cells that are hidden at random.
        importance: How much each column tells; None leaves whole columns in their place.
    """
    yield RANDOM, random_order(records, case_ids, seed=seed)
    if importance is not None:
        yield MOST_FIRST, column_order(records, -importance)
        yield LEAST_FIRST, column_order(records, importance)


def _labels(scene: Scene, target: str) -> NDArray[np.float64]:
    values = scene.opened.cohort.targets[target]
    truth = scene.outcomes[target].truth(values.values)
    return truth[:, :-1] if values.kind == "time_to_event" else truth
