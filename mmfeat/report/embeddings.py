"""What the embeddings of one modality are like, as plain values, and what to be warned of."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.embedding_checks import (
    DuplicatePairs,
    Spectrum,
    intraclass_correlation,
    near_duplicates,
    repeated_scans,
)
from mmfeat.embedding_checks.near_duplicates import NEAR
from mmfeat.report.embedded_cases import EmbeddedCases
from mmfeat.report.embedding_origins import origin_block
from mmfeat.report.summary import ResultOptions
from mmfeat.tabular.stored_vectors import Vectors
from mmfeat.wording import counted

EMBEDDINGS_NOTE = (
    "embeddings: near-duplicates are pairs of cases whose standardised vectors are nearer than "
    f"{100 * NEAR:g} % of the distance of strangers; origins are predicted from the first "
    "principal components by a logistic regression that saw other patients; effective rank: Roy "
    "and Vetterli 2007; test_retest: cases of one patient, whom time has changed, too."
)
_SHOWN_PAIRS = 50
_MOST_POINTS = 2000
_MOST_CASES = 5000
"""Repeated cases that are compared in every column."""
_COLLAPSED_RANK = 2.0


def embeddings_block(
    vectors: Vectors, has: NDArray[np.bool_], cases: EmbeddedCases, options: ResultOptions
) -> dict[str, Any]:
    """Return what the embeddings of one modality are like.

    Args:
        vectors: ``(cases, width)``, in memory or in files.
        has: Which cases have the modality.
        cases: The cohort.
        options: How intervals are made.
    """
    rows = np.flatnonzero(has)
    if len(rows) < 2:
        return {"reason": f"{len(rows)} cases have it"}
    spectrum = Spectrum.of(vectors, rows)
    width = int(vectors.shape[1])
    most = min(width, len(rows) - 1)
    places = spectrum.projected(vectors, rows)
    return {
        "n": len(rows),
        "width": width,
        "n_constant_columns": width - spectrum.n_varying,
        "effective_rank": spectrum.effective_rank,
        "effective_rank_share": spectrum.effective_rank / most,
        "mean_cosine": None if np.isnan(spectrum.mean_cosine) else spectrum.mean_cosine,
        "collapsed": bool(width > _COLLAPSED_RANK and spectrum.effective_rank < _COLLAPSED_RANK),
        "near_duplicates": _duplicates(near_duplicates(vectors, rows, spectrum), cases),
        "predictable": [origin_block(name, places, rows, cases, options) for name in cases.origins],
        "test_retest": _test_retest(vectors, places, rows, cases, options.seed),
        "map": _map(places, rows, spectrum, cases),
    }


def embedding_warnings(modality: str, block: Mapping[str, Any]) -> list[str]:
    """Return a sentence for what makes results doubtful: leaks over a split, and collapse."""
    found = []
    duplicates = block.get("near_duplicates", {})
    if duplicates.get("n_pairs_across_split"):
        first = next(one for one in duplicates["pairs"] if one["across_split"])
        left, right = first["cases"]
        number = duplicates["n_pairs_across_split"]
        found.append(
            f"`{modality}`: almost the same feature on two sides of a split, in "
            f"{counted(number, 'pair')} of cases of different patients (first `{left}` "
            f"and `{right}`): one scan under two ids? results are too good then; give both the "
            "same patient, or take one out"
        )
    if block.get("collapsed"):
        found.append(
            f"`{modality}`: the features hardly differ between cases (effective rank "
            f"{block['effective_rank']:.1f} of {block['width']} columns); look at the scans with "
            "`mmfeat inspect`, or try another encoder"
        )
    return found


def _duplicates(found: DuplicatePairs | str, cases: EmbeddedCases) -> dict[str, Any]:
    if isinstance(found, str):
        return {"threshold": NEAR, "reason": found}
    patients = np.asarray(cases.patient_ids, dtype=object)
    left, right = found.pairs.T
    same = patients[left] == patients[right]
    apart = (cases.is_learnt[:, left] & cases.is_test[:, right]) | (
        cases.is_test[:, left] & cases.is_learnt[:, right]
    )  # (folds, pairs)
    leaks = ~same & apart.any(axis=0)
    order = np.argsort(~leaks, kind="stable")[:_SHOWN_PAIRS]  # the worst first, then the nearest
    return {
        "threshold": NEAR,
        "n_pairs": len(found.pairs),
        "n_pairs_other_patient": int((~same).sum()),
        "n_pairs_across_split": int(leaks.sum()),
        "pairs": [
            {
                "cases": [cases.case_ids[row] for row in found.pairs[pair]],
                "patients": [cases.patient_ids[row] for row in found.pairs[pair]],
                "same_patient": bool(same[pair]),
                "distance": float(found.distances[pair]),
                "cosine": float(found.cosines[pair]),
                "across_split": np.flatnonzero(apart[:, pair] & ~same[pair]).tolist(),
            }
            for pair in order
        ],
    }


def _test_retest(
    vectors: Vectors,
    places: NDArray[np.float64],
    rows: NDArray[np.int64],
    cases: EmbeddedCases,
    seed: int,
) -> dict[str, Any]:
    patients = np.asarray(cases.patient_ids, dtype=object)[rows].astype(str)
    found = repeated_scans(places, patients, seed=seed)
    if found is None:
        return {"reason": "no patient has two cases with it"}
    names, sizes = np.unique(patients, return_counts=True)
    repeated = np.flatnonzero(np.isin(patients, names[sizes > 1]))
    ordered = repeated[np.argsort(patients[repeated], kind="stable")][:_MOST_CASES]
    correlations = intraclass_correlation(vectors[rows[ordered]], patients[ordered])
    known = correlations[~np.isnan(correlations)]
    quartiles = np.quantile(known, [0.25, 0.5, 0.75]).tolist() if len(known) else [None] * 3
    return {
        **asdict(found),
        "median_icc": quartiles[1],
        "icc_quartiles": [quartiles[0], quartiles[2]],
    }


def _map(
    places: NDArray[np.float64], rows: NDArray[np.int64], spectrum: Spectrum, cases: EmbeddedCases
) -> dict[str, Any]:
    """Return the places of some cases along the first two directions, and what may colour them."""
    shown = np.unique(np.linspace(0, len(rows) - 1, _MOST_POINTS).astype(np.int64))
    of_cohort = rows[shown]
    axes = np.zeros((len(shown), 2))
    axes[:, : places.shape[1]] = places[shown][:, :2]
    explained = [*spectrum.variances[:2].tolist(), 0.0, 0.0][:2]
    labels = {
        target if output == "" else f"{target}: {output}": [
            None if np.isnan(value) else float(value) for value in values[of_cohort]
        ]
        for (target, output), values in cases.labels.items()
    }
    origins = {name: [one[row] for row in of_cohort] for name, one in cases.origins.items()}
    return {
        "cases": [cases.case_ids[row] for row in of_cohort],
        "x": axes[:, 0].round(4).tolist(),
        "y": axes[:, 1].round(4).tolist(),
        "explained": explained,
        "colours": {**origins, **labels},
    }
