"""Who came in, who was left out and why, and who was evaluated: the block ``cohort_flow``."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.config.modalities import VolumeModality
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.report import ScoredCases, View
from mmfeat.stages.evaluation.characteristics import characteristics
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.extraction.status import ModalityStatus, status
from mmfeat.stages.training.open_run import OpenRun


def cohort_flow(evaluation: Evaluation) -> dict[str, Any]:
    """Count cases and patients on their way from the manifest to the test parts.

    ``availability`` counts the cases with exactly these modalities; the empty text is those that
    have nothing that can be used, which are neither trained on nor tested.

    Args:
        evaluation: The run as it was opened, and its predictions.
    """
    opened = evaluation.opened
    cohort, table = opened.cohort, opened.table
    named = np.array(table.modalities)
    found = Counter("+".join(named[row]) for row in table.present)
    return {
        "n_cases": len(cohort),
        "n_patients": len(set(cohort.patient_ids)),
        "modalities": _modalities(evaluation.project, opened),
        "availability": dict(found.most_common()),
        "targets": {
            name: _target(cohort, name, views)
            for name in evaluation.settings.cohort.targets
            if (views := evaluation.views_of(name))
        },
        "folds": [_parts(cohort, fold) for fold in opened.folds],
        "characteristics": characteristics(opened),
        "notes": [*cohort.notes, *table.notes],
    }


def _modalities(project: Project, opened: OpenRun) -> dict[str, Any]:
    """Count the cases that were to have each modality, and those that have it in the end."""
    standing = {one.name: one for one in status(project).modalities}
    counted: dict[str, Any] = {}
    for name, modality in project.settings.modalities.items():
        n_usable = int(opened.table.has(name).sum())
        counted[name] = {"kind": modality.kind, "n_given": n_usable, "n_usable": n_usable}
        if isinstance(modality, VolumeModality):
            sources = opened.cohort.sources[name]
            counted[name] |= {
                "n_given": sum(len(scans) > 0 for scans in sources),
                "n_scans": sum(map(len, sources)),
                **_scans_left_out(standing[name]),
            }
    return counted


def _scans_left_out(standing: ModalityStatus) -> dict[str, Any]:
    return {
        "n_failed": len(standing.cases["failed"]),
        "n_rejected": len(standing.cases["rejected"]),
        "reasons": [
            {"reason": group.reason, "n": group.n_cases, "example": group.example}
            for group in standing.reasons
        ],
    }


def _target(cohort: Cohort, name: str, views: Mapping[View, ScoredCases]) -> dict[str, Any]:
    """Count the labels of a target, and the labelled cases of test parts that were predicted."""
    target = cohort.targets[name]
    method = next(iter(views)).method
    tested = [
        len(cases.labelled())
        for view, cases in views.items()
        if (view.method, view.regime) == (method, "natural")
    ]
    n_known = int(target.known.sum())
    return {
        "kind": target.kind,
        "n_labelled": n_known,
        "n_unlabelled": len(cohort) - n_known,
        "n_evaluated": sum(tested),
    }


def _parts(cohort: Cohort, fold: Fold) -> dict[str, dict[str, int]]:
    parts = {"train": fold.train, "validation": fold.val, "test": fold.test}
    return {name: _sizes(cohort, rows) for name, rows in parts.items()}


def _sizes(cohort: Cohort, rows: NDArray[np.int64]) -> dict[str, int]:
    patients = {cohort.patient_ids[row] for row in rows}
    return {"n_cases": len(rows), "n_patients": len(patients)}
