# ruff: noqa: E501 - the page has lines of its own length
"""Write docs/method-benchmarks.md, its figures and its table of all numbers, from the results."""

from pathlib import Path

import pandas as pd

from benchmarks.methods.cohorts import COHORTS
from benchmarks.methods.contenders import DEFAULT, REFERENCES, ablations
from benchmarks.methods.figures import draw_ablation, draw_differences
from benchmarks.methods.scoring import NATURAL
from benchmarks.methods.statistics import by_fold, differences, estimates
from benchmarks.methods.tables import (
    ablation_table,
    auroc_table,
    cohort_table,
    losses_table,
    networks_table,
    seconds_table,
    verdict_table,
)

SMALL_GROUPS = "made-up tables", "real tables", "wide embeddings"
LINEAR = "average", "logistic"


def write_page(results: pd.DataFrame, folder: Path) -> None:
    """Write everything into the folder of the documentation."""
    variants = [one.name for one in ablations()]
    of_methods = results[~results["method"].isin(variants)]
    others = sorted(set(of_methods["method"]) - {DEFAULT})
    apart = differences(of_methods, DEFAULT, others)
    ablated = differences(results, DEFAULT, variants)
    mean = estimates(results)
    mean.round(4).to_csv(folder / "method-benchmarks.csv", index=False)
    draw_differences(apart, whole_sets(results), folder / "method-benchmarks.svg")
    if len(ablated):
        draw_ablation(ablated, folder / "method-benchmarks-terms.svg")
    (folder / "method-benchmarks.md").write_text(
        _page(results, apart, ablated, mean), encoding="utf-8"
    )


def whole_sets(results: pd.DataFrame) -> dict[str, str]:
    """Return the availability of each cohort that is all its modalities."""
    found: dict[str, str] = {}
    for cohort, availability in results[["cohort", "availability"]].drop_duplicates().values:
        if availability != NATURAL and availability.count("+") >= found.get(cohort, "").count("+"):
            found[cohort] = availability
    return found


def _page(
    results: pd.DataFrame, apart: pd.DataFrame, ablated: pd.DataFrame, mean: pd.DataFrame
) -> str:
    there = [plan for plan in COHORTS if plan.name in set(results["cohort"])]
    whole = whole_sets(results)
    n_heads = len(results.drop_duplicates(["cohort", "repeat", "fold", "method"]))
    repeats = by_fold(results).reset_index().groupby("cohort")["repeat"].nunique()
    linear = _of_linear(apart)
    hours = results.drop_duplicates(["cohort", "repeat", "fold", "method"])["seconds"].sum() / 3600
    often = " to ".join(map(str, sorted({repeats.min(), repeats.max()})))
    return f"""# What the default is worth

Every method on {len(there)} cohorts, by five-fold cross-validation by patients, repeated: {n_heads:,} heads. The default, `{DEFAULT}`, and
{_listed(REFERENCES)} were fitted in {often} divisions of each cohort, one seed each, the other methods in fewer (column `n_folds` of
[method-benchmarks.csv](method-benchmarks.csv), which has all numbers). One command makes this page again, in {hours:.1f} hours of a core, and goes on
where it was stopped: `python -m benchmarks.methods` from a checkout (`--data FOLDER` where real cohorts lie that are not ours to ship).

Features are scaled, records encoded and cells hidden as `mmfeat train` does it, with the settings that nobody has changed. AUROC is the mean over
the folds' test parts; of ten classes, the mean of one against the rest. A set of modalities is scored on the cases that have it whole, seen
through it only; *{NATURAL}* means every case with what it has. Intervals are of 95 % with the variance of Nadeau and Bengio for folds that overlap.

## The default against the others

{verdict_table(apart, REFERENCES, SMALL_GROUPS)}

A row counts every cohort and every set of modalities in it. *Better* and *worse* mean that the whole interval of the paired difference
is above or below zero.

![Difference of the default to three methods, all modalities seen](method-benchmarks.svg)

On small tables and on wide embeddings with few cases the default should never be behind a penalised linear model by more than 0.005. These are the
rows in which the mean of the folds is, of {len(linear)}:

{losses_table(linear)}

Of their intervals, {(linear["high"] < 0).sum()} lie below zero; the folds of one cohort differ by ten times as much, so it may be chance, or the price of choosing between models with few cases. About thirty other rules
for that choice were tried in other divisions of the same cohorts; none did better than the one in use by more than 0.001 on average.

## All modalities seen

{auroc_table(mean, whole, there)}

The best of a row is bold; differences within a few thousandths mean nothing. Where only one modality is seen, `{DEFAULT}`, `logistic` and
`average` give the same order of cases unless the network adds something.

## What each part is worth

{ablation_table(ablated, ablations())}

Mean differences over {_n_ablated(ablated)} cohorts of the default and a variant of it, all sets of modalities. `no-cell-dropout` is not the default although nothing is lost without it
here, where tests have the cells that training had: hiding cells is for the patients whose record has more gaps than those of the training part. Variants that were *tried* are not in the default: one belongs
there only if its difference is clearly below zero.

How much a joint linear model is believed before the cases speak (two numbers in `mmfeat/fusion/linear_models/anchor.py`) was chosen on these cohorts, in other divisions than those
counted here; whatever it is within wide limits, the mean over the cohorts moves by 0.001. The settings of `boosting` were chosen on `nuclei` and `diabetes`.

![The default minus its variants](method-benchmarks-terms.svg)

## When the network has a say

{networks_table(results)}

The share of the network is chosen on patients it has not seen, and is zero unless it clearly helps there.

## Time

{seconds_table(results)}

## The cohorts

{cohort_table(there, results)}
"""


def _of_linear(apart: pd.DataFrame) -> pd.DataFrame:
    """Return the differences to linear models on small cohorts."""
    small = {plan.name for plan in COHORTS if plan.group in SMALL_GROUPS}
    counted = apart["cohort"].isin(small) & apart["method"].isin(LINEAR)
    return apart[counted & (apart["availability"] != NATURAL)]


def _n_ablated(ablated: pd.DataFrame) -> int:
    return ablated["cohort"].nunique() if len(ablated) else 0


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"`{name}`" for name in names]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1]
