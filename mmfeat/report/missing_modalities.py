"""How performance falls as more and more of the cases lose one modality."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.report.curves import LATE_FUSION, curves_json, same_cases
from mmfeat.report.scored_cases import ScoredCases, View
from mmfeat.report.summary import ResultOptions, counts

MISSING_MODALITIES_NOTE = (
    "missing_modalities: of the cases that have everything, each share is seen without one "
    "modality, and the others with everything. Who loses it hangs on the case's id and eval.seed "
    "alone; who lacks it at a share lacks it at every larger one. relative: the mean height of the "
    "curve; effective: the mean gain over late fusion (`average`), once both begin at the same "
    "point (MultiBench, Liang et al. 2021)."
)


def missing_modalities_block(
    views: Mapping[View, ScoredCases],
    *,
    modalities: Sequence[str],
    shares: Sequence[float],
    options: ResultOptions,
) -> dict[str, Any]:
    """Return the curves of one target, for each modality that is lost and each method.

    Args:
        views: Predictions of one target's test parts.
        modalities: All modalities, in order.
        shares: Shares of the cases that lose it, rising, above 0 and up to 1; none is off.
        options: How intervals are made, and the seed of who loses it.
    """
    if len(modalities) < 2:
        return {"reason": f"`{modalities[0]}` is the only modality; without it nothing is left"}
    if not shares:
        return {"reason": "switched off by eval.missing_modalities"}
    simulated = {
        (view.method, view.availability): cases.labelled()
        for view, cases in views.items()
        if view.regime == "simulated"
    }
    full = "+".join(modalities)
    methods = [method for method, name in simulated if name == full]
    if not methods or not len(simulated[methods[0], full]):
        return {"reason": f"no case of a test part has a label and all of {', '.join(modalities)}"}
    first = simulated[methods[0], full]
    lost = {}
    for modality in modalities:
        order = losing_order(first.case_ids, f"{options.seed} {modality}")
        without = "+".join(name for name in modalities if name != modality)
        curves = {
            method: {
                share: _seen(simulated[method, full], simulated[method, without], order < share)
                for share in (0.0, *shares)
            }
            for method in methods
            if same_cases(first, simulated[method, full])
        }
        lost[modality] = _of_modality(curves, order, options)
    reference = LATE_FUSION if LATE_FUSION in methods else None
    return {"reference": reference, "lost": lost}


def losing_order(case_ids: Sequence[str] | NDArray[np.object_], salt: str) -> NDArray[np.float64]:
    """Return the share from which on each case has lost the modality, from 0 to below 1.

    They are places in an order by digests of the ids, so every share is met to within one case.

    Example:
        >>> sorted(losing_order(["a", "b", "c", "d"], "0 ct").tolist())
        [0.0, 0.25, 0.5, 0.75]
    """
    digests = [hashlib.sha256(f"{salt} {case_id}".encode()).digest() for case_id in case_ids]
    places = np.empty(len(digests))
    places[sorted(range(len(digests)), key=digests.__getitem__)] = np.arange(len(digests))
    return places / max(len(digests), 1)


def _seen(full: ScoredCases, without: ScoredCases, is_lost: NDArray[np.bool_]) -> ScoredCases:
    """Return the predictions of all cases, some of which are seen without a modality."""
    rows = np.searchsorted(without.case_ids, full.case_ids)  # whoever has all has the others
    probabilities = np.where(is_lost[:, None], without.probabilities[rows], full.probabilities)
    return replace(full, probabilities=probabilities)


def _of_modality(
    curves: Mapping[str, Mapping[float, ScoredCases]],
    order: NDArray[np.float64],
    options: ResultOptions,
) -> dict[str, Any]:
    found = curves_json(curves, dict.fromkeys(curves, LATE_FUSION), options)
    for of_method in found.values():
        for point in of_method["points"]:
            point["lost"] = float((order < point["share"]).mean())
    return {**counts(next(iter(curves.values()))[0.0]), "methods": found}
