"""Keep what `mmfeat predict` compares new cases with, while evaluation has the cohort open."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.calibration.feature_distance import FeatureDistance
from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.feature_table import FeatureTable
from mmfeat.manifest.cohort import Fold
from mmfeat.report import View
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.predicting.base_rates import base_rates
from mmfeat.stages.predicting.comparisons import Comparison
from mmfeat.stages.predicting.references import References
from mmfeat.stages.volume_encoder import volume_encoder
from mmfeat.tabular.known_values import known_values

_MOST_VECTORS = 4000
"""That distances are fitted to and measured on; more would only take longer."""


def write_references(evaluation: Evaluation) -> References:
    """Write what new cases are compared with to the run folder, and return it."""
    opened = evaluation.opened
    table = opened.table
    rows = _learnt_rows(opened.folds, table)
    found = References.of(
        base_rates=_base_rates(evaluation),
        known={name: known_values(records, rows) for name, records in table.records.items()},
        encoders=_encoders(evaluation.project),
        n_cases=len(rows),
        comparisons=_comparisons(evaluation),
        distances=_distances(table, opened.folds, seed=evaluation.settings.eval.seed),
    )
    found.save(evaluation.run)
    return found


def _learnt_rows(folds: Sequence[Fold], table: FeatureTable) -> NDArray[np.int64]:
    """Return the cases that any head learnt from, or was stopped by."""
    rows = np.unique(np.concatenate([fold.outside_test for fold in folds]))
    return np.asarray(rows[table.usable[rows]])


def _encoders(project: Project) -> dict[str, dict[str, Any]]:
    return {
        name: volume_encoder(project, modality, device="cpu").identity
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, VolumeModality)
    }


def _base_rates(evaluation: Evaluation) -> dict[tuple[str, str], NDArray[np.float64]]:
    found = {}
    for target, method in dict.fromkeys((one.target, one.method) for one in evaluation.views):
        natural = [
            cases
            for view, cases in evaluation.views.items()
            if view[:3] == (target, method, "natural")
        ]
        times = evaluation.opened.cohort.targets[target].times
        found[target, method] = base_rates(natural, () if times is None else times.horizons)
    return found


def _comparisons(evaluation: Evaluation) -> dict[tuple[str, str, str], Comparison]:
    views = evaluation.views
    wanted = dict.fromkeys((one.target, one.method, one.availability) for one in views)
    found = {}
    for target, method, availability in wanted:
        comparison = Comparison.of(views, View(target, method, "natural", availability))
        if comparison is not None:
            found[target, method, availability] = comparison
    return found


def _distances(
    table: FeatureTable, folds: Sequence[Fold], *, seed: int
) -> dict[str, FeatureDistance]:
    found = {}
    for name, vectors in table.vectors.items():
        rows = np.flatnonzero(table.has(name))
        if len(rows) > _MOST_VECTORS:
            rows = np.sort(np.random.default_rng(seed).choice(rows, _MOST_VECTORS, replace=False))
        parts = [
            (
                np.flatnonzero(np.isin(rows, fold.outside_test)),
                np.flatnonzero(np.isin(rows, fold.test)),
            )
            for fold in folds
        ]
        distance = FeatureDistance.fit(vectors[rows], parts)
        if distance is not None:
            found[name] = distance
    return found
