"""Refuse to compare runs that were evaluated on other cases, or by other labels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import EvalError
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.wording import first_few, ticked

_SHOWN = 3


def check_same_target(targets: Mapping[str, Mapping[str, Any]], shared: Sequence[str]) -> None:
    """Refuse runs without a common target, or in which one has another kind or other outputs.

    Args:
        targets: The targets of each run's results, by the run's name.
        shared: Targets that every run has.

    Raises:
        EvalError: A comparison would make no sense; runs and targets are named.
    """
    if not shared:
        known = "; ".join(f"{name}: {', '.join(one)}" for name, one in targets.items())
        raise EvalError(f"the runs have no target in common ({known}); name runs of one question")
    first = next(iter(targets))
    for name, of_run in targets.items():
        for target in shared:
            for what in ("kind", "outputs"):
                wanted, found = targets[first][target][what], of_run[target][what]
                if wanted != found:
                    raise EvalError(
                        f"{name}: target `{target}` has {what} {_listed(found)}, but {first} has "
                        f"{_listed(wanted)}; evaluate both with the same target"
                    )


def check_same_cases(sets: Mapping[tuple[str, str], ScoredCases], where: str) -> None:
    """Refuse sets of predictions, by run and method, of other cases, patients or labels.

    Raises:
        EvalError: Cases are in one only, or differ; the first of them are named.
    """
    for (run, method), cases in sets.items():
        (first, of_first), reference = next(iter(sets.items()))
        for here, there, ids in (
            (run, first, np.setdiff1d(cases.case_ids, reference.case_ids)),
            (first, run, np.setdiff1d(reference.case_ids, cases.case_ids)),
        ):
            if len(ids):
                raise EvalError(
                    f"{where}: {_named(ids)} predicted and labelled in {here}, but not in {there} "
                    f"(methods {method} and {of_first}); compare runs of the same cases"
                )
        for what in ("patient_ids", "labels"):
            left, right = (getattr(one, what) for one in (cases, reference))
            other = _differs(left, right)
            if other.any():
                noun = {"patient_ids": "another patient", "labels": "another label"}[what]
                raise EvalError(
                    f"{where}: {_named(cases.case_ids[other])} of {noun} in {run} than in {first}; "
                    "compare runs of the same manifest"
                )


def _differs(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.bool_]:
    """Say of each case whether anything of it differs; unknown is the same as unknown."""
    other = left != right
    if other.ndim > 1:
        other = (other & ~(np.isnan(left) & np.isnan(right))).any(axis=1)
    return np.asarray(other, dtype=bool)


def _named(ids: NDArray[np.object_]) -> str:
    """Say how many cases there are, and name the first ones."""
    shown = first_few(ticked(ids), _SHOWN)
    return f"{len(ids)} cases ({shown}) are" if len(ids) > 1 else f"case {shown} is"


def _listed(value: Any) -> str:  # noqa: ANN401 - of results.json
    return f"`{value}`" if isinstance(value, str) else ", ".join(f"`{one}`" for one in value)
