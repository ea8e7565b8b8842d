"""Whether it can be told from embeddings where scans were made, and whether that matters."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.embedding_checks import origin_scores
from mmfeat.metrics import MulticlassMetrics, bootstrap
from mmfeat.metrics.association import association_of_classes
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.report.embedded_cases import EmbeddedCases
from mmfeat.report.summary import ResultOptions

_MOST_CASES = 5000
_FEWEST_OF_ORIGIN = 10
_MOST_PERMUTATIONS = 500


def origin_block(
    name: str,
    places: NDArray[np.float64],
    rows: NDArray[np.int64],
    cases: EmbeddedCases,
    options: ResultOptions,
) -> dict[str, Any]:
    """Say how well one origin of the cases can be told from their embeddings.

    Args:
        name: Of the origin.
        places: Along principal directions: ``(rows, components)``.
        rows: Row numbers of the cases.
        cases: The cohort.
        options: How intervals are made.
    """
    texts = np.array(["" if one is None else one for one in cases.origins[name]], object)[rows]
    names, sizes = np.unique(texts[texts != ""].astype(str), return_counts=True)
    names = names[sizes >= _FEWEST_OF_ORIGIN]
    if len(names) < 2:
        reason = f"fewer than two of them have {_FEWEST_OF_ORIGIN} cases"
        return {"name": name, "n_groups": len(names), "reason": reason}
    kept = np.flatnonzero(np.isin(texts.astype(str), names))
    chosen = kept[np.unique(np.linspace(0, len(kept) - 1, _MOST_CASES).astype(np.int64))]
    label = np.searchsorted(names, texts[chosen].astype(str))
    patients = np.asarray(cases.patient_ids, dtype=object)[rows[chosen]]
    scores, folds = origin_scores(places[chosen], label, patients.astype(str), seed=options.seed)
    metrics = MulticlassMetrics(label, scores, classes=list(names), folds=folds)
    found = bootstrap(
        {name: metrics},
        patients,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    return {
        "name": name,
        "n": len(chosen),
        "n_groups": len(names),
        "chance": 1 / len(names),
        **{
            metric: found.estimate(name, MetricKey(metric)).to_json()
            for metric in ("auroc", "balanced_accuracy")
        },
        "associated_with": _associated(texts[chosen], rows[chosen], cases, options),
    }


def _associated(
    texts: NDArray[np.object_],
    rows: NDArray[np.int64],
    cases: EmbeddedCases,
    options: ResultOptions,
) -> list[dict[str, Any]]:
    """Say whether labels differ between the origins, which makes them worth learning."""
    patients = np.asarray(cases.patient_ids, dtype=object)[rows].astype(str)
    entries = []
    for (target, output), values in cases.labels.items():
        known = ~np.isnan(values[rows])
        found = association_of_classes(
            texts[known].astype(str),
            values[rows][known],
            patients[known],
            n_permutations=min(options.n_resamples, _MOST_PERMUTATIONS),
            seed=options.seed,
        )
        if found is not None:
            entry = {"target": target, "output": output}
            entries.append({**entry, "cramers_v": found.cramers_v, "p": found.p})
    return entries
