"""DeLong's errors and intervals of sets of predictions."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mmfeat.metrics.delong import DelongAurocs
from mmfeat.report.scored_cases import ScoredCases


def delong_json(labelled: ScoredCases, confidence: float) -> dict[str, Any]:
    """Return the AUROC of one set of predictions with DeLong's error and interval."""
    made = delong_aurocs([labelled])
    if isinstance(made, str):
        return {"reason": made}
    sizes = {name: getattr(made, name) for name in ("n_positive", "n_negative", "n_folds")}
    return {**asdict(made.auroc(0, confidence)), "confidence": confidence, **sizes}


def delong_aurocs(sets: Sequence[ScoredCases]) -> DelongAurocs | str:
    """Return DeLong's AUROCs of several sets of predictions of the same cases, or why not."""
    first = sets[0]
    if first.kind != "binary":
        return f"DeLong's test is of one AUROC, which `{first.kind}` has not"
    try:
        return DelongAurocs(
            first.labels[:, 0],
            [one.probabilities[:, 0] for one in sets],
            folds=first.folds,
            patient_ids=first.patient_ids,
        )
    except ValueError as error:
        return str(error)
