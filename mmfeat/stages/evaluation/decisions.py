"""What becomes of probabilities after training: thresholds, recalibration, decisions, errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.provenance import write_json
from mmfeat.report.decision_curve import DECISION_CURVE_NOTE, decision_curve_block
from mmfeat.report.operating_points import OPERATING_POINTS_NOTE, operating_points_block
from mmfeat.report.recalibrated import Recalibrators, fit_all
from mmfeat.report.recalibration import RECALIBRATION_NOTE, recalibration_block
from mmfeat.report.view_pairs import ViewPair, view_pairs
from mmfeat.report.worst_cases import WORST_CASES_NOTE, worst_cases_block
from mmfeat.stages.evaluation.evaluation import Evaluation
from mmfeat.stages.predicting.calibration_file import CALIBRATION_FILE

DECISION_NOTES = (
    OPERATING_POINTS_NOTE,
    RECALIBRATION_NOTE,
    DECISION_CURVE_NOTE,
    WORST_CASES_NOTE,
)


def add_decisions(results: dict[str, Any], evaluation: Evaluation) -> None:
    """Add the blocks of every target that begin where its probabilities are there.

    What is fitted to validation parts is written to ``calibration.json`` in the run.
    """
    kept = {}
    evaluation.progress.start("decisions", len(results["targets"]))
    for target, of_target in results["targets"].items():
        pairs = list(
            view_pairs(
                evaluation.views_of(target),
                evaluation.validation,
                methods=list(of_target["methods"]),
                modalities=list(evaluation.settings.modalities),
            )
        )
        fitted = fit_all(pairs)
        of_target |= _blocks(pairs, fitted, evaluation)
        kept[target] = {method: _by_availability(one) for method, one in fitted.items()}
        evaluation.progress.advance(note=target)
    results["notes"] += DECISION_NOTES
    chosen = evaluation.settings.eval.recalibration
    write_json(evaluation.run / CALIBRATION_FILE, {"chosen": chosen, "targets": kept})


def _blocks(
    pairs: Sequence[ViewPair],
    fitted: Mapping[str, Mapping[str, Recalibrators]],
    evaluation: Evaluation,
) -> dict[str, Any]:
    settings, options = evaluation.settings.eval, evaluation.options
    chosen = settings.recalibration
    used = {method: one[chosen] for method, one in fitted.items() if chosen in one}
    return {
        "operating_points": operating_points_block(
            pairs, rules=settings.operating_points, options=options
        ),
        "recalibration": recalibration_block(pairs, fitted, chosen=chosen, options=options),
        "decision_curve": decision_curve_block(pairs, used, options=options),
        "worst_cases": worst_cases_block(pairs, most=settings.worst_cases),
    }


def _by_availability(fitted: Mapping[str, Recalibrators]) -> dict[str, Any]:
    """Return plain values: by availability, by fold, by the name of the recalibration."""
    found: dict[str, Any] = {}
    for name, of_folds in fitted.items():
        for fold, of_fold in of_folds.items():
            for availability, recalibrator in of_fold.items():
                of_availability = found.setdefault(availability, {})
                of_availability.setdefault(str(fold), {})[name] = recalibrator.to_json()
    return found
