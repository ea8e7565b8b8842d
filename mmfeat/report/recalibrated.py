"""Test parts whose probabilities are recalibrated by what their folds' validation parts show."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mmfeat.calibration import RECALIBRATIONS, Identity, Recalibrator, fit_recalibrator
from mmfeat.report.scored_cases import ScoredCases, joined
from mmfeat.report.view_pairs import ViewPair

FEWEST_CASES = 20
"""A set of modalities that fewer validation cases have whole is recalibrated as all cases are."""
FEWEST_OF_A_LABEL = 5
"""An output with fewer positive or fewer negative cases stays as it is: a few cases that happen to
be in order would make every prediction as good as certain."""

Recalibrators = Mapping[int, Mapping[str, Recalibrator]]
"""For each fold, those of each set of modalities."""


def fitted_recalibrator(
    method: str, of_view: ScoredCases | None, natural: ScoredCases | None
) -> Recalibrator:
    """Fit to the cases of one view, or to all cases as they come where the view has too few.

    Args:
        method: ``temperature`` or ``isotonic``.
        of_view: Validation cases seen through one set of modalities.
        natural: All validation cases of the fold, with what they have.
    """
    for cases in (of_view, natural):
        if cases is not None and cases.kind == "regression":
            return Identity("numbers are not recalibrated")
        labelled = None if cases is None else cases.labelled()
        if labelled is not None and len(labelled) >= FEWEST_CASES:
            n_outputs = len(labelled.yes_or_no)
            labels = labelled.labels[:, :n_outputs].copy()
            if labelled.kind != "multiclass":
                rarer = np.minimum((labels == 0).sum(axis=0), (labels == 1).sum(axis=0))
                labels[:, rarer < FEWEST_OF_A_LABEL] = np.nan
            return fit_recalibrator(
                method, labelled.probabilities[:, :n_outputs], labels, kind=labelled.kind
            )
    return Identity(f"fewer than {FEWEST_CASES} cases with a label in the validation part")


def fit_all(pairs: Sequence[ViewPair]) -> dict[str, dict[str, Recalibrators]]:
    """Fit every recalibration to every view of a target: by method of the heads, and by its name.

    Args:
        pairs: Every set of predictions of the target.
    """
    if not pairs or pairs[0].kind == "regression":
        return {}
    return {
        method: {
            name: _fit_method(name, [pair for pair in pairs if pair.method == method])
            for name in RECALIBRATIONS
        }
        for method in dict.fromkeys(pair.method for pair in pairs)
    }


def _fit_method(name: str, pairs: Sequence[ViewPair]) -> dict[int, dict[str, Recalibrator]]:
    simulated = {pair.name: pair for pair in pairs if pair.regime == "simulated"}
    natural = next((pair for pair in pairs if pair.regime == "natural"), None)
    folds = sorted({fold for pair in pairs for fold in pair.validation})
    names = dict.fromkeys([*simulated, *([] if natural is None else natural.test)])
    return {
        fold: {
            seen: fitted_recalibrator(
                name,
                simulated[seen].validation_cases(fold) if seen in simulated else None,
                natural.validation_cases(fold) if natural is not None else None,
            )
            for seen in names
        }
        for fold in folds
    }


def recalibrated(pair: ViewPair, recalibrators: Recalibrators) -> ScoredCases:
    """Return the labelled test cases, each recalibrated as its fold and its modalities want it."""
    changed = [
        _changed(cases, {fold: of_fold.get(name) for fold, of_fold in recalibrators.items()})
        for name, cases in pair.test.items()
    ]
    return joined(changed).labelled()


def _changed(cases: ScoredCases, by_fold: Mapping[int, Recalibrator | None]) -> ScoredCases:
    probabilities, n_outputs = cases.probabilities.copy(), len(cases.yes_or_no)
    for fold in np.unique(cases.folds):
        recalibrator = by_fold.get(int(fold))
        if recalibrator is not None:
            rows = cases.folds == fold
            probabilities[rows, :n_outputs] = recalibrator.apply(probabilities[rows, :n_outputs])
    return replace(cases, probabilities=probabilities)
