"""The tables of the page, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmarks.methods.cohort import CohortPlan
from benchmarks.methods.cohorts import COHORTS
from benchmarks.methods.contenders import DEFAULT, Contender
from benchmarks.methods.scoring import NATURAL

LARGEST_LOSS = 0.005
"""By how much the default may be worse than a regularised linear model."""


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1) -> str:
    """Return a table; all columns but the first ones are numbers."""
    lines = ["| " + " | ".join(head) + " |", "|---" * texts + "|--:" * (len(head) - texts) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def verdict_table(
    apart: pd.DataFrame, references: Sequence[str], small_groups: Sequence[str]
) -> str:
    """Count where the default is better and worse than each other method."""
    rows = []
    small = {plan.name for plan in COHORTS if plan.group in small_groups}
    of_others = [name for name in sorted(set(apart["method"])) if name not in references]
    for name in (*references, *of_others):
        of_method = apart[(apart["method"] == name) & (apart["availability"] != NATURAL)]
        if not len(of_method):
            continue
        lost = of_method[of_method["cohort"].isin(small) & (of_method["mean"] < -LARGEST_LOSS)]
        worst = of_method.loc[of_method["mean"].idxmin()]
        rows.append(
            (
                f"`{name}`",
                str(len(of_method)),
                f"{of_method['mean'].mean():+.3f}",
                str((of_method["low"] > 0).sum()),
                str((of_method["high"] < 0).sum()),
                str(len(lost)),
                f"{worst['mean']:+.3f} ({worst['cohort']}, {worst['availability']})",
            )
        )
    head = ["against", "rows", "mean difference", "better", "worse"]
    return markdown([*head, f"below -{LARGEST_LOSS} on small cohorts", "least"], rows)


def losses_table(apart: pd.DataFrame) -> str:
    """List where the default is further behind than it should be, the worst first."""
    lost = apart[apart["mean"] < -LARGEST_LOSS]
    rows = [
        (
            one.cohort,
            one.availability,
            f"`{one.method}`",
            f"{one.mean:+.3f}",
            f"{one.low:+.3f} to {one.high:+.3f}",
            str(one.n_folds),
        )
        for one in lost.sort_values("mean").itertuples()
    ]
    head = ["cohort", "seen", "against", "difference", "interval", "folds"]
    return markdown(head, rows, texts=3)


def auroc_table(mean: pd.DataFrame, whole: Mapping[str, str], plans: Sequence[CohortPlan]) -> str:
    """Give the AUROC of every method with all modalities."""
    methods = [name for name in _ordered(mean["method"]) if name not in _variants()]
    rows = []
    for plan in plans:
        part = mean[(mean["cohort"] == plan.name) & (mean["availability"] == whole[plan.name])]
        found = part.set_index("method")["mean"].reindex(methods)
        rows.append((plan.name, *(_bold(value, found.max()) for value in found)))
    return markdown(["cohort", *(f"`{name}`" for name in methods)], rows)


def ablation_table(ablated: pd.DataFrame, variants: Sequence[Contender]) -> str:
    """Give what the default gains over each of its variants."""
    rows = []
    for variant in variants:
        part = ablated[ablated["method"] == variant.name] if len(ablated) else ablated
        if len(part):
            least, most = (
                part.loc[place] for place in (part["mean"].idxmin(), part["mean"].idxmax())
            )
            rows.append(
                (
                    f"`{variant.name}`: {variant.says}",
                    f"{part['mean'].mean():+.4f}",
                    f"{least['mean']:+.3f} ({least['cohort']})",
                    f"{most['mean']:+.3f} ({most['cohort']})",
                    f"{(part['low'] > 0).sum()} / {(part['high'] < 0).sum()}",
                )
            )
    head = ["variant", "default minus variant", "least", "most", "default better / worse"]
    return markdown(head, rows)


def networks_table(results: pd.DataFrame) -> str:
    """Say in how many folds the default takes anything of its network, all modalities seen."""
    heads = results[(results["method"] == DEFAULT)].drop_duplicates(["cohort", "repeat", "fold"])
    rows = []
    for plan in COHORTS:
        part = heads[heads["cohort"] == plan.name]
        if len(part):
            shares = [_shares(remark) for remark in part["remark"]]
            full = [values[-1] if values else 0.0 for values in shares]
            n_cases = (
                5
                * results.loc[
                    (results["cohort"] == plan.name) & (results["availability"] == NATURAL),
                    "n_cases",
                ].mean()
            )
            used = sum(share > 0 for share in full)
            rows.append(
                (plan.name, f"{n_cases:.0f}", f"{used} of {len(full)}", f"{np.mean(full):.2f}")
            )
    return markdown(["cohort", "cases", "folds with a share", "mean share"], rows)


def seconds_table(results: pd.DataFrame) -> str:
    """Give the mean seconds of a processor for each head."""
    heads = results.drop_duplicates(["cohort", "repeat", "fold", "method"])
    seconds = heads.groupby("method")["seconds"].agg(["mean", "max"])
    rows = [
        (f"`{name}`", f"{seconds.loc[name, 'mean']:.1f}", f"{seconds.loc[name, 'max']:.1f}")
        for name in _ordered(heads["method"])
        if name not in _variants()
    ]
    note = "Linear models are fitted once for a fold and counted where they were wanted first."
    return markdown(["method", "seconds of a core a head", "most"], rows) + "\n\n" + note


def cohort_table(plans: Sequence[CohortPlan], results: pd.DataFrame) -> str:
    """Describe the cohorts."""
    rows = []
    for plan in plans:
        part = results[(results["cohort"] == plan.name) & (results["availability"] == NATURAL)]
        rows.append((plan.name, plan.group, plan.shows, f"{5 * part['n_cases'].mean():.0f}"))
    return markdown(["cohort", "group", "what it shows", "labelled cases"], rows, texts=3)


def _shares(remark: str) -> list[float]:
    return [float(one.split("=")[1]) for one in remark.split()]


def _bold(value: float, best: float) -> str:
    if np.isnan(value):
        return ""
    return f"**{value:.3f}**" if value == best else f"{value:.3f}"


def _ordered(methods: Iterable[str]) -> list[str]:
    from benchmarks.methods.contenders import every_method

    there = set(methods)
    return [one.name for one in every_method() if one.name in there]


def _variants() -> set[str]:
    from benchmarks.methods.contenders import ablations

    return {one.name for one in ablations()}
